"""A shopper's way past every screen of kiosk, phone and board, in one language: for the pictures of the docs, and for axe.

``look`` is called at each screen with its name. The store has a service "phones" that can be booked and one "payment";
the counter's salesperson serves both and is alone, so that a line of five is a long wait.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.browser.counter import Counter
from tests.browser.line import Line
from tests.browser.windows import PHONE, TABLET, TV, Size

LINE = 6  # people who wait before ours comes: a quarter of an hour, so that the kiosk offers other ways
SERVICE, THEN = "phones", "payment"
KINDS = (("article", "quiz", "poll"), ("pairs", "lamps", "order"))  # what is opened at each of two openings of the page
WRONG_CODE = "222222"
LATE = {"phase": "ended", "outcome": "answered", "promise_s": 300.0, "waited_s": 900.0}
GIFT = {
    "fr": "5 € à la caisse avec le code K7XQ2M.", "en": "€5 at the till with the code K7XQ2M.", "es": "5 € en caja con el código K7XQ2M.",
    "de": "5 € an der Kasse mit dem Code K7XQ2M.", "it": "5 € alla cassa con il codice K7XQ2M.", "ar": "5 يورو عند الصندوق بالرمز K7XQ2M.",
}  # fmt: skip
Open = Callable[[str, Size], Awaitable[Page]]
Look = Callable[[Page, str], Awaitable[None]]


@dataclass(frozen=True)
class Walk:
    """Where, in which language, and what is done at each screen. ``open`` gives an empty page of a size."""

    counter: Counter
    language: str
    open: Open
    look: Look

    def at(self, path: str) -> str:
        """An address in this language."""
        path, _, fragment = path.partition("#")
        mark = "&" if "?" in path else "?"
        return f"{self.counter.url}{path}{mark}lang={self.language}" + (f"#{fragment}" if fragment else "")

    def long_wait(self) -> list[dict[str, Any]]:
        """The services as the kiosk shows them, ours with a wait so long that there are other ways; whatever was learned by now."""
        view = self.counter.view("kiosk")
        wait = {"low_s": 1260.0, "high_s": 2640.0, "as_of": view["at"], "why": None}
        return [{**service, "range": wait} if service["id"] == SERVICE else service for service in view["services"]]

    def fill_the_line(self) -> None:
        """Others wait, so many that it is long."""
        for _ in range(LINE - len(self.counter.waiting(SERVICE))):
            self.counter.join(SERVICE, self.language)

    def until_ahead(self, number: str, ahead: int) -> None:
        """Serve the others until so many are before this one; who has an appointment may be behind."""
        line = self.counter.waiting(SERVICE)
        for other in line[: line.index(number) - ahead]:
            self.counter.serve(other)


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

    line.change(services=walk.long_wait())
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


async def closed(walk: Walk, page: Page, line: Line, face: str, shown: str) -> None:
    """The store closes while the page is open."""
    line.change(phase="closed")
    await page.locator(f"#app[data-screen=closed] {shown}, main {shown}.headline").first.wait_for()
    await walk.look(page, f"{face}-closed")


async def phone_joins(walk: Walk) -> None:
    """Joining with one's own phone."""
    walk.fill_the_line()
    page = await walk.open("about:blank", PHONE)
    line = await Line.of(page)
    await page.goto(walk.at(f"/s/{walk.counter.id}"))
    await page.locator("[data-action=pick]").first.wait_for()
    line.change(services=walk.long_wait())
    await page.locator(".join-range b:not(:text-is('–'))").first.wait_for()
    await walk.look(page, "join-choose")
    await page.click(f"[data-action=pick][data-service={SERVICE}]")
    await page.locator("[data-action=book]:visible").wait_for()
    await walk.look(page, "join-wait")
    await page.click("[data-action=decline]")
    await page.locator("main .headline").wait_for()
    await walk.look(page, "join-declined")
    await page.locator("main .btn").click()
    await closed(walk, page, line, "join", "h1")
    await page.context.close()


async def phone_waits(walk: Walk) -> None:
    """Waiting: what can be done and read meanwhile, how it comes nearer, and what is shown without a line."""
    walk.fill_the_line()
    page = await walk.open("about:blank", PHONE)
    line = await Line.of(page)
    kinds: tuple[str, ...] = KINDS[0]

    async def one_of_each(route: Route) -> None:
        answer = await route.fetch()
        items = {str(item.get("game") or item["kind"]): {**item, "minutes": 0.5} for item in reversed(await answer.json())}
        await route.fulfill(response=answer, json=[items[kind] for kind in kinds])

    await page.route("**/content?*", one_of_each)
    joined = walk.counter.join(SERVICE, walk.language)
    address = walk.at(f"/t/#{joined['token']}")
    await page.goto(address)
    await page.locator(".reading-list .item").first.wait_for()
    await walk.look(page, "phone-waiting")
    for action in ("leave", "more"):
        await page.locator(f"main [data-action={action}]").click()
        await page.locator("dialog.sheet[open]").wait_for()
        await walk.look(page, f"phone-{action}")
        await page.keyboard.press("Escape")
    await read(walk, page, ("needs", "reading", "quiz", "poll"))
    kinds = KINDS[1]
    await page.reload()
    await read(walk, page, ("", "pairs", "lamps", "order"))
    for ahead, name in ((2, "two-ahead"), (0, "next")):
        walk.until_ahead(joined["number"], ahead)
        await page.locator("p.moment:visible").wait_for()
        await expect(page.locator("ul.facts li").first).to_be_visible()
        await walk.look(page, f"phone-{name}")
    await page.locator("main [data-action=away]").click()
    await page.locator("body[data-phase=away]").wait_for()
    await walk.look(page, "phone-away")
    await page.locator("main [data-action=back]").click()
    await page.locator("body[data-phase=waiting]").wait_for()
    await line.cut()
    await page.locator(".live[data-state=waiting]").wait_for()
    await walk.look(page, "phone-offline")
    await line.restore()
    await page.locator("main [data-action=leave]").click()
    await page.locator("dialog[open] button.btn-stop").first.click()
    await page.locator("body[data-phase=ended]").wait_for()
    await walk.look(page, "phone-left")
    await page.context.close()


async def read(walk: Walk, page: Page, names: tuple[str, ...]) -> None:
    """Open what there is to read, one after the other; answered where there is something to answer."""
    await page.locator(".reading-list .item").nth(len(names) - 1).wait_for()
    for n, name in enumerate(names):
        if not name:
            continue
        await page.locator(".reading-list .item").nth(n).click()
        await page.locator("dialog.reader[open]").wait_for()
        await walk.look(page, f"phone-{name}")
        if name == "quiz":
            await page.locator(".quiz button").first.click()
            await walk.look(page, "phone-quiz-answered")
        if name == "poll":
            await page.click("[data-action=vote] >> nth=0")
            await expect(page.locator(".poll [role=status]")).not_to_be_empty()
            await walk.look(page, "phone-poll-answered")
        await page.click(".reader-close")
        await page.locator("dialog.reader").wait_for(state="hidden")


async def phone_is_called(walk: Walk) -> None:
    """Called, coming, not come, served, thanked: the promise kept, or not."""
    page = await walk.open("about:blank", PHONE)
    line = await Line.of(page)
    joined = walk.counter.join(SERVICE, walk.language)
    await page.goto(walk.at(f"/t/#{joined['token']}"))
    await page.locator("body[data-phase=waiting]").wait_for()

    async def shows(phase: str, name: str = "") -> None:
        await page.locator(f"body[data-phase={phase}]").wait_for()
        await walk.look(page, f"phone-{name or phase}")

    ticket = walk.counter.claim(joined["number"])
    await page.locator(".call-coming:visible").wait_for()
    await shows("called")
    await page.click("[data-action=coming]")
    await page.locator(".call[data-coming=true]").wait_for()
    await shows("called", "coming")
    walk.counter.tap("no-show", ticket=ticket)
    await shows("parked")
    await page.locator("main [data-action=back]").click()
    await page.locator("body[data-phase=waiting]").wait_for()
    walk.counter.tap("claim", ticket=ticket)
    walk.counter.tap("start", ticket=ticket)
    await shows("serving")
    walk.counter.tap("finish", ticket=ticket)
    await shows("ended")
    await page.click("[data-action=rate][data-stars='5']")
    await expect(page.locator(".rate [role=status]")).not_to_be_empty()
    await walk.look(page, "phone-rated")
    await page.route("**/ticket/apology", lambda route: route.fulfill(json={"text": GIFT[walk.language], "code": "K7XQ2M"}))
    line.change(**LATE)
    await page.reload()
    await page.locator("[data-gift]:visible").wait_for()
    await walk.look(page, "phone-sorry")
    await page.context.close()


async def phone_beyond(walk: Walk) -> None:
    """Several steps, another tab, a ticket forgotten, and no ticket at all."""
    page = await walk.open("about:blank", PHONE)
    joined = walk.counter.join(SERVICE, walk.language)
    address = walk.at(f"/t/#{joined['token']}")
    await page.goto(address)
    await page.locator("body[data-phase=waiting]").wait_for()
    ticket = walk.counter.claim(joined["number"])
    walk.counter.tap("start", ticket=ticket)
    walk.counter.tap("finish", ticket=ticket, steps=[THEN])
    await page.locator(".steps [data-state=done]").wait_for()
    await walk.look(page, "phone-steps")
    await page.locator("main [data-action=more]").click()
    await page.click("[data-action=forget]")
    await page.locator(".toast").wait_for()
    await walk.look(page, "phone-forgotten")
    other = await page.context.new_page()
    await other.goto(address)
    await page.locator("main:has(.headline) button.btn-main").wait_for()
    await walk.look(page, "phone-taken")
    await other.close()
    await page.goto("about:blank")
    await page.goto(walk.at("/t/#nobodys"))
    await page.locator("main .headline").wait_for()
    await walk.look(page, "phone-gone")
    await page.evaluate("localStorage.clear()")
    await page.goto(walk.at("/t/"))
    await page.locator("main .headline").wait_for()
    await walk.look(page, "phone-none")
    await page.goto(walk.at("/privacy"))
    await walk.look(page, "privacy")
    await page.context.close()


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
