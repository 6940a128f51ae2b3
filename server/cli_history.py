"""The verbs that learn from a store's past: ``avous scenario from-facts`` and ``avous forecast``.

Both take the store's own facts, or any Visits CSV. What a verb needs is imported when it runs.
"""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from server.live.stores import StoreConfig
    from simulation.past.learn import Known
    from simulation.past.visits import Visits

StoreFile = Annotated[Path | None, typer.Argument(help="The store's TOML file; or give --visits.", show_default=False)]
VisitsFile = Annotated[Path | None, typer.Option("--visits", help="Recorded visits (CSV) in place of a store.", show_default=False)]
Database = Annotated[str | None, typer.Option(help="Where the journal lives: sqlite:///FILE. Else AVOUS_DATABASE.", show_default=False)]
Country = Annotated[str | None, typer.Option(help="Whose public holidays: FR, or FR-57 for a part. Else the store's.", show_default=False)]
Day = Annotated[str | None, typer.Option(help="The day in question, as 2026-11-28; else the one after the log.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]

WEEK = 7

scenario = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Scenario files made from what really happened.")


class BadHistory(ValueError):
    """What was asked for cannot be learned; the text says why in one sentence."""


@scenario.callback()
def about_scenario() -> None:
    """Scenario files made from what really happened."""


@scenario.command("from-facts")
def from_facts(
    store: StoreFile = None,
    visits: VisitsFile = None,
    day: Day = None,
    week: Annotated[bool, typer.Option("--week", help="The seven days from that day on, one file each; --output is a folder.")] = False,
    output: Annotated[Path | None, typer.Option(help="The file to write; else standard output.", show_default=False)] = None,
    country: Country = None,
    database: Database = None,
) -> None:
    """Write a scenario of a day to come, learned from the store's own history or from any visits CSV."""
    from simulation.past.forecast import ForecastError

    past = _Past(store, visits, database, country)
    first = past.day(day)
    if not week:
        _put(past.scenario(first), output)
        return
    if output is None:
        raise BadHistory("--week writes seven files: give --output FOLDER")
    if output.exists() and not output.is_dir():
        raise BadHistory(f"--week writes seven files into a folder; {output} is none, the nearest possible is --output {output.stem}")
    output.mkdir(parents=True, exist_ok=True)
    for coming in (first + timedelta(days=k) for k in range(WEEK)):
        try:
            _put(past.scenario(coming), output / f"{coming}.toml")
        except ForecastError as closed:
            typer.echo(f"{coming}: left out: {closed}", err=True)


def forecast(  # noqa: PLR0913  # typer makes each option of a verb from one argument
    *,
    store: StoreFile = None,
    visits: VisitsFile = None,
    day: Day = None,
    backtest: Annotated[
        str | None, typer.Option(help="Foretell every day of the log from this one on, and compare.", show_default=False)
    ] = None,
    ahead: Annotated[int, typer.Option(min=1, max=60, help="Days between the last known day and the one foretold.")] = 1,
    country: Country = None,
    chart: Annotated[Path | None, typer.Option(help="Write a picture: .svg, .png or .html.", show_default=False)] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Foretell how many come per service and quarter hour, or measure how well that would have gone."""
    from simulation.cli import picture
    from simulation.past import forecast as forecasts
    from simulation.past import forecast_pages

    paper, past = picture(chart), _Past(store, visits, database, country)
    if backtest is not None:
        report = forecasts.backtest(past.history(), _date("--backtest", backtest), ahead)
        typer.echo(json.dumps(report, allow_nan=False)) if as_json else forecast_pages.show_backtest(report)
        return
    told = forecast_pages.report(forecasts.outlook(past.history(), past.day(day)))
    if paper is not None:
        from simulation.charts import sheets

        paper(sheets.foretold(told))
    typer.echo(json.dumps(told, allow_nan=False)) if as_json else forecast_pages.show(told)


class _Past:
    """The visits to learn from, wherever they come from."""

    def __init__(self, store: Path | None, file: Path | None, database: str | None, country: str | None) -> None:
        if (store is None) == (file is None):
            raise BadHistory("give either a store file, or --visits with recorded visits")
        self._config: StoreConfig | None = None
        self._country = country
        self.visits: Visits = self._from_store(store, database) if store is not None else self._from_file(file)
        self.source = str(store or file)
        if not self.visits.rows:
            raise BadHistory(f"{self.source} has no visits yet to learn from; avous import takes some in")

    def _from_file(self, file: Path | None) -> "Visits":
        from simulation.past import visits

        assert file is not None
        return visits.read(file)

    def _from_store(self, store: Path, database: str | None) -> "Visits":
        from server.cli import _settings
        from server.history import country_of, read
        from server.live.stores import BadStore, load_store

        try:
            config = self._config = load_store(store)
        except BadStore as wrong:
            first, *more = str(wrong).splitlines()
            others = f" (and {len(more)} more like it)" if more else ""
            raise BadHistory(f"{first}{others}; the nearest possible is --visits with recorded visits") from None
        self._country = self._country or country_of(config)
        return read(_settings(database=database), config)

    def day(self, text: str | None) -> date:
        """The day asked for, else the one after the last."""
        return max(self.visits.days()) + timedelta(days=1) if text is None else _date("--day", text)

    def holidays(self) -> frozenset[date]:
        """Public holidays of the years concerned; none without a country."""
        from simulation.past.forecast import public_holidays

        country, _, part = (self._country or "").partition("-")
        return public_holidays(self.visits.days(), country, part or None) if country else frozenset()

    def history(self) -> Any:
        """Counts for the forecast."""
        from simulation.past.forecast import history_of

        return history_of(self.visits, self.holidays())

    def known(self, day: date) -> "Known | None":
        """What the store's file says of this day; None for a log."""
        from server.history import known_of

        return known_of(self._config, day) if self._config is not None else None

    def scenario(self, day: date) -> str:
        """The scenario file of a day."""
        from simulation.past import learn
        from simulation.scenario import reading

        text = learn.text_of(learn.learn(self.visits, day, self.known(day), self.holidays()))
        reading.loads(text, f"the scenario learned of {day}")
        return text


def _put(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as trouble:
        raise BadHistory(f"{output}: {trouble.strerror}") from None
    typer.echo(f"{output} written", err=True)


def _date(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadHistory(f"{option} must be a date like 2026-11-28; it is {text}") from None
