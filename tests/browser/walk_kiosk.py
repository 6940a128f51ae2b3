"""The way past the kiosk's screens, in one language (see ``walks``)."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from tests.browser.line import Line
from tests.browser.walk import SERVICE, Walk, closed, long_wait
from tests.browser.windows import TABLET

WRONG_CODE = "222222"


async def kiosk(walk: Walk) -> None:
    """From the departments to the ticket, and the screens beside that way."""
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
