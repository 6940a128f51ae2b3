"""Every story of a shopper with the network cut, the tab frozen and the server killed in the middle, at phone, tablet and TV size.

A story opens its page, taps while the fault lasts, and looks for the proof when it is over; those of a fault go through it together. Every
commit sees every story through one of the faults and the call through each, at one size; `make nightly` all through all, at all sizes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import CDPSession, Error, Page, expect

from tests.browser.counter import Counter
from tests.browser.house import House
from tests.browser.line import Line
from tests.browser.windows import PHONE, TABLET, TV, Size, Windows

BACK_WITHIN_MS = 30_000  # the longest pause between two tries is 15 s
POLL: dict[str, Any] = {
    "id": "sort", "kind": "poll", "minutes": 0.5, "title": "Et chez vous ?", "summary": "", "language": "fr", "body": [],
    "poll": {"question": "Qui vous attend ?", "options": ["Un chat", "Un chien"]},
}  # fmt: skip


@dataclass
class Visit:
    """Where the stories take place; ``lines`` are those of the pages they have opened."""

    counter: Counter
    windows: Windows
    size: Size
    server_is_there: bool = True
    lines: list[Line] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    async def open(self, path: str, shown: str) -> Page:
        """A page of the store in a window of its own, when it shows this."""
        page = (await self.windows.open(path, "about:blank", self.size)).page
        self.lines.append(await Line.of(page))
        self.pages.append(page)
        page.set_default_timeout(BACK_WITHIN_MS)
        await page.route("**/content?*", lambda route: route.fulfill(json=[POLL]))
        await page.goto(f"{self.counter.url}{path}")
        await page.locator(shown).first.wait_for()
        return page

    async def phone(self) -> tuple[Page, str]:
        """Somebody's phone, waiting, and the number."""
        joined = self.counter.join()
        return await self.open(f"/t/#{joined['token']}", ".reading-list .item"), joined["number"]


Story = Callable[[Visit], AsyncIterator[None]]


async def joins(visit: Visit) -> AsyncIterator[None]:
    page = await visit.open(f"/s/{visit.counter.id}", "[data-action=pick]")
    await page.click("[data-action=pick][data-service=payment]")
    yield
    await page.click("[data-action=take]")
    yield
    await page.wait_for_url("**/t/**")
    await page.locator("body[data-phase=waiting]").wait_for()
    assert [number for number in visit.counter.waiting("payment") if number.startswith("P-")] == ["P-001"], "one ticket"


async def leaves(visit: Visit) -> AsyncIterator[None]:
    page, number = await visit.phone()
    await page.click("main [data-action=leave]")
    yield
    await page.locator("dialog[open] button.btn-stop").first.click()
    yield
    await page.locator("body[data-phase=ended]").wait_for()
    assert number not in visit.counter.waiting("phones")


async def takes_more_time(visit: Visit) -> AsyncIterator[None]:
    page, _ = await visit.phone()
    yield
    await page.click("main [data-action=away]")
    yield
    await page.locator("body[data-phase=away]").wait_for()


async def chooses_another_service(visit: Visit) -> AsyncIterator[None]:
    page, number = await visit.phone()
    await page.click("main [data-action=more]")
    await page.locator("[data-action=to-service]").wait_for()
    yield
    await page.click("[data-action=to-service][data-service=payment]")
    yield
    await expect(page.locator(".paper-service")).to_contain_text("Paiement", timeout=BACK_WITHIN_MS)
    await expect(page.locator("body")).to_have_attribute("data-number", number)


async def prepares(visit: Visit) -> AsyncIterator[None]:
    page, _ = await visit.phone()
    await page.locator(".reading-list .item").first.click()
    await page.click("[data-answer=gift]")
    yield
    await page.click("[data-action=needs]")
    yield
    await page.locator(".needs .notice-go").wait_for()


async def answers_a_poll(visit: Visit) -> AsyncIterator[None]:
    page, _ = await visit.phone()
    await page.locator(".reading-list .item").nth(1).click()
    await page.locator("[data-action=vote]").first.wait_for()
    yield
    await page.locator("[data-action=vote]").first.click()
    yield
    await expect(page.locator(".poll [role=status]")).to_contain_text("Merci", timeout=BACK_WITHIN_MS)


async def thanks(visit: Visit) -> AsyncIterator[None]:
    page, number = await visit.phone()
    visit.counter.serve(number)
    await page.locator("[data-action=rate]").first.wait_for()
    yield
    await page.click("[data-action=rate][data-stars='4']")
    yield
    await expect(page.locator(".rate [role=status]")).not_to_be_empty(timeout=BACK_WITHIN_MS)


async def is_called(visit: Visit) -> AsyncIterator[None]:
    page, number = await visit.phone()
    board = await visit.open(f"/s/{visit.counter.id}/board", ".board-services li")
    yield
    if visit.server_is_there:
        visit.counter.claim(number)
    yield
    if not visit.server_is_there:
        visit.counter.claim(number)
    await page.locator(".call:visible").wait_for()
    await board.locator(f".board-call[data-number='{number}']").wait_for()


async def takes_a_ticket_at_the_kiosk(visit: Visit) -> AsyncIterator[None]:
    page = await visit.open(f"/s/{visit.counter.id}/kiosk", "[data-action=pick]")
    await page.click("[data-action=pick][data-service=phones]")
    yield
    await page.click("[data-action=take]")
    await page.locator("[data-number]").wait_for()
    number = str(await page.locator("[data-number]").get_attribute("data-number"))
    yield
    await expect(page.locator(".kiosk-away")).to_be_hidden(timeout=BACK_WITHIN_MS)
    assert number in visit.counter.waiting("phones")


async def books(visit: Visit) -> AsyncIterator[None]:
    page = await visit.open(f"/s/{visit.counter.id}/book", "[data-action=slot]")
    await page.locator("[data-action=slot]").last.click()
    yield
    await page.click("[data-action=book]")
    yield
    await page.locator("#app[data-screen=booking][data-state=booked]").wait_for()


STORIES: tuple[Story, ...] = (
    joins, leaves, takes_more_time, chooses_another_service, prepares, answers_a_poll, thanks, is_called, books,
    takes_a_ticket_at_the_kiosk,
)  # fmt: skip


async def tell(stories: Sequence[Story], visit: Visit, fault: Callable[[Visit], Any], *, tapped_before: bool = False) -> None:
    """Open, tap while the fault lasts (or just before it comes), look for the proof after it."""
    visit.windows.network_was_cut = True
    told = [story(visit) for story in stories]
    for story in told:
        await anext(story)
    if tapped_before:
        for story in reversed(told):
            await anext(story)
    async with fault(visit):
        if not tapped_before:
            for story in reversed(told):  # the kiosk first: it does not wait for ever
                await anext(story)
    for story in told:
        async for _ in story:
            raise AssertionError("a story has three parts")


@asynccontextmanager
async def cut(visit: Visit) -> AsyncIterator[None]:
    """Nothing comes through."""
    for line in visit.lines:
        await line.cut()
    yield
    for line in visit.lines:
        await line.restore()


@asynccontextmanager
async def frozen(visit: Visit) -> AsyncIterator[None]:
    """The tabs sleep, right after the tap."""
    wires = [await page.context.new_cdp_session(page) for page in visit.pages]
    for wire in wires:
        await _be(wire, "frozen")
    yield
    for wire in wires:
        await _be(wire, "active")


async def _be(wire: CDPSession, state: str) -> None:
    """A tab that is just on its way to its next page has none to freeze for a moment."""
    for tries_left in reversed(range(200)):
        try:
            await wire.send("Page.setWebLifecycleState", {"state": state})
        except Error:
            if not tries_left:
                raise
            await asyncio.sleep(0.05)
        else:
            return


SIZES = {"phone": PHONE, "tablet": TABLET, "tv": TV}


def through_it(usual: str, *some: Story) -> pytest.MarkDecorator:
    """Some stories at one size in every run; all of them at every size at night."""
    night = [pytest.param(size, STORIES, id=size, marks=pytest.mark.nightly) for size in SIZES]
    return pytest.mark.parametrize("size, stories", [pytest.param(usual, some, id=f"{usual}-some"), *night])


@through_it("phone", joins, leaves, takes_more_time, is_called, takes_a_ticket_at_the_kiosk)
async def test_the_network_is_cut(windows: Windows, counter: Counter, size: str, stories: Sequence[Story]) -> None:
    await tell(stories, Visit(counter, windows, SIZES[size]), cut)


@through_it("tablet", chooses_another_service, prepares, thanks, is_called)
async def test_the_tab_is_frozen(windows: Windows, counter: Counter, size: str, stories: Sequence[Story]) -> None:
    await tell(stories, Visit(counter, windows, SIZES[size]), frozen, tapped_before=True)


@through_it("tv", answers_a_poll, is_called, books, takes_a_ticket_at_the_kiosk)
async def test_the_server_is_killed(own_house: House, windows: Windows, size: str, stories: Sequence[Story]) -> None:
    @asynccontextmanager
    async def killed(visit: Visit) -> AsyncIterator[None]:
        own_house.kill()
        yield
        own_house.start()

    with Counter.of(own_house.url, "s1", "lea", "1111") as counter:
        await tell(stories, Visit(counter, windows, SIZES[size], server_is_there=False), killed)
