"""The verbs that work on a store's records without a server: import, export, erase, PINs."""

import asyncio
import csv
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from server.journal import contacts, facts, personal
from server.journal.accounts import Accounts, Person
from server.journal.devices import Registry
from server.journal.people import Worker
from server.journal.port import Journal
from server.live.clock import WallClock
from server.live.stores import BadStore, load_store
from server.settings import Settings
from server.startup import BadSettings, open_journal
from simulation.past import visits

T = TypeVar("T")
DAY = re.compile(r"\d{4}(-\d{2}-\d{2})?")


class BadRequest(ValueError):
    """What was asked for cannot be done; the text says why in one sentence."""


def export_visits(settings: Settings, store: Path, days: tuple[str, str], output: Path | None) -> int:
    """Write the finished steps of a store, first to last day, as Visits CSV; returns how many. Raises BadStore, BadRequest."""
    config = load_store(store)
    for day in filter(None, days):
        if not DAY.fullmatch(day):
            raise BadRequest(f"{day!r} is not a day like 2026-11-21")
    rows = _with_journal(settings, lambda journal: facts.read(journal, config.id, *days))
    if output is None:
        return _write(sys.stdout, facts.visit_rows(rows, config.zone))
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            return _write(file, facts.visit_rows(rows, config.zone))
    except OSError as trouble:
        raise BadRequest(f"{output}: {trouble.strerror}") from None


def import_visits(settings: Settings, store: Path | None, file: Path) -> dict[str, Any]:
    """Take recorded visits into a store's facts; a report of what went in and what could not.

    Without ``store``, the only one of the settings. A database that is not there yet is made: a store's history
    comes first. Raises BadRequest, BadSettings, BadStore, VisitsError.
    """
    config = load_store(store or _only_store(settings))
    log = visits.read(file)
    written = _with_journal(settings, lambda journal: facts.put(journal, config.id, visits.facts(log, config.zone)), make=True)
    return {
        "file": str(file),
        "store": config.id,
        "rows": len(log.rows),
        "facts": written,
        "days": len(log.days()),
        "problems": [problem._asdict() for problem in log.problems],
        "extra_columns": list(log.extra_columns),
    }


def import_report(report: dict[str, Any]) -> str:
    """The report of an import in words: what went in, then the rows that cannot be right, then the columns left out."""
    lines = [f"{report['facts']} steps of {report['days']} days taken in for {report['store']}"]
    lines += visits.report([visits.Problem(**problem) for problem in report["problems"]])
    if report["extra_columns"]:
        lines.append(f"columns left out: {', '.join(report['extra_columns'])}")
    return "\n".join(lines)


def erase_people(settings: Settings, refs: Sequence[str]) -> int:
    """Erase what identifies these people, see ``journal.personal.find``; returns how many rows there were. Raises BadRequest.

    Somebody of the staff has to be out of the store's file first: with the next start they would be back.
    """

    async def erase(journal: Journal) -> int:
        subjects = [await _find(journal, ref) for ref in refs]
        for who in (subject.worker for subject in subjects if subject.worker):
            _check_files(settings, who)
        return sum([await personal.erase(journal, subject) for subject in subjects])

    return _with_journal(settings, erase)


async def _find(journal: Journal, ref: str) -> personal.Subject:
    try:
        return await personal.find(journal, ref)
    except personal.SeveralPeople as several:
        raise BadRequest(str(several)) from None


def _check_files(settings: Settings, who: Worker) -> None:
    for path in settings.stores:
        config = load_store(path)
        if config.id == who.store and who.id in config.salespeople:
            raise BadRequest(f"{path}: salespeople: {who.id} is still there and would be back with the next start; take them out first")


def erase_due(settings: Settings) -> int:
    """Erase every contact whose time is over; returns how many there were."""

    async def erase(journal: Journal) -> int:
        return len(await contacts.erase_due(journal, WallClock().now()))

    return _with_journal(settings, erase)


def export_person(settings: Settings, ref: str) -> dict[str, Any]:
    """All that is kept about somebody, by kind of data, see ``journal.personal``. Raises BadRequest."""

    async def export(journal: Journal) -> dict[str, Any]:
        return await personal.export(journal, await _find(journal, ref))

    return _with_journal(settings, export)


def set_pin(settings: Settings, store: Path, person: str, pin: str) -> None:
    """Give somebody of a store a new PIN and end their sessions. Raises BadStore, BadRequest."""
    from server.web.pins import Pins  # the web's rooms take a second to import, and only this verb needs one of them

    config = load_store(store)
    if person not in config.salespeople:
        raise BadStore(f"{store}: salespeople: there is no {person!r}")
    if not re.fullmatch(r"[0-9]{4,8}", pin):
        raise BadRequest("a PIN has 4 to 8 digits")
    known = config.salespeople[person]

    async def write(journal: Journal) -> None:
        accounts = Accounts(journal)
        registry = Registry(journal)
        await accounts.put_person(Person(config.id, person, known.name, known.role, await Pins(WallClock(), registry).hash(pin)))
        await registry.forgive(config.id, person)
        await accounts.end_sessions(config.id, person)

    _with_journal(settings, write)


def enrolment_code(settings: Settings, store: Path, kind: str, name: str) -> str:
    """A new code that enrols one device of the store. Raises BadStore, BadRequest."""
    from server.web.devices import Kind, new_code

    config = load_store(store)
    if kind not in set(Kind):
        raise BadRequest(f"{kind!r} is none of {', '.join(Kind)}")
    return _with_journal(settings, lambda journal: new_code(Registry(journal), WallClock(), config.id, kind, name[:40]))[0]


def _only_store(settings: Settings) -> Path:
    if len(settings.stores) != 1:
        named = f"AVOUS_STORES names {len(settings.stores)} stores" if settings.stores else "AVOUS_STORES names none"
        raise BadRequest(f"which store? give --store FILE.toml ({named})")
    return settings.stores[0]


def _with_journal(settings: Settings, work: Callable[[Journal], Coroutine[Any, Any, T]], *, make: bool = False) -> T:
    if not make and not settings.shared and not settings.database_file.is_file():
        raise BadSettings(f"AVOUS_DATABASE: there is no database {str(settings.database_file)!r}")

    async def run() -> T:
        async with _journal(settings) as journal:
            return await work(journal)

    return asyncio.run(run())


@asynccontextmanager
async def _journal(settings: Settings) -> AsyncIterator[Journal]:
    journal = open_journal(settings)
    try:
        yield journal
    finally:
        await journal.close()


def _write(file: IO[str], rows: Any) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(facts.VISIT_COLUMNS)
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count
