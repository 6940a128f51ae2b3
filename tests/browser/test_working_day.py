"""A salesperson's and a manager's whole day at their screens, with the Wi-Fi away for five minutes in the middle of three visits.

The line is really cut (a proxy between browser and server), and the browser's clock is put five minutes on, so that everything of
the page that waits for time has waited. For the server only the seconds of the test go by; with ``AVOUS_REAL_MINUTES=1`` five real
minutes do, for both, three times.
"""

import os
from uuid import uuid4

import httpx2
import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.axe import clean
from tests.browser.counter import Counter
from tests.browser.faces import Phone, Staff, manager, sign_in
from tests.browser.house import House
from tests.browser.proxy import Proxy
from tests.browser.windows import PHONE, TABLET, Windows

LOST_MS = 300_000
REAL = bool(os.environ.get("AVOUS_REAL_MINUTES"))
BACK_WITHIN_MS = 20_000
SHOPPERS = 3
DOUBT_S = 3.0
MANAGERS_PARTS = ("start", "services", "people", "hours", "ranking", "times", "look", "data", "history")


@pytest.fixture
def shoppers() -> tuple[str, ...]:
    """Names of the windows of three who come."""
    return tuple(f"shopper {n}" for n in range(1, SHOPPERS + 1))


async def go_by(page: Page, ms: int) -> None:
    """Time for this page: its clock is put on, or it really goes by."""
    await (page.wait_for_timeout(ms) if REAL else page.clock.fast_forward(ms))


async def lose_wifi(line: Proxy, page: Page) -> None:
    """The line is cut, and five minutes go by on this page: the list stays, and says how old it is."""
    line.cut()
    await go_by(page, LOST_MS)
    await expect(page.locator("[data-strip=offline]")).to_contain_text("5", timeout=BACK_WITHIN_MS)
    await expect(page.locator("article.slip")).to_be_visible()


async def wifi_is_back(line: Proxy, page: Page) -> None:
    """The line is there again, and with time going by the page notices."""
    line.restore()
    for _ in range(20):
        await go_by(page, 5_000)
        if await page.locator("[data-strip=offline]").count() == 0:
            break
        await page.wait_for_timeout(200)
    await expect(page.locator("[data-kept]")).to_have_count(0, timeout=BACK_WITHIN_MS)


async def test_a_salesperson_works_all_day_while_the_wifi_comes_and_goes(
    house: House, windows: Windows, store: str, shoppers: tuple[str, ...]
) -> None:
    windows.network_was_cut = True
    phones = [await Phone.join(windows, house.url, store, "phones", name) for name in shoppers]
    numbers = [await phone.number() for phone in phones]
    async with Proxy(house.port) as line:
        window = await windows.open("lea", "about:blank", PHONE)
        await window.page.clock.install()
        await window.page.goto(f"{line.url}/staff?store={store}")
        await sign_in(window.page, "lea", "1111")
        lea, page = Staff(window), window.page
        await lea.tap("on")
        for phone, number in zip(phones, numbers, strict=True):
            await lea.next_is(number)
            await lea.tap("start")
            await phone.shows("serving")
            await lose_wifi(line, page)
            await lea.tap("finish")  # tapped while the line is cut: kept, sent when it is back, counted once
            await phone.shows("serving")
            await wifi_is_back(line, page)
            await phone.shows("ended", 30)
            await lea.is_now("idle")
        await page.click("[data-action=menu]")
        await page.click("[data-action=pause]")
        await page.click("[data-action=pause-for][data-minutes='10']")
        await lea.is_now("paused")
        await lea.tap("resume")
        await page.click("[data-action=menu]")
        await page.click("#sheet [data-action=off]")
        await lea.is_now("off")
    desk = await manager(windows, house.url, store)
    await expect(desk.page.locator("[data-account=answered]")).to_have_text(str(SHOPPERS))
    await expect(desk.page.locator("[data-account=joined], [data-account=open]").first).to_be_visible()


async def test_a_visit_is_passed_on_put_aside_goes_on_and_is_forgotten(house: House, windows: Windows, store: str) -> None:
    doubts_and_repairs(house, store)
    with Counter.of(house.url, store, "karim", "2222") as karim:
        numbers = [karim.join()["number"] for _ in range(4)]
        lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
        page = lea.page
        await lea.next_is(numbers[0])
        await lea.tap("no-show")  # nobody came: put aside, not lost
        await page.click("[data-action=tab][data-tab=parked]")
        await lea.claim(numbers[0])  # there after all
        await lea.tap("start")
        await page.click("[data-action=more]")
        await page.click("#sheet [data-action=finish-then]")
        await several_steps(page, "repair", "payment", "repair", "repair")  # put at the end, taken out, put at the end again
        await page.click("[data-action=finish-as][data-steps='payment repair']")
        await lea.is_now("idle")
        karim.serve(numbers[0])  # the second step of the same visit, under the same number
        assert karim.waiting("repair") == [numbers[0]]  # and the third
        await page.click("[data-action=tab][data-tab=mine]")
        await lea.next_is(numbers[1])
        await lea.tap("start")
        await lea.tap("transfer")
        await page.click("[data-action=transfer-to][data-to=karim]")
        await lea.is_now("idle")
        karim.serve(numbers[1])
        await lea.next_is(numbers[2])
        await page.click("[data-action=more]")
        await page.click("#sheet [data-action=hand-back]")
        await lea.is_now("idle")
        await lea.next_is(numbers[2])
        await lea.tap("start")
        await expect(page.locator("article.slip[data-doubted=true]")).to_be_visible()
        await clean(page, "a forgotten finish")
        await lea.next_is(numbers[3])  # the forgotten visit is closed with an estimated end
        await lea.tap("start")
        await lea.tap("finish")
        await lea.is_now("idle")
    desk = await manager(windows, house.url, store)
    await expect(desk.page.locator("[data-account=answered]")).to_have_text("3")  # and one waits for a repair


async def test_a_colleague_is_asked_by_keyboard_on_bad_wifi_and_nothing_is_covered(house: House, windows: Windows, store: str) -> None:
    windows.network_was_cut = True
    karim = await Staff.sign_in(windows, house.url, store, "karim", "2222")
    with Counter(house.url, store) as door:
        number = door.join()["number"]
    async with Proxy(house.port) as line:
        lea = await Staff.sign_in(windows, line.url, store, "lea", "1111")
        await lea.next_is(number)
        line.cut()
        await note_by_keyboard(lea.page, "Double SIM")
        await lea.page.click("[data-action=more]")  # what waits for the line holds up nothing
        await lea.page.click("#sheet [data-action=help]")
        await lea.page.click("[data-action=help-to] >> nth=0")
        await expect(lea.page.locator("[data-kept='1'], [data-kept='2']")).to_be_visible()
        line.restore()
        await lea.page.reload()
        await expect(karim.page.locator("[data-alert=colleague]")).to_have_count(1)
        await clean(karim.page, "a colleague asks")
        await karim.page.click("[data-action=menu]", timeout=5_000)  # the message covers neither the name nor the connection
        await karim.page.keyboard.press("Escape")
        await expect(lea.page.locator("[data-note]")).to_contain_text("Double SIM")
        mine = lea.page.locator("[data-alert=colleague]")
        await expect(mine).to_contain_text("Vous avez demandé")  # not asked to go and help herself
        await mine.locator("button").click()
        await expect(mine).to_have_count(0)
        await expect(karim.page.locator("[data-alert=colleague]")).to_have_count(0)


async def note_by_keyboard(page: Page, text: str) -> None:
    """Write a note for the next colleague, without a finger on the screen."""
    await page.focus("[data-action=more]")
    await page.keyboard.press("Enter")
    await page.focus("#sheet [data-action=note]")
    await page.keyboard.press("Enter")
    await page.keyboard.type(text)  # the keyboard is in the note that was opened, nowhere else
    await expect(page.locator("#note")).to_have_value(text)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")


async def test_who_is_late_for_an_appointment_is_checked_in_or_has_not_come(house: House, windows: Windows, store: str) -> None:
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    late = {
        "id": "a1",
        "at": "2026-11-22T14:00:00.000Z",
        "service": "phones",
        "name": "Zoé",
        "companions": 0,
        "state": "late",
        "number": None,
    }
    asked = list[str]()

    async def answer(route: Route) -> None:
        if route.request.method == "POST":
            asked.append(route.request.url.rsplit("/", 1)[1])
        await route.fulfill(json=[late | {"state": {"no-show": "no_show", "check-in": "here"}.get(asked[-1], "late") if asked else "late"}])

    await lea.page.route("**/staff/appointments**", answer)
    await lea.tap("menu")
    await lea.page.click("#sheet [data-action=appointments]")
    await expect(lea.page.locator("[data-appointment][data-state=late] .chip-warn")).to_have_text("en retard")
    await expect(lea.page.locator("[data-check-in]")).to_be_visible()
    await clean(lea.page, "a late appointment")
    await lea.page.click("[data-no-show]", timeout=5_000)
    await expect(lea.page.locator("[data-appointment][data-state=no_show]")).to_contain_text("pas venu")
    await lea.page.get_by_role("button", name="Arrivé Zoé").click()  # who was given up comes after all
    await expect(lea.page.locator("[data-appointment][data-state=here]")).to_contain_text("arrivé")
    assert asked == ["no-show", "check-in"]


async def several_steps(page: Page, *services: str) -> None:
    """Choose what comes next, one tap a service; the tapped one keeps the keyboard."""
    await page.click("[data-action=finish-several]")
    for service in services:
        button = page.locator(f"[data-action=step][data-service={service}]")
        pressed = await button.get_attribute("aria-pressed") == "true"
        await button.focus()
        await page.keyboard.press("Enter")
        await expect(button).to_have_attribute("aria-pressed", str(not pressed).lower())
        await expect(button).to_be_focused()
    await clean(page, "several steps")


def doubts_and_repairs(house: House, store: str) -> None:
    """The manager has a visit to the phones doubted after seconds, and repairs offered, while the store runs."""
    with httpx2.Client(base_url=f"{house.url}/api/v1", headers={"X-Avous": "1"}, trust_env=False, timeout=30) as sarah:
        sarah.post("/session", json={"store": store, "salesperson": "sarah", "pin": "3333"}).raise_for_status()
        found = sarah.get(f"/stores/{store}/manager/settings").raise_for_status().json()
        services = found["settings"]["services"]
        services["phones"] |= {"doubt_after_s": DOUBT_S, "learn": False}
        services["repair"] = services["payment"] | {"labels": {"fr": "Réparation", "en": "Repair"}, "letter": "R", "icon": "repair"}
        change = {"id": str(uuid4()), "after": found["version"], "settings": found["settings"]}
        sarah.post(f"/stores/{store}/manager/settings", json=change).raise_for_status()


async def test_a_manager_changes_settings_by_keyboard_and_closes_the_day(house: House, windows: Windows, store: str) -> None:
    desk = await manager(windows, house.url, store)
    page = desk.page
    await expect(page.locator("#app[data-screen=floor]")).to_be_attached()
    await clean(page, "floor")
    settings = (await windows.open("settings", f"{house.url}/manager/settings?store={store}", TABLET)).page
    await sign_in(settings, "sarah", "3333")
    await expect(settings.locator("#app[data-screen=settings][data-state=ready]")).to_be_attached()
    for part in MANAGERS_PARTS:
        await settings.focus(f".set-nav a[href='#{part}']")
        await settings.keyboard.press("Enter")
        await expect(settings.locator(f"section[data-part={part}]")).to_be_visible()
        await clean(settings, part)
    await settings.focus(".set-nav a[href='#times']")
    await settings.keyboard.press("Enter")
    offer = settings.locator("[data-path='timings.offer_s']")
    await offer.focus()
    await settings.keyboard.type("-25")
    await settings.keyboard.press("Tab")
    await expect(offer).to_be_focused()  # and the browser says why: what is not taken does not look as if it were
    await offer.fill("25")
    await settings.keyboard.press("Enter")
    await expect(settings.locator("#done")).to_be_visible()
    await settings.focus(".set-nav a[href='#history']")
    await settings.keyboard.press("Enter")
    await expect(settings.locator("[data-change='timings.offer_s']")).to_contain_text("Temps pour répondre à une proposition")
    await expect(settings.locator("[data-change='timings.offer_s']")).to_contain_text("25 s")
    await expect(settings.locator(".set-version").first).to_contain_text("Sarah")
    await page.click("[data-action=menu]")
    await page.click("#sheet [data-action=close]")
    await page.click("[data-action=confirm]")
    await expect(page.locator("#app[data-phase=closed]")).to_be_attached()
