"""``avous demo``: a store's afternoon, live, on this machine, with nothing to prepare.

The server runs in a process of its own on a fresh SQLite file, the crowd in another. Both are ended, by
their ids, when the demonstration ends: Ctrl-C, a closed terminal, or ``--minutes``.
"""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any, NoReturn

import typer

from server.cli_demo.processes import Trouble, default_port
from server.cli_demo.show import Show
from server.cli_demo.store import store_file


def demo(  # noqa: PLR0913  # typer makes each option of a verb from one argument
    *,
    speed: Annotated[
        float, typer.Option(min=1, max=60, help="Store minutes per real minute. 5 leaves time to play along; 60 shows a day.")
    ] = 5.0,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on (default 8080, or a free one).")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets real phones on the same Wi-Fi join.")] = "127.0.0.1",
    store: Annotated[
        str, typer.Option(help="A store of the project (volt) or a store file; its crowd is NAME.crowd.toml beside it.")
    ] = "volt",
    start: Annotated[
        str | None, typer.Option(help="Time of day at which it begins (default 14:40; before opening from speed 30 on).")
    ] = None,
    minutes: Annotated[float | None, typer.Option(min=0.05, help="End by itself after so many real minutes.")] = None,
    crowd: Annotated[bool, typer.Option(help="Shoppers and salespeople that play the day.")] = True,
    past_days: Annotated[int, typer.Option(min=0, max=84, help="Days of simulated history the store begins with; 0: a new store.")] = 28,
    seed: Annotated[int, typer.Option(help="The same seed draws the same shoppers.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the addresses as one JSON object.")] = False,
) -> None:
    """Watch a store's line live: kiosk, phones, board, staff app, manager's floor and a crowd that uses them."""
    try:
        with ExitStack() as stack:
            stack.enter_context(_ending_on_signals())
            show = Show(stack, store_file(store), speed, host, port or default_port(host), start, seed)
            show.open(crowd, past_days, as_json=json)
            show.last(minutes)
    except Trouble as trouble:
        typer.echo(f"avous demo: {trouble}", err=True)
        raise typer.Exit(trouble.code) from None
    except KeyboardInterrupt:
        typer.echo("\nThe demonstration is over.", err=True)


@contextmanager
def _ending_on_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demonstration as Ctrl-C does."""

    def stop(number: int, frame: Any) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
