"""An alarm reaches the devices of those who run the store, once, and says what would help."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.journal import staff_pushes
from server.notify.alarms import AlarmPush
from server.notify.ladder import How, Note
from server.web import i18n
from tests.web.conftest import STORE, HandClock, state_of

ALARM: dict[str, Any] = {
    "service": "advice", "raised_at": "2026-11-21T12:00:00.000Z", "crosses_at": "2026-11-21T12:12:00.000Z",
    "limit_s": 600.0, "worst_s": 960.0, "helped_s": 480.0,
}  # fmt: skip


class Pushed:
    """In place of the push services."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Note]] = []
        self.how = How.SENT

    async def send(self, to: str, note: Note) -> How:
        self.sent.append((json.loads(to)["endpoint"], note))
        return self.how


@pytest.fixture
def told(client: TestClient) -> Callable[[dict[str, Any]], Pushed]:
    live, pushed = state_of(client).house.live, Pushed()
    crier = AlarmPush(live, pushed, i18n.t)

    def run(work: Callable[[], Awaitable[Any]]) -> Any:
        assert client.portal is not None
        return client.portal.call(work)

    async def subscribe() -> None:
        for person in ("sarah", "lea"):
            await staff_pushes.put(live.journal, STORE, person, json.dumps({"endpoint": f"https://push.example/{person}"}))

    def tell(alarm: dict[str, Any]) -> Pushed:
        run(lambda: crier.tell(STORE, alarm))
        return pushed

    run(subscribe)
    return tell


def test_who_runs_the_store_is_told_once_and_what_would_help(told: Callable[[dict[str, Any]], Pushed], clock: HandClock) -> None:
    told(ALARM)
    (where, note), *more = told(ALARM).sent  # another node sees the same
    assert (where, more) == ("https://push.example/sarah", [])
    assert note.title == "Conseil\u00a0: l’attente va s’allonger"
    assert (
        note.body == "Dans 12\u00a0min, une personne sur dix attendra plus de 10\u00a0min (jusqu’à 16). "
        "Une personne de plus dans 5\u00a0min\u00a0: 8\u00a0min au pire."
    )
    assert note.url == f"/manager?store={STORE}"


def test_an_alarm_that_nobody_can_help_says_so(told: Callable[[dict[str, Any]], Pushed]) -> None:
    note = told({**ALARM, "worst_s": None, "helped_s": None}).sent[0][1]
    assert note.body == "Dans 12\u00a0min, personne ne sera là pour servir. Une personne de plus n’y changerait guère."


def test_a_device_that_is_gone_is_forgotten(told: Callable[[dict[str, Any]], Pushed]) -> None:
    pushed = told({**ALARM, "service": "payment"})
    pushed.how = How.GONE
    told(ALARM)
    told({**ALARM, "raised_at": "2026-11-21T13:00:00.000Z"})
    assert len(pushed.sent) == 2
