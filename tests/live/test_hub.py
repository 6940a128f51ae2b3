"""Screens: the latest view only, nothing that did not change, a resume by seq."""

import asyncio
import json

import pytest

from server.live.hub import Hub
from server.live.messages import Screen, SubscriptionClosed
from server.live.screens import Shown
from server.rules import commands as c
from tests.live.support import OpenLive
from tests.live.test_live import join


class Source:
    """Views made by hand; counts how often each was built."""

    def __init__(self) -> None:
        self.seq, self.value, self.built = 1, 0, 0
        self.signed: object = None

    def sign(self, screen: Screen) -> object:
        return self.signed

    def show(self, screen: Screen) -> Shown:
        self.built += 1
        return Shown(
            self.seq,
            b'{"seq":%d,"at":"instant %d"' % (self.seq, self.seq),
            b',"screen":"%b","value":%d}' % (screen[0].encode(), self.value),
        )

    def change(self, value: int) -> None:
        self.seq += 1
        self.value = value


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def hub(source: Source) -> Hub:
    return Hub(lambda: source)


async def test_a_new_screen_is_given_the_current_view_at_once(hub: Hub) -> None:
    assert json.loads(await hub.subscribe(("board",), None).latest())["seq"] == 1


async def test_a_resume_sends_the_current_view_unless_it_is_there_already(hub: Hub, source: Source) -> None:
    source.change(1)
    assert json.loads(await hub.subscribe(("board",), 1).latest())["seq"] == 2
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(hub.subscribe(("board",), 2).latest(), 0.01)


async def test_a_slow_screen_finds_one_newer_view_not_a_backlog(hub: Hub, source: Source) -> None:
    slow = hub.subscribe(("board",), 1)
    for value in range(1, 100):
        source.change(value)
        hub.publish()
    assert json.loads(await slow.latest())["value"] == 99
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow.latest(), 0.01)


async def test_what_did_not_change_is_not_sent(hub: Hub, source: Source) -> None:
    screen = hub.subscribe(("board",), 1)
    source.change(0)
    assert hub.publish() == 0
    source.change(5)
    assert hub.publish() == 1
    assert json.loads(await screen.latest()) == {"seq": 3, "at": "instant 3", "screen": "board", "value": 5}


async def test_a_view_with_the_sign_it_had_is_not_even_built(hub: Hub, source: Source) -> None:
    screen = hub.subscribe(("phone", "t1"), 1)
    built = []
    for source.signed, value in (("one", 1), ("one", 1), ("two", 1), ("two", 1), ("three", 2)):
        source.change(value)
        hub.publish()
        built.append(source.built)
    assert [n - built[0] for n in built] == [0, 0, 1, 1, 2]
    assert json.loads(await screen.latest())["value"] == 2


async def test_a_view_is_built_and_encoded_once_for_all_who_look(hub: Hub, source: Source) -> None:
    screens = [hub.subscribe(("board",), 1) for _ in range(50)] + [hub.subscribe(("kiosk",), 1)]
    source.change(1)
    built = source.built
    assert hub.publish() == 51
    assert source.built - built == 2
    views = [await screen.latest() for screen in screens[:50]]
    assert all(view is views[0] for view in views)


async def test_pushed_is_fetched_byte_for_byte(hub: Hub, source: Source) -> None:
    screen = hub.subscribe(("board",), 1)
    source.change(7)
    hub.publish()
    assert (2, await screen.latest()) == hub.view(("board",))


async def test_a_closed_screen_wakes_and_is_forgotten(hub: Hub) -> None:
    screen = hub.subscribe(("board",), 1)
    waiting = asyncio.ensure_future(screen.latest())
    await asyncio.sleep(0)
    screen.close()
    screen.close()
    with pytest.raises(SubscriptionClosed, match="closed"):
        await waiting
    assert len(hub) == 0
    assert hub.publish() == 0


async def test_stopping_ends_every_screen_with_the_reason(hub: Hub) -> None:
    screens = [hub.subscribe(("board",), 1), hub.subscribe(("kiosk",), 1)]
    hub.close("stopping")
    for screen in screens:
        with pytest.raises(SubscriptionClosed, match="stopping"):
            await screen.latest()


async def test_a_screen_that_joins_between_commits_does_not_hide_a_change_from_the_others(hub: Hub, source: Source) -> None:
    early = hub.subscribe(("board",), 1)
    source.change(3)
    hub.subscribe(("board",), None)  # sees value 3 at once
    hub.publish()
    assert json.loads(await early.latest())["value"] == 3


async def test_every_change_reaches_the_phone_and_seq_never_goes_back(open_live: OpenLive) -> None:
    live = await open_live()
    await join(live)
    phone = live.subscribe("volt", ("phone", "t1"))
    views = [json.loads(await phone.latest())]
    await live.submit("volt", "1", c.SignOn("lea"), "lea")
    for command in (c.ClaimNext("lea"), c.AcknowledgeCall("t1"), c.Start("lea", "t1"), c.Finish("lea", "t1")):
        await live.submit("volt", type(command).__name__, command, "lea")
        views.append(json.loads(await asyncio.wait_for(phone.latest(), 20)))
        assert json.dumps(views[-1]).encode() == json.dumps(json.loads(live.view("volt", ("phone", "t1"))[1])).encode()
    assert [view["phase"] for view in views] == ["waiting", "called", "called", "serving", "ended"]
    assert [view["seq"] for view in views] == sorted(view["seq"] for view in views)


async def test_a_screen_that_never_reads_holds_one_view_and_delays_nobody(open_live: OpenLive) -> None:
    live = await open_live()
    stuck = [live.subscribe("volt", ("board",)) for _ in range(50)]
    healthy = live.subscribe("volt", ("board",))
    for n in range(30):
        await join(live, f"t{n}")
        view = json.loads(await asyncio.wait_for(healthy.latest(), 20))
        assert view["seq"] <= live.view("volt", ("board",))[0]
    assert len({await screen.latest() for screen in stuck}) == 1
