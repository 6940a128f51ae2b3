"""No row of a Visits CSV, however it came about, ends the reader, the facts or the replay with a traceback."""

import io
import json
from random import Random

import pytest

from simulation.past.replay import replay
from simulation.past.visits import COLUMNS, OUTCOMES, TIMES, facts, parse

FILES, ROWS = 80, 80
ODD = (
    "", " ", "0", "1", "-1", "7", "999999999999999999999", "nan", "inf", "1e400", "é", "日本", "٣", "a" * 201, "x\x00y", "\u2028", "\udcff",
    "a,b", "unknown-001", "unknown-002", "card", "twin", "None", "9999-12-31", "0001-01-01", "2200-12-31", "1970-01-01", "2026-W47-6",
    "20261121", "2026-02-30", "9999-12-31T23:59:59", "0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-11-21T24:00", "2026-11-21T10:00:00.999999", "2026-11-21T10:00:00+23:59", "2026-11-21T10:00:00-23:59", "2026-11-22T23:59:59",
    "10:00", "2026-11-21",
)  # fmt: skip


def a_row(random: Random) -> dict[str, str]:
    """A step that can be right, of one of few tickets, services and salespeople: so they meet."""
    at, outcome = random.uniform(0, 40_000), random.choice(OUTCOMES)
    served = outcome == "answered" or (outcome != "left" and random.random() < 0.3)
    times = [at]
    for _ in range(3):
        times.append(times[-1] + random.choice((0, 0, 1, 60, 1_000, 20_000)))
    joined, called, started, ended = (f"2026-11-21T{int(t) // 3600:02d}:{int(t) // 60 % 60:02d}:{int(t) % 60:02d}" for t in times)
    end = ended if outcome == "left" or random.random() < 0.5 else ""
    return dict(zip(COLUMNS, (
        "2026-11-21", f"T{random.randrange(20)}", str(random.randrange(1, 5)), random.choice("abc"), random.choice(("", "0", "1", "card")),
        joined, called if served else "", started if served else "", ended if served else "", "" if served else end, outcome,
        random.choice(("", "lea", "max", "unknown-001")) if served else "",
    ), strict=True))  # fmt: skip


def mutated(random: Random, row: dict[str, str]) -> list[str]:
    """Up to three fields emptied, replaced, exchanged or shifted to another offset; sometimes one too many or too few."""
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        name, other = random.choice(COLUMNS), random.choice(COLUMNS)
        match random.randrange(5):
            case 0:
                row[name] = ""
            case 1:
                row[name] = random.choice(ODD)
            case 2:
                row[name], row[other] = row[other], row[name]
            case 3:
                row["outcome"] = random.choice(OUTCOMES)
            case _:
                for time in TIMES:
                    row[time] += random.choice(("+00:00", "+02:00", "-23:59", "+23:59")) if row[time] else ""
    fields = list(row.values())
    return [*fields, "more"] if random.random() < 0.01 else fields[:-1] if random.random() < 0.01 else fields


def lines(random: Random) -> str:
    """A file of such rows; quotes are where the fields need them."""
    out = [",".join(COLUMNS)]
    for _ in range(random.choice((1, 2, ROWS, ROWS))):
        out.append(",".join(f'"{f}"' if "," in f else f for f in mutated(random, a_row(random))))
    return "\n".join(out) + "\n"


@pytest.mark.parametrize("seed", range(FILES))
def test_no_row_ends_in_a_traceback_and_both_accounts_add_up(seed: int) -> None:
    text = lines(Random(seed))
    visits = parse(io.StringIO(text))
    kept = list(facts(visits, "Europe/Paris"))
    assert len({(day, fact.ticket, fact.step) for day, fact in kept}) == len(kept) == len(visits.rows)
    assert len(visits.rows) + sum(not p.kept for p in visits.problems) == text.count("\n") - 1
    report = replay(visits)
    json.dumps(report, allow_nan=False)
    for day in report["days"]:
        assert day["recorded"]["joined"] == day["decided"]["joined"] == day["visits"]
        for side in (day["recorded"], day["decided"]):
            assert sum(side["shares"].values()) == pytest.approx(1.0, abs=1e-12)
