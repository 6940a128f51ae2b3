"""A store's own past as the simulation wants it: its facts as visits, and what its file says that no log can.

Above the journal and the simulation, so that neither knows the other. The verbs that learn and the staffing lab use it.
"""

import asyncio
import csv
import io
from datetime import date, datetime

from babel.core import get_global

from server.journal import facts
from server.journal.port import Journal
from server.live.stores import StoreConfig, plan_for
from server.settings import Settings
from server.startup import open_journal
from simulation.past import visits
from simulation.past.learn import Known

COUNTRY = "FR"  # where the time zone does not tell


async def visits_of(journal: Journal, config: StoreConfig, from_day: str = "", to_day: str = "9999") -> visits.Visits:
    """The finished steps of these days (both included) as the Visits CSV would give them."""
    rows = await facts.read(journal, config.id, from_day, to_day)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([facts.VISIT_COLUMNS, *facts.visit_rows(rows, config.zone)])
    text.seek(0)
    return visits.parse(text, config.id)


def read(settings: Settings, config: StoreConfig) -> visits.Visits:
    """All visits of a store, read without a server. Raises BadSettings."""

    async def ask() -> visits.Visits:
        journal = open_journal(settings)
        try:
            return await visits_of(journal, config)
        finally:
            await journal.close()

    return asyncio.run(ask())


def known_of(config: StoreConfig, day: date) -> Known:
    """Opening hours, ranks, head starts and skills of a day, from the store's file."""
    plan = plan_for(config, day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=config.zoneinfo).timestamp()
    is_open = plan.closes_at > plan.opens_at
    return Known(
        name=config.name,
        opens_at_s=plan.opens_at - midnight if is_open else None,
        closes_at_s=plan.closes_at - midnight if is_open else None,
        ranks={key: service.rank for key, service in config.services.items()},
        head_starts_s={key: service.head_start_s for key, service in config.services.items()},
        classes_s=dict(config.classes),
        skills={key: tuple(person.skills) for key, person in config.salespeople.items()},
    )


def country_of(config: StoreConfig) -> str:
    """The country whose public holidays count here, from the time zone (CLDR)."""
    return str(get_global("zone_territories").get(config.zone, COUNTRY))
