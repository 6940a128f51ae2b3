"""The ways past the phone's screens, in one language (see ``walks``): joining, waiting, being called, and what is beyond."""

from playwright.async_api import Page, Route, expect

from tests.browser.line import Line
from tests.browser.walk import SERVICE, THEN, Walk, closed, long_wait
from tests.browser.windows import PHONE

KINDS = (("article", "quiz", "poll"), ("pairs", "lamps", "order"))  # what is opened at each of two openings of the page
LATE = {"phase": "ended", "outcome": "answered", "promise_s": 300.0, "waited_s": 900.0}
GIFT = {
    "fr": "5 € à la caisse avec le code K7XQ2M.", "en": "€5 at the till with the code K7XQ2M.", "es": "5 € en caja con el código K7XQ2M.",
    "de": "5 € an der Kasse mit dem Code K7XQ2M.", "it": "5 € alla cassa con il codice K7XQ2M.", "ar": "5 يورو عند الصندوق بالرمز K7XQ2M.",
}  # fmt: skip


async def phone_joins(walk: Walk) -> None:
    """Joining with one's own phone."""
    walk.fill_the_line()
    page = await walk.open("about:blank", PHONE)
    line = await Line.of(page)
    await page.goto(walk.at(f"/s/{walk.counter.id}"))
    await page.locator("[data-action=pick]").first.wait_for()
    line.change(services=long_wait(walk.counter))
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
