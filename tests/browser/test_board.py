"""The board on the wall: its own zone, letters that can be read from 8 m, a spoken call, and nobody who has to press reload."""

import math
from uuid import uuid4

import httpx2
from playwright.async_api import Page, expect

from tests.browser.counter import Counter
from tests.browser.faces import Staff
from tests.browser.house import House
from tests.browser.line import Line
from tests.browser.walks import calls_like
from tests.browser.windows import TV, Windows

WIDTH_MM = {55: 1218, 40: 886}  # of a TV of so many inches, 1920 pixels wide
AWAY_MM = 8000
CAPITALS = 0.7  # the height of a capital or figure, of the size of its type
# minutes of arc, on either TV: 20 to 22 are comfortable, 16 the least for long reading (ISO 9241-303), 5 the limit of good eyes
Least = dict[int, float]  # by inches
CALLED: Least = {55: 20, 40: 17}
WAITS: Least = {55: 16, 40: 12}
WORDS: Least = {55: 12, 40: 8.5}
READ: dict[str, Least] = {
    ".board-number": CALLED, ".board-next .plate": WAITS, ".board-range b": WAITS, ".board-clock": WORDS, ".board-who b": WORDS,
    ".board-who span": WORDS, ".board-service": WORDS, ".board-recent .plate": WORDS, ".board-label": WORDS,
}  # fmt: skip
BETWEEN_CALLS = {".board-calm-title": WORDS, ".board-says p:last-child": WORDS}
SERVICES = (
    "Conseil ordinateurs", "Conseil téléphones", "Image & son", "Gros électroménager", "Réparation et SAV", "Paiement",
    "Retrait de commandes", "Service après-vente",
)  # fmt: skip
OUTSIDE = """() => [...document.querySelectorAll('.board-call, .board-who > *, .board-services li, .board-services li > *')]
  .filter((part) => part.checkVisibility())
  .filter((part) => { const [own, all] = [part, part.parentElement].map((e) => e.getBoundingClientRect());
    return own.bottom > all.bottom + 1 || own.top < all.top - 1 || part.scrollWidth > part.clientWidth + 1
      || (getComputedStyle(part).overflowY !== 'visible' && part.scrollHeight > part.clientHeight + 1); })
  .map((part) => `${part.className} ${part.textContent}`)"""
SPOKEN = """() => { window.__spoken = []; speechSynthesis.speak = (words) => {
  window.__spoken.push([words.lang, words.text]); setTimeout(() => words.onend?.(), 10); }; }"""


def join(url: str, store: str, service: str, language: str = "fr") -> str:
    """A ticket; its number."""
    body = {"id": str(uuid4()), "service": service, "language": language}
    answer = httpx2.post(f"{url}/api/v1/stores/{store}/tickets", json=body, trust_env=False)
    return str(answer.raise_for_status().json()["number"])


async def can_be_read(page: Page, what: dict[str, Least], when: str) -> None:
    """The figures and capitals of each of these are high enough for somebody 8 m away, on either TV."""
    told = []
    for selector, least in what.items():
        size_px = await page.locator(f"{selector}:visible").first.evaluate("(element) => parseFloat(getComputedStyle(element).fontSize)")
        arc = {inch: 60 * math.degrees(math.atan(size_px * CAPITALS * mm / 1920 / AWAY_MM)) for inch, mm in WIDTH_MM.items()}
        told.append(f"{selector} {arc[55]:.0f} ({arc[40]:.0f})")
        assert all(arc[inch] >= least[inch] for inch in least), (when, selector, arc)
    print(f"{when}, minutes of arc at 8 m on 55 (40) inches:", ", ".join(told))


async def test_it_can_be_read_from_eight_metres(house: House, windows: Windows, counter: Counter) -> None:
    wall = (await windows.open("board", "about:blank", TV)).page
    line = await Line.of(wall)
    await wall.goto(f"{house.url}/s/{counter.id}/board")
    await wall.locator(".board-calm:visible").wait_for()
    await can_be_read(wall, BETWEEN_CALLS, "between calls")
    counter.claim(counter.join()["number"])
    await wall.locator(".board-call").wait_for()
    view = counter.view("board")
    offered = [{**view["services"][0], "id": f"s{n}", "labels": {"fr": name}} for n, name in enumerate(SERVICES)]
    recent = [{"number": f"T-03{n}", "name": "Léa", "desk": str(n)} for n in range(3)]
    for services in (1, 4, 8):
        for calls in (1, 2, 3, 4):
            called = calls_like(view["calls"][0], calls)
            line.change(calls=called, services=offered[:services], next=[f"C-{n}" for n in range(100, 106)], recent=recent)
            await expect(wall.locator(f".board-list[data-count='{calls}'] .board-call")).to_have_count(calls)
            await expect(wall.locator(".board-services li:visible")).to_have_count(min(4, services))
            await can_be_read(wall, READ, f"{services} services, {calls} called")
            assert await wall.evaluate(OUTSIDE) == [], (services, calls)


async def test_many_services_take_turns(house: House, windows: Windows, counter: Counter) -> None:
    wall = (await windows.open("board", "about:blank", TV)).page
    line = await Line.of(wall)
    await wall.clock.install()
    await wall.goto(f"{house.url}/s/{counter.id}/board")
    await wall.locator(".board-services li").first.wait_for()
    (service, *_) = counter.view("board")["services"]
    line.change(services=[{**service, "id": f"s{n}", "labels": {"fr": name}} for n, name in enumerate(SERVICES[:7])])
    await expect(wall.locator(".board-services li")).to_have_count(7)
    seen = set[str]()
    for _ in range(2):
        seen |= set(await wall.locator(".board-service:visible").all_inner_texts())
        page = await wall.locator(".board-page").inner_text()
        await wall.clock.run_for(10_000)
        await expect(wall.locator(".board-page")).not_to_have_text(page)
    assert seen == set(SERVICES[:7])


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
