"""What a store's journal teaches its estimates: the visits of a quarter of a year, what was said of them, and its appointments."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from server.journal import bookings, facts, forecasts
from server.journal.forecasts import Kept
from server.journal.port import Journal
from server.live.stores import StoreConfig, plan_for
from server.rules.effects import KeepFact
from server.rules.plan import DayPlan
from server.waits.calibration import DAYS_KEPT
from server.waits.estimator import Quantiles
from server.waits.forecaster import Believed, Forecaster
from server.waits.models import Models

log = logging.getLogger(__name__)

HISTORY_DAYS: Final = 84  # older visits count for next to nothing…
HISTORY_MAX: Final = 12_000  # …and so many say all there is to learn
BOOK_DAYS: Final = 28  # of appointments tell how punctual people are
Step = tuple[str, str, int]
"""(day, ticket, step)."""


class Learned(NamedTuple):
    """A forecaster, and the steps it was taught."""

    forecaster: Forecaster
    steps: frozenset[Step]


def untaught(config: StoreConfig, today: date, rollouts: int) -> Forecaster:
    """A forecaster that knows nothing but the store's settings."""
    plan = plan_for(config, today)
    return Forecaster(Models.prior(plan), rollouts, day=plan.day)


async def learned(journal: Journal, config: StoreConfig, today: date, rollouts: int) -> Learned:
    """What the journal knows of a store: earlier days as history, today's visits as news. Without its history if that fails."""
    plan = plan_for(config, today)
    first = (today - timedelta(days=DAYS_KEPT)).isoformat()
    try:
        rows = await facts.read(journal, config.id, since(today))
        kept = await forecasts.read(journal, config.id, first)
        forecaster = await asyncio.to_thread(taught, plan, rollouts, rows[-HISTORY_MAX:], kept, first)
        await forecasts.forget(journal, config.id, first)
        await _punctual(journal, config, forecaster.models, rows, today)
    except Exception:  # a store opens without its history rather than not at all
        log.exception("store %s cannot learn from its history: its estimates start from the priors", config.id)
        return Learned(untaught(config, today, rollouts), frozenset())
    return Learned(forecaster, frozenset((day, fact.ticket, fact.step) for day, fact in rows))


def since(today: date) -> str:
    """The first day that is learned from."""
    return (today - timedelta(days=HISTORY_DAYS)).isoformat()


def taught(plan: DayPlan, rollouts: int, rows: Sequence[tuple[str, KeepFact]], kept: dict[tuple[str, str], Kept], first: str) -> Forecaster:
    """A forecaster that knows these (day, fact) rows, and from day ``first`` on what was said of them."""
    models = Models.prior(plan).learn(fact for day, fact in rows if day < plan.day)
    forecaster = Forecaster(models, rollouts, day=plan.day)
    for day, fact in sorted(rows, key=lambda row: row[1].finished_at or row[1].left_at or row[1].joined_at):
        if day < plan.day:
            forecaster.follow.add(fact)
        if day >= plan.day:
            forecaster.again(day, fact, _believed(kept.get((day, fact.ticket))))
        elif day >= first and fact.step == 1:
            forecaster.judge(day, _believed(kept.get((day, fact.ticket))), fact)
    for (day, _), said in kept.items():
        if day == plan.day and (believed := _believed(said)) is not None:
            forecaster.waits(believed)
    return forecaster


async def _punctual(journal: Journal, config: StoreConfig, models: Models, rows: Sequence[tuple[str, KeepFact]], today: date) -> None:
    """How many of those who booked came, and how late: from the appointments of the last days and when their tickets were taken."""
    if not config.booking.services:
        return
    joined = {(day, fact.ticket): fact.joined_at for day, fact in rows}
    for ago in range(1, BOOK_DAYS + 1):
        day = (today - timedelta(days=ago)).isoformat()
        for booked in await bookings.of_day(journal, config.id, day):
            came_at = joined.get((day, booked.ticket or ""))
            if came_at is not None or booked.state == bookings.NO_SHOW:
                models.slot(booked.service, None if came_at is None else came_at - booked.at)


def _believed(kept: Kept | None) -> Believed | None:
    if kept is None:
        return None
    return Believed(kept.day, kept.ticket, kept.service, kept.at, Quantiles(*kept.raw), Quantiles(*kept.said))
