"""Deliveries to a real receiver that fails, hangs, redirects and closes the line: in order, at least once, signed."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.hooks import courier as module
from server.hooks.courier import GIVE_UP_TRIES, RETRY_MAX_S, RETRY_S, Courier, client, signature
from server.hooks.happenings import Kind
from server.journal import hooks
from server.journal.hooks import News, Webhook
from server.journal.port import Journal
from server.journal.sqlite import SqliteJournal
from server.outward import Forbidden, check, resolve
from tests.hooks.receiver import Receiver
from tests.journal.databases import fresh
from tests.web.conftest import HandClock

SECRET, STORE = "whsec_geheim", "essai"
HERE = {"127.0.0.1"}
PUBLIC = "93.184.215.14"


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = SqliteJournal(fresh(tmp_path / "journal.db"))
    yield journal
    await journal.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().open() as receiver:
        yield receiver


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


async def hooked(journal: Journal, receiver: Receiver, kinds: str = "ticket.issued ticket.called") -> Webhook:
    return await hooks.add(journal, Webhook("h1", STORE, receiver.url, SECRET, kinds, 0.0))


async def happen(journal: Journal, *numbers: int, kind: str = "ticket.issued") -> None:
    await hooks.tell(journal, STORE, [News(f"event day {n} 0", kind, float(n), json.dumps({"number": f"C-{n:03d}"})) for n in numbers])


async def rounds(journal: Journal, clock: HandClock, count: int = 1) -> None:
    deliver = Courier(journal, clock, HERE)
    async with client() as http:
        for _ in range(count):
            await deliver.round(http)


async def only(journal: Journal) -> Webhook:
    (hook,) = await hooks.of_store(journal, STORE)
    return hook


async def test_what_happens_is_told_in_order_and_signed(journal: Journal, receiver: Receiver, clock: HandClock) -> None:
    await hooked(journal, receiver)
    await happen(journal, 1, 2)
    await happen(journal, 3, kind="alarm.raised")  # not asked for
    await happen(journal, 4, kind="ticket.called")
    await rounds(journal, clock, 2)
    assert [told["seq"] for told in receiver.told] == [1, 2, 4]
    assert [told["data"]["number"] for told in receiver.told] == ["C-001", "C-002", "C-004"]
    assert receiver.signed(SECRET)
    assert not receiver.signed("another")
    headers, body = receiver.got[0]
    assert headers["avous-kind"] == "ticket.issued"
    assert headers["avous-delivery"] == "essai-1"
    assert headers["avous-signature"] != signature(SECRET, body + b" ", int(headers["avous-signature"][2:12]))
    assert (await only(journal)).cursor == 4


@pytest.mark.parametrize("mood", [500, 404, "cut", "hang", "away"])
async def test_what_was_not_taken_is_told_again_later_and_nothing_overtakes(
    journal: Journal, receiver: Receiver, clock: HandClock, mood: str | int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hooked(journal, receiver)
    await happen(journal, 1, 2)
    receiver.moods = [mood]
    with monkeypatch.context() as patch:
        if mood == "hang":
            patch.setattr(module, "ANSWER_S", 1.0)
        await rounds(journal, clock)
    assert len(receiver.got) == 1
    hook = await only(journal)
    assert (hook.cursor, hook.tries) == (0, 1)
    assert hook.trouble
    await rounds(journal, clock)
    assert len(receiver.got) == 1  # not before its time
    clock.at += RETRY_S
    await rounds(journal, clock)
    assert [told["seq"] for told in receiver.told] == [1, 1, 2]
    assert (await only(journal)).trouble == ""


async def test_pauses_grow_up_to_an_hour_and_after_a_day_it_is_paused(journal: Journal, receiver: Receiver, clock: HandClock) -> None:
    await hooked(journal, receiver)
    await happen(journal, 1)
    receiver.moods = [503] * GIVE_UP_TRIES
    waits, began = list[float](), clock.at
    async with client() as http:
        for _ in range(GIVE_UP_TRIES):
            await Courier(journal, clock, HERE).round(http)
            waits.append((await only(journal)).due_at - clock.at)
            clock.at += waits[-1]
    assert waits[:4] == [RETRY_S, 2 * RETRY_S, 4 * RETRY_S, 8 * RETRY_S]
    assert max(waits) == RETRY_MAX_S
    assert 20 * 3600 < clock.at - began < 28 * 3600
    assert (await only(journal)).paused
    await rounds(journal, clock)
    assert len(receiver.got) == GIVE_UP_TRIES
    await hooks.change(journal, STORE, "h1", paused=False, tries=0, due_at=0.0)
    await rounds(journal, clock)
    assert (await only(journal)).cursor == 1


async def test_a_receiver_that_is_gone_is_asked_no_more(journal: Journal, receiver: Receiver, clock: HandClock) -> None:
    await hooked(journal, receiver)
    await happen(journal, 1)
    receiver.moods = [410]
    await rounds(journal, clock)
    assert (await only(journal)).paused


async def test_replay_tells_again_from_a_number(journal: Journal, receiver: Receiver, clock: HandClock) -> None:
    await hooked(journal, receiver)
    await happen(journal, *range(1, 21))
    await rounds(journal, clock, 4)
    await hooks.change(journal, STORE, "h1", cursor=17)
    await rounds(journal, clock)
    assert [told["seq"] for told in receiver.told] == [*range(1, 21), 18, 19, 20]


async def test_the_same_is_numbered_once_whoever_says_it(journal: Journal) -> None:
    await asyncio.gather(*(happen(journal, 1, 2, 3) for _ in range(5)))
    await happen(journal, 3, 4)
    assert [found.seq for found in await hooks.after(journal, STORE, 0, 100)] == [1, 2, 3, 4]


async def test_a_new_webhook_hears_of_what_comes_and_one_hook_never_holds_up_another(
    journal: Journal, receiver: Receiver, clock: HandClock
) -> None:
    await happen(journal, 1)
    await hooked(journal, receiver)
    dead = Webhook("h2", STORE, "http://127.0.0.1:9/", SECRET, "ticket.issued", 1.0)
    await hooks.add(journal, dead)
    await happen(journal, 2)
    await rounds(journal, clock)
    assert [told["seq"] for told in receiver.told] == [2]
    assert {hook.id: hook.trouble for hook in await hooks.of_store(journal, STORE)} == {"h1": "", "h2": "unreachable"}


async def test_old_happenings_go_but_numbers_go_on(journal: Journal) -> None:
    await happen(journal, 1, 2, 3)
    assert await hooks.forget(journal, 1e9) == 2
    await happen(journal, 4)
    assert [found.seq for found in await hooks.after(journal, STORE, 0, 100)] == [3, 4]


# --- where webhooks may lead


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/", "https://192.168.1.1/x", "https://169.254.169.254/",
        "https://172.16.0.1/", "https://100.64.0.1/", "https://[fd00::1]/", "https://[::ffff:10.0.0.1]/", "https://0.0.0.0/",
        "https://user:pass@example.org/", "https://example.org:0/", "https://example.org/#x", "ftp://example.org/", "https:///x", "https://",
        "https://[::1", "https://224.0.0.1/",
    ],
)  # fmt: skip
async def test_addresses_inside_are_refused(url: str) -> None:
    with pytest.raises(Forbidden):
        await resolve(url, set())


@pytest.mark.parametrize("name", ["localhost", "localhost.", "127.1", "2130706433", "0x7f000001", "ip6-localhost"])
async def test_names_that_lead_inside_are_refused(name: str) -> None:
    """However it is written: what counts is where the name leads."""
    with pytest.raises(Forbidden):
        await resolve(f"https://{name}/", set())


async def test_a_name_with_one_address_inside_is_refused_and_the_checked_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [[(2, 1, 6, "", (PUBLIC, 443))], [(2, 1, 6, "", (PUBLIC, 443)), (2, 1, 6, "", ("10.0.0.1", 443))]]
    loop = asyncio.get_running_loop()

    async def getaddrinfo(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return answers.pop(0)

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    found = await resolve("https://shop.example/hook?a=1", set())
    assert (found.url, found.host, found.name) == (f"https://{PUBLIC}:443/hook?a=1", "shop.example", "shop.example")
    with pytest.raises(Forbidden):
        await resolve("https://shop.example/", set())


@pytest.mark.parametrize(
    "address",
    [
        # that carry one inside in them, each kind
        "::ffff:127.0.0.1", "::10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::a00:1", "64:ff9b::169.254.169.254", "64:ff9b:1::a00:1",
        "2002:a00:1::1", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "fe80::5efe:10.0.0.1", "192.88.99.1",
        # and those that are given to nobody
        "fec0::1", "5f00::1", "100::1", "3fff::1", "2001:db8::1", "ff0e::1", "198.18.0.1", "240.0.0.1", "192.0.0.8", "::",
    ],
)  # fmt: skip
def test_addresses_that_are_not_on_the_internet_are_refused(address: str) -> None:
    with pytest.raises(Forbidden, match="private"):
        check(f"https://[{address}]/" if ":" in address else f"https://{address}/", set())


@pytest.mark.parametrize("address", [PUBLIC, f"64:ff9b::{PUBLIC}", "2606:4700::1111"])
def test_addresses_on_the_internet_are_not(address: str) -> None:
    """NAT64 included: on a network without IPv4 every name has one."""
    assert check(f"https://[{address}]/" if ":" in address else f"https://{address}/", set())


@pytest.mark.parametrize(
    "inside", ["10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe"]
)
async def test_names_that_lead_to_one_of_them_are_refused(monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    async def getaddrinfo(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(10, 1, 6, "", (inside, 443))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    with pytest.raises(Forbidden, match="private"):
        await resolve("https://shop.example/", set())


def test_an_operator_may_name_a_host_inside() -> None:
    assert check("http://erp.test/hook", {"erp.test"}).hostname == "erp.test"
    with pytest.raises(Forbidden):
        check("http://other.test/hook", {"erp.test"})


async def test_the_courier_itself_refuses_an_address_inside(journal: Journal, receiver: Receiver, clock: HandClock) -> None:
    hook = replace(await hooked(journal, receiver), kinds=Kind.TEST)
    async with client() as http:
        told = await Courier(journal, clock, set()).tell(http, hook, module.trial(STORE, 0.0))
    assert (told.status, told.trouble) == (0, "not_https")
    assert receiver.got == []
