"""``python -m simulation.crowd --url http://127.0.0.1:8080 --demand FILE``: play a store's day against a live server."""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from pathlib import Path

from simulation.crowd.demand import BadDemand, load
from simulation.crowd.history import History
from simulation.crowd.play import Play, Tally


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m simulation.crowd", description="Shoppers and salespeople for a live store.")
    parser.add_argument("--url", required=True, help="where the server is")
    parser.add_argument("--demand", type=Path, required=True, help="TOML file: who comes and who works")
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same people")
    parser.add_argument("--minutes", type=float, help="stop after this much store time; without it the rest of the day is played")
    parser.add_argument("--history", type=Path, help="write every request and answer there, as JSON lines")
    return parser.parse_args(arguments)


async def play(chosen: argparse.Namespace) -> Tally:
    """Play until the end, or until asked to stop (then what happened so far is returned)."""
    with History(chosen.history) as history:
        crowd = Play(chosen.url, load(chosen.demand), chosen.seed, history)
        task = asyncio.create_task(crowd.run(chosen.minutes))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return crowd.tally


def main() -> int:
    """Exit code 0 when the crowd made no mistake of its own, 1 when it did, 2 for a bad file."""
    try:
        tally = asyncio.run(play(options()))
    except BadDemand as error:
        sys.stderr.write(f"{error}\n")
        return 2
    report = {
        "came": tally.came, "turned_away": tally.turned_away, "outcomes": dict(tally.outcomes.most_common()),
        "latest_start_s": round(tally.late_s, 3), "errors": tally.errors[:20],
    }  # fmt: skip
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 1 if tally.errors else 0


if __name__ == "__main__":
    sys.exit(main())
