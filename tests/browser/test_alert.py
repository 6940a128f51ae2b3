"""The call is noticed: the screen stays awake, the tab and its icon say so, one tab rings, and a push shows what it says."""

import asyncio
import json
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.counter import Counter
from tests.browser.faces import Phone
from tests.browser.house import House
from tests.browser.windows import PHONE, Windows, comes_true

WATCH = """() => {
  window.__locks = []; window.__badges = [];
  const ask = navigator.wakeLock.request.bind(navigator.wakeLock);
  navigator.wakeLock.request = async (...what) => { const lock = await ask(...what); window.__locks.push(lock); return lock; };
  navigator.setAppBadge = async (n) => { window.__badges.push(n); };
}"""
HELD = "() => window.__locks.filter((lock) => !lock.released).length"
SHOWN = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => [n.title, n.body, n.tag, n.data.url])"
WITHIN_S = 20


async def test_the_screen_stays_awake_and_the_tab_says_it(house: House, windows: Windows, counter: Counter) -> None:
    ticket = counter.join()
    window = await windows.open("phone", "about:blank", PHONE)
    page = window.page
    await page.add_init_script(f"({WATCH})()")
    await page.goto(f"{house.url}/t/#{ticket['token']}")
    phone = Phone(window)
    await phone.shows("waiting")
    await page.wait_for_function(HELD)
    await page.mouse.click(5, 5)  # a touch does not ask for another one
    icon = page.locator("link[rel=icon]")
    await expect(icon).to_have_attribute("href", "/static/web/icon.svg")
    id = counter.claim(ticket["number"])
    await phone.shows("called")
    await expect(page).to_have_title(f"● C’est à vous\u202f! · {ticket['number']}")
    await expect(icon).to_have_attribute("href", "/static/web/icon-call.svg")
    assert await page.evaluate(HELD) == 1
    assert (await page.evaluate("window.__badges"))[-1] == 1
    await phone.tap("coming")
    await expect(page).to_have_title(f"{ticket['number']} · À Vous")
    await expect(icon).to_have_attribute("href", "/static/web/icon.svg")
    assert (await page.evaluate("window.__badges"))[-1] == 0
    counter.tap("start", ticket=id)
    await phone.shows("serving")
    await page.wait_for_function(f"() => ({HELD})() === 0")


async def test_of_two_tabs_of_a_browser_one_rings(house: House, windows: Windows, counter: Counter) -> None:
    ticket = counter.join()
    window = await windows.open("phone", f"{house.url}/t/#{ticket['token']}", PHONE)
    first = window.page
    await Phone(window).shows("waiting")
    other = await windows.open("a friend's", f"{house.url}/t/#{ticket['token']}", PHONE)  # of another device: both are live
    second = await window.context.new_page()
    await second.goto(f"{house.url}/t/#{ticket['token']}")
    await second.locator("body[data-phase=waiting]").wait_for()
    here = first.locator("main:has(.headline) button.btn-main")
    await here.click()
    await first.locator("[data-action=away]").wait_for()
    await expect(second.locator("main .headline")).to_be_visible()
    counter.claim(ticket["number"])
    await expect(first.locator(".call")).to_be_visible()
    await expect(other.page.locator(".call")).to_be_visible()
    assert await second.locator(".call").is_hidden()


async def worker_of(windows: Windows, url: str, store: str) -> tuple[Page, Any, str]:
    """A page that may show notifications, the browser's own line to it, and the name of its service worker's registration."""
    window = await windows.open("phone", "about:blank", PHONE, permissions=["notifications"])
    wire = await window.context.new_cdp_session(window.page)
    registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def heard(event: dict[str, Any]) -> None:
        for version in event["versions"]:
            if version["status"] == "activated" and not registered.done():
                registered.set_result(version["registrationId"])

    wire.on("ServiceWorker.workerVersionUpdated", heard)
    await wire.send("ServiceWorker.enable")
    await window.page.goto(f"{url}/s/{store}")
    await window.page.evaluate("async () => { await navigator.serviceWorker.register('/sw.js'); await navigator.serviceWorker.ready; }")
    return window.page, wire, await asyncio.wait_for(registered, WITHIN_S)


async def test_a_push_shows_what_it_says_and_a_newer_one_takes_its_place(house: House, windows: Windows, common: str) -> None:
    page, wire, registration = await worker_of(windows, house.url, common)
    for title in ("C’est à vous · T-042", "C’est encore à vous · T-042"):
        note = {"title": title, "body": "Léa vous attend, comptoir 4.", "tag": "called", "url": "/t/#abc"}
        await wire.send("ServiceWorker.deliverPushMessage", {"origin": house.url, "registrationId": registration, "data": json.dumps(note)})
        await comes_true(page, f"async (title) => (await ({SHOWN})()).some(([shown]) => shown === title)", title)
        assert await page.evaluate(SHOWN) == [[title, note["body"], "called", "/t/#abc"]]
