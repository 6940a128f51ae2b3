"""The estimates of a live store: taught by its visits, judged, kept over a restart, and never in the way."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from server import forecasts as module
from server import learning
from server.forecasts import Forecasts
from server.journal import bookings
from server.journal import forecasts as kept
from server.journal.sqlite import SqliteJournal
from server.live.live import Live
from server.rules import commands as c
from server.waits import fallback
from server.waits.estimator import Estimator
from tests.live.shop import MINUTE, YESTERDAY, Shop
from tests.live.support import DAY, HandClock, store
from tests.live.test_live import _until


async def test_what_was_said_is_judged_and_a_restart_forgets_nothing(shop: Shop, forecasts: Forecasts) -> None:
    for number, minutes in enumerate((0.0, 0.0, 0.0, 90.0)):
        await shop.visit(f"t{number}", minutes)
    await _until(lambda: forecasts.report("volt")["today"]["forecasts"] == 4)
    found = forecasts.report("volt")
    assert found["today"]["promises"] == 4
    assert found["today"]["kept"] == 3, "an hour and a half was not what it said"
    assert found["today"]["broken_excess_s"] > 600
    assert found["today"]["coverage_p90"] == 0.75
    assert found["month"] == found["today"]
    assert found["prior"] == ["advice", "payment"], "four visits are not enough to have learned from"
    await forecasts.close()
    assert len(await kept.read(shop.journal, "volt", DAY)) == 4
    again = Forecasts(rollouts=40)
    await again.learn(shop.journal, [store()], shop.clock.now())
    after = again.report("volt")
    assert {k: v for k, v in after["today"].items() if "pinball" not in k} == {
        k: v for k, v in found["today"].items() if "pinball" not in k
    }
    assert after["today"]["pinball_p90_s"] == pytest.approx(found["today"]["pinball_p90_s"], abs=0.2)
    mine, theirs = (f._stores["volt"].forecaster.calibration for f in (forecasts, again))
    assert theirs.levels("advice") == pytest.approx(mine.levels("advice"), abs=1e-3)
    assert again.report("volt")["visits"] == found["visits"]


async def test_futures_that_fail_are_replaced_and_come_back(
    shop: Shop, forecasts: Forecasts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sampled = Estimator.estimate

    def broken(*_: object) -> None:
        raise FloatingPointError("a bug in the futures")

    monkeypatch.setattr(Estimator, "estimate", broken)
    await shop.do(c.Join("t1", "advice"))
    await shop.shown("t1")
    assert not forecasts.report("volt")["sampled"]
    assert any("roll-outs" in record.message for record in caplog.records)
    monkeypatch.setattr(Estimator, "estimate", sampled)
    day = shop.live.day("volt")
    for _ in range(module.QUICK_FOR):
        forecasts.estimate(day, day.at)
    assert forecasts.report("volt")["sampled"]


async def test_when_everything_fails_the_screen_stays(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    await shop.do(c.Join("t1", "advice"))
    await shop.shown("t1")
    before = shop.live.day("volt").tickets["t1"].shown

    def broken(*_: object) -> None:
        raise FloatingPointError("a bug")

    monkeypatch.setattr(Estimator, "estimate", broken)
    monkeypatch.setattr(fallback, "quick", broken)
    shop.clock.at += 60
    await shop.do(c.Join("t2", "payment"))
    await asyncio.sleep(0.4)
    assert shop.live.day("volt").tickets["t1"].shown == before


class Stopwatch:
    """Every look is so much later than the one before."""

    def __init__(self, step: float) -> None:
        self.step, self.at = step, 0.0

    def __call__(self) -> float:
        self.at += self.step
        return self.at


async def test_estimates_that_take_long_are_made_without_sampling_for_a_while(
    journal: SqliteJournal, clock: HandClock, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Forecasts(20, Stopwatch(module.SLOW_S * 1.5))
    await slow.learn(journal, [store()], clock.now())
    calls: list[str] = []
    sampled, quick = Estimator.estimate, fallback.quick

    def counted(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object) -> object:
            calls.append(name)
            return function(*given)

        return call

    monkeypatch.setattr(Estimator, "estimate", counted("sampled", sampled))
    monkeypatch.setattr(fallback, "quick", counted("quick", quick))
    day = live.day("volt")
    for _ in range(module.SLOW_MAX + module.QUICK_FOR + 1):
        slow.estimate(day, day.at)
    assert calls == ["sampled"] * module.SLOW_MAX + ["quick"] * module.QUICK_FOR + ["sampled"]


async def test_a_store_opens_without_its_history(
    journal: SqliteJournal, clock: HandClock, live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    def unreadable(*_: object) -> None:
        raise ValueError("a history nobody can learn from")

    monkeypatch.setattr(learning, "taught", unreadable)
    poor = Forecasts(20)
    await poor.learn(journal, [store()], clock.now())
    day = live.day("volt")
    poor.estimate(day, day.at)
    assert poor.report("volt")["prior"] == ["advice", "payment"]


async def test_yesterday_becomes_history_when_a_day_begins(shop: Shop, forecasts: Forecasts) -> None:
    await shop.visit("t1", 0.5)
    await _until(lambda: forecasts.report("volt")["today"]["promises"] == 1)
    shop.clock.at += 86_400
    await _until(lambda: shop.live.day("volt").plan.day == "2026-11-22")
    await shop.do(c.SignOn("lea"))
    await _until(lambda: forecasts.report("volt")["day"] == "2026-11-22")
    await forecasts.close()
    found = forecasts.report("volt")
    assert (found["today"]["promises"], found["month"]["promises"]) == (0, 1)
    assert forecasts._stores["volt"].forecaster.models.arrivals.days, "who came yesterday is what is expected today"


async def test_a_step_that_often_follows_is_expected(shop: Shop, forecasts: Forecasts) -> None:
    for number in range(6):
        ticket = f"t{number}"
        await shop.do(c.Join(ticket, "advice"))
        for service in ("advice", "payment"):
            await shop.do(c.ClaimNext("lea"))
            await shop.do(c.Start("lea", ticket))
            shop.clock.at += 2 * MINUTE
            await shop.do(c.Finish("lea", ticket, ("payment",) if service == "advice" else ()))
    follow = forecasts._stores["volt"].forecaster.follow
    await _until(lambda: follow.visits.get("payment") == 6)
    assert follow.chances() == {"advice": {"payment": pytest.approx(6 / 16)}}
    again = Forecasts(rollouts=40)
    await again.learn(shop.journal, [store()], shop.clock.now())
    assert again._stores["volt"].forecaster.follow.chances() == follow.chances()


async def test_appointments_still_expected_are_known_and_past_ones_teach_how_punctual_people_are(
    shop: Shop, forecasts: Forecasts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The book is read when the day's history is and now and then after that, whoever wrote into it."""
    await shop.visit("t0", 0.0)
    at = shop.clock.at + 20 * MINUTE
    came, gone = _booked("b0", at, ticket="t0", state=bookings.HERE), _booked("b1", at, day=YESTERDAY, state=bookings.NO_SHOW)
    for booking in (came, gone, _booked("b2", at + MINUTE)):
        assert await bookings.give(shop.journal, booking, lambda _: True)
    await forecasts.learn(shop.journal, [store(booking={"services": ["advice"]})], shop.clock.now())
    forecaster = forecasts._stores["volt"].forecaster
    assert [(a.service, a.at) for a in forecaster.book] == [("advice", at + MINUTE)], "one is here already"
    assert forecaster.models.late["advice"] == [0.0, 0.0, 0.0, 1.0], "one slot of the past, and nobody came"
    monkeypatch.setattr(module, "BOOK_EVERY_S", -1.0)
    await bookings.give(shop.journal, _booked("b3", at + 2 * MINUTE), lambda _: True)
    forecasts.estimate(shop.live.day("volt"), shop.clock.now())
    await _until(lambda: len(forecaster.book) == 2)


def _booked(id: str, at: float, *, day: str = DAY, ticket: str | None = None, state: str = bookings.BOOKED) -> bookings.Booking:
    return bookings.Booking(id, "volt", day, "advice", at, at + 600.0, "fr", 0, id, id, 0.0, at + 9e4, state=state, ticket=ticket)
