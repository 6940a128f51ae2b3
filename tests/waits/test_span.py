"""For how long shoppers to come are drawn: until nearly every future has called everybody in line."""

import pytest

from server.rules.plan import DayPlan, ServicePlan
from server.waits import comers
from server.waits.curves import lognormal
from server.waits.estimator import futures
from server.waits.parameters import Parameters, Punctuality, Stream, steady
from server.waits.situation import Appointment, Hand, Person, Situation, Waiter

NOW, NAMES = 10_000.0, ("advice", "repair", "till")
PLAN = DayPlan("s", "d", services={name: ServicePlan(name, typical_s=900.0) for name in NAMES})
FUTURES = 2_000


def busy(*, every_s: float, tills: int) -> Situation:
    """Three people serve both services, four wait; two have an appointment, one each, every so often; the tills have nothing to do."""
    people = [Person(f"p{i}", ("advice", "repair"), hand=Hand("serving", "advice", NOW - 200.0 * i)) for i in range(3)]
    people += [Person(f"t{i}", ("till",)) for i in range(tills)]
    waiting = tuple(Waiter(f"w{i}", NAMES[i % 2], 2, NOW - 400.0 + 90.0 * i, i, NOW - 400.0 + 90.0 * i) for i in range(4))
    book = tuple(Appointment(name, NOW + 60.0 + every_s * k) for k in range(int(9000 / every_s)) for name in NAMES[:2])
    return Situation(NOW, PLAN, tuple(people), waiting, book)


def beliefs() -> Parameters:
    """A quarter of an hour each, walk-ins behind everybody, appointments that come on time."""
    on_time = dict.fromkeys(NAMES, Punctuality(0.95, 0.0, 60.0))
    return Parameters(
        dict.fromkeys(NAMES, lognormal(900.0, 0.7)), streams=tuple(Stream(n, steady(4 / 3600)) for n in NAMES), punctuality=on_time
    )


@pytest.mark.parametrize("every_s", [900.0, 1200.0, 3600.0])
@pytest.mark.parametrize("tills", [0, 3])
def test_a_longer_span_changes_no_wait(every_s: float, tills: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody idle whom nobody in line can be served by, and a book that takes most of everybody's time."""
    store = busy(every_s=every_s, tills=tills)
    told = futures(store, beliefs(), FUTURES, 1)
    monkeypatch.setattr(comers, "HORIZON_MIN_S", comers.HORIZON_MAX_S)
    whole = futures(store, beliefs(), FUTURES, 1)
    for share in (0.5, 0.9):
        at = int(share * FUTURES)
        assert sorted(told[-1])[at] == pytest.approx(sorted(whole[-1])[at], rel=0.05)
    assert told[-1].mean() == pytest.approx(whole[-1].mean(), rel=0.04)
