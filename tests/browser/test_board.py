"""The board on the wall: its own zone, letters that can be read from 8 m, a spoken call, and nobody who has to press reload."""

import math
from uuid import uuid4

import httpx2
from playwright.async_api import Page, expect

from tests.browser.faces import Staff
from tests.browser.house import House
from tests.browser.windows import TV, Windows

PIXEL_MM = 1218 / 1920  # of a 55-inch TV (1,218 mm wide) at 1080p
AWAY_MM = 8000
CAPITALS = 0.7  # the height of a capital or figure, of the size of its type
CALLED_MIN, BESIDE_MIN = 20.0, 10.0  # minutes of arc: 20 to 22 are comfortable (ISO 9241-303), 5 are the limit of good eyes
SPOKEN = """() => { window.__spoken = []; speechSynthesis.speak = (words) => {
  window.__spoken.push([words.lang, words.text]); setTimeout(() => words.onend?.(), 10); }; }"""


def join(url: str, store: str, service: str, language: str = "fr") -> str:
    """A ticket; its number."""
    body = {"id": str(uuid4()), "service": service, "language": language}
    answer = httpx2.post(f"{url}/api/v1/stores/{store}/tickets", json=body, trust_env=False)
    return str(answer.raise_for_status().json()["number"])


async def minutes_of_arc(page: Page, selector: str) -> float:
    """How large the figures of this element are for somebody 8 m away."""
    size_px = await page.locator(selector).first.evaluate("(element) => parseFloat(getComputedStyle(element).fontSize)")
    return math.degrees(math.atan(size_px * CAPITALS * PIXEL_MM / AWAY_MM)) * 60


async def test_it_can_be_read_from_eight_metres(house: House, windows: Windows, store: str) -> None:
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    karim = await Staff.sign_in(windows, house.url, store, "karim", "2222")
    for _ in range(4):
        join(house.url, store, "phones")
    wall = (await windows.open("board", f"{house.url}/s/{store}/board", TV)).page
    for staff, count in ((lea, 1), (karim, 2)):
        await staff.tap("next")
        await expect(wall.locator(f".board-list[data-count='{count}'] .board-call")).to_have_count(count)
        sizes = {what: await minutes_of_arc(wall, f".board-call {what}") for what in (".board-number", ".board-who b", ".board-who span")}
        print(f"{count} called, minutes of arc at 8 m:", {what: round(size, 1) for what, size in sizes.items()})
        assert sizes[".board-number"] >= CALLED_MIN
        assert min(sizes.values()) >= BESIDE_MIN
    beside = {
        what: round(await minutes_of_arc(wall, what), 1)
        for what in (".board-next .plate", ".board-range b", ".board-service", ".board-clock")
    }
    print("beside the calls:", beside)


async def test_two_zones_show_their_own_line(house: House, windows: Windows, store: str) -> None:
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    karim = await Staff.sign_in(windows, house.url, store, "karim", "2222")
    first, waiting, payment = (join(house.url, store, service) for service in ("phones", "phones", "payment"))
    walls = {zone: (await windows.open(zone, f"{house.url}/s/{store}/board?services={zone}", TV)).page for zone in ("phones", "payment")}
    await lea.claim(first)
    await karim.claim(payment)
    for zone, mine, other in (("phones", first, payment), ("payment", payment, first)):
        await expect(walls[zone].locator(f".board-call[data-number='{mine}']")).to_be_visible()
        await expect(walls[zone].locator(f".board-call[data-number='{other}']")).to_have_count(0)
        await expect(walls[zone].locator(".board-services li")).to_have_count(1)
    await expect(walls["phones"].locator(".board-next")).to_contain_text(waiting)
    await expect(walls["payment"].locator(".board-next")).not_to_contain_text(waiting)


async def test_a_call_is_said_once_in_the_shoppers_language(house: House, windows: Windows, store: str) -> None:
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    wall = (await windows.open("board", f"{house.url}/s/{store}/board", TV)).page
    await wall.evaluate(SPOKEN)
    await wall.locator(".board-services li").first.wait_for()
    await wall.mouse.click(10, 10)  # sound is locked until somebody has touched the screen once
    await wall.wait_for_function("() => document.querySelector('.board-sound').hidden")
    number = join(house.url, store, "phones", "en")
    await lea.claim(number)
    await wall.wait_for_function("() => window.__spoken.length > 0")
    await expect(wall.locator(f".board-call[data-number='{number}']")).to_be_visible()
    ((language, text),) = await wall.evaluate("window.__spoken")
    assert language == "en-GB"
    assert "Léa" in text
    assert number.split("-")[0] in text


async def test_it_comes_back_alone_after_a_restart_and_from_a_frozen_tab(own_house: House, windows: Windows) -> None:
    windows.network_was_cut = True
    lea = await Staff.sign_in(windows, own_house.url, "s1", "lea", "1111")
    window = await windows.open("board", f"{own_house.url}/s/s1/board", TV)
    await window.page.locator(".board-services li").first.wait_for()
    own_house.kill()
    own_house.start()
    number = join(own_house.url, "s1", "phones")
    session = await window.context.new_cdp_session(window.page)
    await session.send("Page.setWebLifecycleState", {"state": "frozen"})
    await lea.claim(number)
    await lea.holds(number)
    await session.send("Page.setWebLifecycleState", {"state": "active"})
    await expect(window.page.locator(f".board-call[data-number='{number}']")).to_be_visible(timeout=20_000)
