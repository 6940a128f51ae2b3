"""``avous``: every verb, one command line. What a verb needs is imported when it runs, so that ``--help`` is instant.

Exit code 0: done. 1: a bad result. 2: bad usage or bad input, with one clear sentence. Errors of our own
that are ValueErrors are such sentences; anything else is a bug and keeps its traceback.
"""

import gc
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

OURS = ("server", "simulation", "kiosk", "staff_app", "__main__")

LATER: dict[str, tuple[str, str, str]] = {
    "demo": ("server.cli_demo", "demo", "A store's day, live: a server, a crowd, and the addresses of every face."),
    "simulate": ("simulation.cli", "simulate", "Play a scenario many times and report its waits, with confidence intervals."),
    "whatif": ("simulation.cli", "whatif", "Compare a scenario with changes to it, on the same random days."),
    "staff": ("simulation.cli_staff", "staff", "The fewest paid hours that keep the unanswered share under a target."),
    "replay": ("simulation.cli", "replay", "Put recorded visits through the rules, day by day."),
    "scenario": ("server.cli_history", "scenario", "Write a scenario learned from a store's history or from recorded visits."),
    "forecast": ("server.cli_history", "forecast", "Foretell how many shoppers come when, and how well that would have gone."),
    "sweep": ("simulation.cli_sweep", "sweep", "simulate, whatif or staff for many scenarios, on processes or Dask."),
}
"""Verbs of other rooms: module, function or typer app, and what ``avous --help`` says about it."""


BENCHES: dict[str, tuple[str, str, str]] = {
    "waits": ("simulation.bench.waits", "bench_waits", "How good the wait estimates are, beside six others."),
    "live": ("server.bench_live", "bench_live", "How fast commands are decided, stored and shown."),
    "journal": ("server.bench_journal", "bench_journal", "How fast the journal takes events."),
    "twin": ("simulation.bench.twin", "bench_twin", "How fast days are simulated, and how right."),
    "staff": ("simulation.bench.staff", "bench_staff", "How many paid hours the rosters save against textbook rules."),
    "alarms": ("simulation.bench.alarms", "bench_alarms", "Whether alarms on the future are right, and in time."),
}
"""What ``avous bench`` can measure, likewise."""


class BadUsage(ValueError):
    """What was typed, or set, cannot be used; the text says why in one sentence."""


class Verbs(TyperGroup):
    """The verbs of this file, and those of other rooms, which are imported when they are used."""

    later = LATER

    def list_commands(self, ctx: Any) -> list[str]:
        """All verbs, in the order of the alphabet."""
        return sorted({*super().list_commands(ctx), *self.later})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb, imported now if it has to be."""
        if cmd_name in self.later:
            return load(cmd_name, *self.later[cmd_name])
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of verbs, without importing any."""
        rows = []
        for name in self.list_commands(ctx):
            own = super().get_command(ctx, name)
            rows.append((name, self.later[name][2] if name in self.later else own.get_short_help_str(100) if own else ""))
        with formatter.section("Verbs"):
            formatter.write_dl(rows)


class Benches(Verbs):
    """The same for ``avous bench``."""

    later = BENCHES


app = typer.Typer(
    cls=Verbs, no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="À Vous: the waiting line of a store, on the shopper's phone and in the salesperson's hand.",
)  # fmt: skip

bench = typer.Typer(cls=Benches, no_args_is_help=True, rich_markup_mode=None, help="Measure how good and how fast À Vous is.")
app.add_typer(bench, name="bench")

Database = Annotated[
    str | None,
    typer.Option(help="Where the journal lives: sqlite:///FILE or postgresql://USER@HOST/NAME. Else AVOUS_DATABASE.", show_default=False),
]
StoreFiles = Annotated[list[Path] | None, typer.Option("--store", help="A store's TOML file; may be repeated. Else AVOUS_STORES.")]
WHOM = "a ticket's id, a phone number, an e-mail address, a first name as it was given, or staff:ID (of several stores: staff:STORE/ID)"
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


@app.callback()
def about() -> None:
    """À Vous: the waiting line of a store, on the shopper's phone and in the salesperson's hand."""


@app.command()
def serve(
    database: Database = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on; 0 takes a free one.", show_default=False)] = None,
    store: StoreFiles = None,
    workers: Annotated[int | None, typer.Option(help="Processes that share the port (PostgreSQL only).", show_default=False)] = None,
    public_url: Annotated[str | None, typer.Option(help="How phones reach this server.", show_default=False)] = None,
    demo: Annotated[bool | None, typer.Option("--demo", help="A demonstration: PINs of the store file count.", show_default=False)] = None,
    demo_speed: Annotated[float | None, typer.Option(help="Times faster than the clock, in a demonstration.", show_default=False)] = None,
) -> None:
    """Serve the stores until stopped."""
    gc.disable()  # while everything is loaded nothing is garbage; the server's own collector goes on from there
    settings = _settings(
        database=database, host=host, port=port, stores=store, workers=workers, public_url=public_url, demo=demo, demo_speed=demo_speed
    )

    if settings.workers > 1:
        from server.workers import supervise as run
    else:
        from server.serve import serve as run

    def ready(address: str, codes: dict[str, str]) -> None:
        typer.echo(f"À Vous is open at {address}", err=True)
        for store_id, code in codes.items():
            lack = f"Nobody manages {store_id} yet" if store_id else "There is no store yet"
            typer.echo(f"{lack}: open {address}/setup within the hour and type {code}", err=True)

    try:
        run(settings, ready)
    finally:
        gc.enable()


@app.command()
def migrate(database: Database = None) -> None:
    """Bring the database to the tables of this version; harmless when it has them."""
    from server.startup import open_journal

    settings = _settings(database=database)
    open_journal(settings)
    typer.echo(f"{settings.database}: up to date")


@app.command()
def doctor(database: Database = None, store: StoreFiles = None, as_json: Json = False) -> None:
    """Look for what could go wrong, and say what to do about it."""
    from server.doctor import examine, report

    findings = examine(_settings(database=database, stores=store))
    typer.echo(report(findings, as_json=as_json))
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command("import")
def import_(
    visits: Annotated[Path, typer.Argument(help="Recorded visits (CSV).", show_default=False)],
    store: Annotated[Path | None, typer.Option(help="The store's TOML file. Else the one of AVOUS_STORES.", show_default=False)] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Take recorded visits in, for estimates and reports; rows that cannot be right are listed and left out."""
    from server.records import import_report, import_visits

    report = import_visits(_settings(database=database), store, visits)
    typer.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else import_report(report))


@app.command()
def export(  # each is an option of the command
    store: Annotated[Path | None, typer.Argument(help="The store's TOML file.", show_default=False)] = None,
    database: Database = None,
    from_day: Annotated[str, typer.Option(help="The first day, as 2026-11-21.", show_default=False)] = "",
    to_day: Annotated[str, typer.Option(help="The last day.", show_default=False)] = "9999",
    output: Annotated[Path | None, typer.Option(help="The file to write; else standard output.", show_default=False)] = None,
    person: Annotated[str | None, typer.Option(help=f"Instead, as JSON, all that is kept about one person: {WHOM}.")] = None,
) -> None:
    """Write a store's visits as CSV: times, services, outcomes; nobody's name. Or all that is kept about one person."""
    from server.records import export_person, export_visits

    if person is not None:
        typer.echo(json.dumps(export_person(_settings(database=database), person), ensure_ascii=False, indent=2))
        return
    if store is None:
        raise typer.BadParameter("give the store's file, or --person")
    count = export_visits(_settings(database=database), store, (from_day, to_day), output)
    typer.echo(f"{count} steps", err=True)


@app.command()
def erase(
    who: Annotated[list[str] | None, typer.Argument(help=f"People: {WHOM}.", show_default=False)] = None,
    due: Annotated[bool, typer.Option("--due", help="Everybody whose time is over.")] = False,
    database: Database = None,
) -> None:
    """Erase what identifies people, without a trace in the database's files."""
    from server.records import erase_due, erase_people

    if due == bool(who):
        raise typer.BadParameter("say whom, or --due")
    settings = _settings(database=database)
    typer.echo(f"{erase_people(settings, who) if who else erase_due(settings)} rows erased")


@app.command()
def pin(
    store: Annotated[Path, typer.Argument(help="The store's TOML file.", show_default=False)],
    person: Annotated[str, typer.Argument(help="The id of a salesperson or manager in it.", show_default=False)],
    database: Database = None,
) -> None:
    """Set somebody's PIN, asked for on the terminal; their sessions end."""
    from server.records import set_pin

    person_types = sys.stdin.isatty()
    secret = typer.prompt("PIN", hide_input=True, confirmation_prompt=True) if person_types else sys.stdin.readline().strip()
    set_pin(_settings(database=database), store, person, secret)
    typer.echo(f"{person} can sign in with the new PIN")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist.", show_default=False)],
    database: Database = None,
) -> None:
    """Copy the whole database to a file, while the store is open."""
    from server.backup import backup as run

    typer.echo(f"{target}: {run(_settings(database=database), target)} bytes")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A file that `avous backup` has written.", show_default=False)],
    database: Database = None,
) -> None:
    """Put a backup where no database is, with the tables of this version."""
    from server.backup import restore as run

    settings = _settings(database=database)
    run(settings, source)
    typer.echo(f"{settings.database}: restored")


@app.command()
def enrol(
    store: Annotated[Path, typer.Argument(help="The store's TOML file.", show_default=False)],
    kind: Annotated[str, typer.Argument(help="kiosk, board, printer or staff.", show_default=False)],
    name: Annotated[str, typer.Argument(help="What it is called in the list of devices.", show_default=False)],
    database: Database = None,
) -> None:
    """Make a code that enrols one device; it is typed there, at /setup, within a quarter of an hour."""
    from server.records import enrolment_code

    typer.echo(enrolment_code(_settings(database=database), store, kind, name))


@bench.callback()
def about_bench() -> None:
    """Measure how good and how fast À Vous is."""


def load(name: str, module_name: str, attribute: str, about_it: str) -> Any:
    """A verb of another room. BadUsage if this installation does not have it."""
    try:
        found = getattr(import_module(module_name), attribute)
    except ModuleNotFoundError as missing:
        ours = missing.name is not None and missing.name.partition(".")[0] in OURS
        raise BadUsage(
            f"{name!r} is not part of this version" if ours else f"{name!r} needs {missing.name!r}, which is not installed"
        ) from None
    except AttributeError:
        raise BadUsage(f"{name!r} is not part of this version") from None
    return _command(name, found, about_it)


def _command(name: str, found: Any, about_it: str) -> Any:
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
        alone.command(name, help=found.__doc__ or about_it)(found)
        found = alone
    command = typer.main.get_command(found)
    command.name = name
    return command


def _settings(**given: Any) -> Any:
    """The settings of the environment, with what the command line gives on top."""
    from pydantic import ValidationError

    from server.settings import Settings

    if given.get("stores") is not None:
        given["stores"] = tuple(given["stores"])
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as wrong:
        fault = wrong.errors(include_url=False)[0]
        name = "AVOUS_" + "_".join(str(part) for part in fault["loc"]).upper()
        raise BadUsage(f"{name}: {fault['msg'].removeprefix('Value error, ')}") from None


def main() -> None:
    """The ``avous`` command."""
    try:
        code = app(prog_name="avous", standalone_mode=False)
    except ValueError as mistake:
        if type(mistake).__module__.partition(".")[0] not in OURS:
            raise
        _mistaken(f"avous: {mistake}")
    except typer.TyperException as mistake:
        from server import cli_mistakes

        _mistaken(cli_mistakes.sentence(mistake))
    except typer.Abort:
        typer.echo("avous: given up", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _mistaken(sentence: str) -> NoReturn:
    """One sentence, exit code 2."""
    typer.echo(sentence, err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
