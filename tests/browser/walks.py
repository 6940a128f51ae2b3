"""A shopper's way past every screen of kiosk, phone and board, in one language: for the pictures of the docs, and for axe.

``look`` is called at each screen with its name. The store has a service "phones" that can be booked and one "payment";
the counter's salesperson serves both and is alone, so that a line of five is a long wait.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.browser.line import Line
from tests.browser.walk import SERVICE, Walk
from tests.browser.walk_kiosk import kiosk
from tests.browser.walk_phone import phone_beyond, phone_is_called, phone_joins, phone_waits
from tests.browser.windows import PHONE, TV


async def appointment(walk: Walk) -> None:
    """Booking an hour of one's own, moving it and giving it up."""
    page = await walk.open("about:blank", PHONE)
    await page.goto(walk.at(f"/s/{walk.counter.id}/book"))
    slot = "[data-action=slot]"
    await page.locator(slot).first.wait_for()
    await walk.look(page, "book-times")
    await page.locator(slot).last.click()
    await page.locator("[data-screen=details]").wait_for()
    await walk.look(page, "book-details")
    await page.click("[data-action=book]")
    await page.locator("#app[data-screen=booking]").wait_for()
    await walk.look(page, "booking")
    await page.click("[data-action=move]")
    await page.locator(slot).first.wait_for()
    await walk.look(page, "booking-move")
    await page.click("[data-action=back]")
    await page.click("[data-action=cancel]")
    await page.locator("dialog[open]").wait_for()
    await walk.look(page, "booking-cancel")
    await page.locator("dialog[open] .btn-stop").click()
    await page.locator("#app[data-state=cancelled]").wait_for()
    await walk.look(page, "booking-cancelled")
    await page.context.close()


async def board(walk: Walk) -> None:
    """The screen on the wall: between calls, with one to four of them, and when the store closes."""
    page = await walk.open("about:blank", TV)
    line = await Line.of(page)
    await page.goto(walk.at(f"/s/{walk.counter.id}/board"))
    await page.locator(".board-services li").first.wait_for()
    await page.locator(".board-calm:visible").wait_for()
    await walk.look(page, "board-calm")
    joined = walk.counter.join(SERVICE, walk.language)
    ticket = walk.counter.claim(joined["number"])
    await page.locator(f".board-call[data-number='{joined['number']}']").wait_for()
    await walk.look(page, "board-call")
    (call,) = walk.counter.view("board")["calls"]
    for count in (2, 3, 4):
        line.change(calls=calls_like(call, count))
        await page.locator(f".board-list[data-count='{count}']").wait_for()
        await walk.look(page, f"board-{count}-calls")
    line.change(calls=[], phase="closed")
    await page.locator(".board-calm[data-says=closed]").wait_for()
    await walk.look(page, "board-closed")
    walk.counter.tap("start", ticket=ticket)
    walk.counter.tap("finish", ticket=ticket)
    await page.context.close()


def calls_like(call: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """So many calls, by people with short and long names, with and without a desk."""
    people = (("Léa", "4"), ("Marie-Christine", "12"), ("Jean-Baptiste", None), ("Karim", "2"))
    made = json.loads(json.dumps([call] * count))
    return [{**one, "number": f"{'TPCM'[n]}-{42 + n:03}", "name": people[n][0], "desk": people[n][1]} for n, one in enumerate(made)]


Way = Callable[[Walk], Awaitable[None]]
ALL: tuple[Way, ...] = (kiosk, phone_joins, phone_waits, phone_is_called, phone_beyond, appointment, board)
