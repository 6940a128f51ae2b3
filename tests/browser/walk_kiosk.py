"""The way past the kiosk's screens, in one language (see ``walks``)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial

from playwright.async_api import Page, expect

from tests.browser.line import Line
from tests.browser.walk import SERVICE, Look, Walk, closed, long_wait
from tests.browser.windows import TABLET, Size

WRONG_CODE = "222222"
PATIENCE = 50
SIZES = ((1024, 768), TABLET)
CUT_OFF = """() => {
  const room = document.querySelector('.kiosk-main').getBoundingClientRect();
  const spills = (part) => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1;
  return [...document.querySelectorAll('.kiosk-main *')]
    .map((part) => [part, part.getBoundingClientRect()])
    .filter(([part, box]) => box.width && box.height && !part.closest('.slip-paper, .sr-only')
      && (box.top < room.top - 1 || box.bottom > room.bottom + 1 || (part.matches('button') && spills(part))))
    .map(([part, box]) => `${part.className || part.tagName} ${room.top - box.top} ${box.bottom - room.bottom}`); }"""
"""What of the screen is not wholly to be seen, or of a button's words not wholly inside."""


async def kiosk(walk: Walk) -> None:
    """From the departments to the ticket, and the screens beside that way; nothing of any is hidden on a 10-inch tablet."""
    walk = replace(walk, look=partial(_whole, walk.look))
    walk.fill_the_line()
    page = await walk.open("about:blank", TABLET)
    line = await Line.of(page)
    await page.clock.install()
    await page.goto(f"{walk.counter.url}/s/{walk.counter.id}/kiosk")

    async def home() -> None:
        await page.click(f"[data-language={walk.language}]")
        await page.locator(f"html[lang={walk.language}] [data-action=pick]").first.wait_for()

    async def tap(action: str, shown: str, name: str) -> None:
        await page.click(f"[data-action={action}]:visible >> nth=0")
        await page.locator(shown).first.wait_for()
        await walk.look(page, f"kiosk-{name}")

    line.change(services=long_wait(walk.counter))
    await home()
    await page.locator(".tile-range b:not(:text-is('–'))").first.wait_for()
    await walk.look(page, "kiosk-choose")
    await beside(walk, page, tap)
    await home()
    await arrive(walk, page, tap)
    pick = f"[data-action=pick][data-service={SERVICE}]"
    await page.click(pick)
    await page.locator("[data-action=book]:visible").wait_for()
    await walk.look(page, "kiosk-wait")
    await tap("book", "[data-action=slot]", "slots")
    await tap("slot", "[data-code] + .got-next .qr", "booked")
    await page.click("[data-action=done]")
    await home()
    await page.click(pick)
    await tap("take", "[data-number] + .got-next .qr", "ticket")
    await page.click("[data-action=done]")
    await home()
    await page.click(pick)
    await page.clock.fast_forward(61_000)
    await page.locator("dialog.kiosk-idle[open]").wait_for()
    await walk.look(page, "kiosk-idle")
    await page.locator("dialog.kiosk-idle button").click()
    await refused(walk, page)
    await home()
    await alone(walk, page, line)
    await home()
    await closed(walk, page, line, "kiosk", "h1")
    await page.context.close()


async def _whole(look: Look, page: Page, name: str) -> None:
    await is_whole(page, name, SIZES)
    await look(page, name)


async def is_whole(page: Page, name: str, sizes: Iterable[Size]) -> None:
    """Nothing of the kiosk's screen is cut off at any of these sizes; the last one stays."""
    for width, height in sizes:
        await page.set_viewport_size({"width": width, "height": height})
        for _ in range(PATIENCE):  # a page is laid out anew a moment after its size has changed
            if not (cut_off := await page.evaluate(CUT_OFF)):
                break
            await asyncio.sleep(0.1)
        assert not cut_off, f"{name} at {width} by {height}: {cut_off}"


async def beside(walk: Walk, page: Page, tap: Callable[[str, str, str], Awaitable[None]]) -> None:
    """A priority card, and somebody who cannot use the screen."""
    await tap("card", "[data-action=card][aria-checked=true]", "card")
    await page.click("[data-action=card]")
    await tap("help", "[data-action=help-over]", "help")
    walk.counter.come()
    await expect(page.locator(".kiosk-lead")).to_contain_text("Léa")
    await walk.look(page, "kiosk-coming")
    await page.click("[data-action=help-over]")


async def arrive(walk: Walk, page: Page, tap: Callable[[str, str, str], Awaitable[None]]) -> None:
    """Somebody with an appointment, and a code that is wrong."""
    await tap("arrive", ".signs button", "arrive")
    await page.keyboard.type(WRONG_CODE)
    await page.locator(".arrive [role=alert]:not([hidden])").wait_for()
    await walk.look(page, "kiosk-unknown")
    await page.click("[data-action=back]")


async def refused(walk: Walk, page: Page) -> None:
    """The server says no to somebody who asks for a ticket."""
    problem = {"code": "store_closed", "message": "closed", "status": 409}
    await page.route("**/tickets", lambda route: route.fulfill(status=409, json=problem))
    await page.click("[data-action=take]")
    await page.locator("#app[data-screen=refused]").wait_for()
    await walk.look(page, "kiosk-refused")
    await page.unroute("**/tickets")
    await page.click(".kiosk-main .btn-main")


async def alone(walk: Walk, page: Page, line: Line) -> None:
    """The kiosk without its server."""
    await line.cut()
    await page.locator(".kiosk-away:visible").wait_for()
    await walk.look(page, "kiosk-alone")
    await page.click(f"[data-action=pick][data-service={SERVICE}]")
    await page.click("[data-action=take]")
    await page.locator("[data-provisional=true]").wait_for()
    await walk.look(page, "kiosk-provisional")
    await line.restore()
    await page.locator("[data-provisional=false]").wait_for()
    await page.click("[data-action=done]")
