"""The reports: legible on a phone, readable while the next one is on its way, clean to axe."""

import asyncio
import re

from playwright.async_api import FilePayload, Route, expect

from tests.browser.axe import clean
from tests.browser.desk import TOO_WIDE, desk, holds, written_at_least
from tests.browser.house import House
from tests.browser.windows import PHONE, Windows

REPORT = re.compile(r"/report\?")


async def test_reports_take_in_door_counts(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "reports")
    await page.click("[data-action=period][data-days='1']")
    await expect(page.locator("[data-action=period][data-days='1']")).to_have_attribute("aria-pressed", "true")
    day = await page.locator("#app").get_attribute("data-to")
    await expect(page.locator("[data-panel=doors]")).to_contain_text("Inconnu")
    counts = FilePayload(name="porte.csv", mimeType="text/csv", buffer=f"day,hour,came\n{day},10,12\n{day},11,8\n".encode())
    await page.set_input_files("#doors", files=[counts])
    await expect(page.locator("[data-panel=doors]")).to_contain_text("sur 20 entrées")
    await expect(page.locator("#app[data-state=ready]")).to_be_attached()
    await holds(page, "reports")
    await page.emulate_media(media="print")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)", "no ink for the page"


async def test_what_is_read_and_rated_is_legible_on_a_phone(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "reports")
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    cell = {"came": 30, "answered": 25, "left": 5, "unanswered_share": 1 / 6}
    curve = {"curve": [[0, 1.0], [300, 0.5], [900, 0.1]], "p50_s": 300.0, "p80_s": 600.0, "p90_s": 900.0}

    async def tell(route: Route) -> None:
        found = await (await route.fetch()).json()
        found["now"]["hours"] = {str(hour): {**cell, "vanished": 0, "closed": 0, "balked": 0} for hour in range(8, 23)}
        found["now"]["waits"] |= curve
        found["now"]["rating"] = {"n": 37, "mean": 4.2, "stars": {"1": 2, "2": 1, "3": 5, "4": 10, "5": 19}}
        found["now"]["content"] |= {"opened": {"choose-tv": 18}, "finished": {"choose-tv": 6}, "answers": {"choose-tv": {"0": 5, "1": 9}}}
        await route.fulfill(json=found)

    await page.route(REPORT, tell)
    await page.click("[data-action=period][data-days='1']")
    bars = page.locator(".report-bar")
    await expect(bars).to_have_count(5)
    sides = await bars.evaluate_all(
        "(all) => all.map((bar) => [bar.getBoundingClientRect().left, bar.getBoundingClientRect().right].join())"
    )
    assert len(set(sides)) == 1, "stars are compared on one scale"
    await expect(page.locator(".report-used li")).to_contain_text("réponse 1\u00a0: 5, réponse 2\u00a0: 9")
    for plot in ("hours", "curve"):
        assert await written_at_least(page, page.locator(f"[data-plot={plot}]"), 10.0), f"{plot} can be read on a phone"
    assert await page.evaluate(TOO_WIDE) <= 0
    await clean(page, "reports, read and rated, phone")
    await page.unroute_all(behavior="wait")


async def test_a_report_on_its_way_stays_readable_and_the_last_asked_for_is_shown(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "reports")
    week, day = (page.locator(f"[data-action=period][data-days='{days}']") for days in (7, 1))
    await expect(week).to_have_attribute("aria-pressed", "true")
    held = asyncio.Queue[Route]()
    await page.route(REPORT, held.put)  # nothing is answered until the test says so
    await day.press("Enter")
    await expect(page.locator("#app[aria-busy=true] main.report-grid")).to_be_visible()
    assert await page.evaluate("getComputedStyle(document.querySelector('.report-grid')).opacity") == "1"
    assert await page.evaluate("getComputedStyle(document.querySelector('#app'), '::before').position") == "fixed", "the line along the top"
    await week.press("Enter")
    first, second = await held.get(), await held.get()
    await second.continue_()
    await first.continue_()
    await expect(page.locator("#app[aria-busy=false][data-state=ready]")).to_be_attached()
    await expect(week).to_have_attribute("aria-pressed", "true")
    await expect(week).to_be_focused()


async def test_a_comparison_is_made_where_there_is_something_to_compare(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "reports")
    week = [f"2026-11-{day}" for day in range(16, 23)]
    periods = (
        (1, 0, "rien avant"), (1, 12, "12 clients avant : trop peu"), (7, 60, "1 jour avec des clients avant"), (1, 60, "+200 %"),
    )  # fmt: skip
    held: list[tuple[int, int]] = []

    async def tell(route: Route) -> None:
        found = await (await route.fetch()).json()
        for name, days, answered in (("now", *held[-1]), ("before", 1, held[-1][1])):
            counted = 180 if name == "now" else answered
            found[name]["accounts"] |= {"answered": counted}
            found[name]["by_day"] = {day: {"came": counted // days} for day in week[:days]}
        await route.fulfill(json=found)

    await page.route(REPORT, tell)
    for days, before, words in periods:
        held.append((days, before))
        await page.click("[data-action=period][data-days='1']")
        await expect(page.locator("[data-figure=came] .figure-sub")).to_contain_text(words)
    await page.unroute_all(behavior="wait")  # a look under way when the page closes would fail whoever comes next
