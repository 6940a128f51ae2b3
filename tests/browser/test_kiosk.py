"""The kiosk when something is wrong: no server, no sight, no reach, no patience; nobody loses a ticket."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from kiosk.printer.agent import Agent
from kiosk.printer.device import Printer
from tests.browser.counter import Counter
from tests.browser.faces import Kiosk, Staff
from tests.browser.house import House
from tests.browser.line import Line
from tests.browser.walk import long_wait
from tests.browser.walk_kiosk import is_whole
from tests.browser.windows import TABLET, Windows, comes_true
from tests.faces.paper import Paper

JOINS, OF_A_DAY = 50, 15  # in ten minutes at night, and by day; a third and two thirds of the way the server starts and is cut short
KEPT = """async () => {
  const needed = ['/s/s1/kiosk', '/api/v1/stores/s1', '/i18n/ar.json', '/i18n/fr.json', '/static/web/icons.svg',
                  ...performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname).filter((p) => p.startsWith('/static'))];
  const kept = new Set((await (await caches.open('avous-1')).keys()).map((r) => new URL(r.url).pathname));
  return needed.every((path) => kept.has(path));
}"""
RELOADS_AT_THE_NUMBER = """() => new MutationObserver(() => {
  const shown = document.querySelector('[data-number]');
  if (!shown) return;
  localStorage.setItem('shown', shown.dataset.number);
  location.reload();
}).observe(document.body, {subtree: true, childList: true})"""
WHOLE = ((800, 1280), (1080, 1920), (1920, 1080))
FAST = "{ const now = Date.now; Date.now = () => now() + 2 * 86_400_000; }"
SPOKEN = "() => { window.__spoken = []; speechSynthesis.speak = (words) => { window.__spoken.push(words.text); }; }"


def joined(folder: Path) -> list[str]:
    """The numbers of all tickets in the journal."""
    with sqlite3.connect(f"file:{folder / 'avous.db'}?mode=ro", uri=True) as tables:
        rows = tables.execute("select body from event where body like '%TicketJoined%'").fetchall()
    return [json.loads(row[0])["number"] for row in rows]


async def is_ready_for_the_worst(page: Page) -> None:
    """The page and everything it needs are kept by the service worker."""
    await comes_true(page, KEPT)


async def take(page: Page) -> str:
    """One ticket by touch; the number on the screen when the shopper walks away."""
    await page.click("[data-action=pick][data-service=phones]")
    await page.click("[data-action=take]")
    number = str(await page.locator("[data-number]").get_attribute("data-number"))
    await page.click("[data-action=done]")
    return number


async def take_and_lose_power(page: Page) -> str:
    """One ticket by touch; the kiosk starts again in the instant in which its number shows. The next person finds the first screen."""
    await page.click("[data-action=pick][data-service=phones]")
    await page.evaluate(RELOADS_AT_THE_NUMBER)
    async with page.expect_event("load"):
        await page.click("[data-action=take]")
    await page.locator("#app[data-screen]").wait_for()
    await expect(page.locator("#app")).to_have_attribute("data-screen", "choose", timeout=1000)
    return str(await page.evaluate("localStorage.getItem('shown')"))


async def everybody_gets_exactly_one(house: House, windows: Windows, folder: Path, joins: int, gone_s: float) -> None:
    """The server is away so long: joins all along, two starts cut short, the kiosk starts again; each ticket once, slips match."""
    windows.network_was_cut = True
    kiosk = await Kiosk.open(windows, house.url, "s1")
    page = kiosk.page
    page.set_default_timeout(30_000)  # a page that opens without its server on a busy machine
    await is_ready_for_the_worst(page)
    house.kill()
    gone_at = time.monotonic()
    await expect(page.locator(".kiosk-away")).to_be_visible()
    slips: list[str] = []
    for n in range(joins):
        if n in (joins // 3, 2 * joins // 3):
            house.start()
            house.kill()
        await page.wait_for_timeout(max(0.0, 1000 * (gone_at + gone_s * n / joins - time.monotonic())))
        slips.append(await (take_and_lose_power if n == joins // 2 else take)(page))
        await expect(page.locator("#app[data-screen=choose]")).to_be_attached()
    away_s = time.monotonic() - gone_at
    assert len(set(slips)) == joins
    house.start()
    back_at = time.monotonic()
    await expect(page.locator(".kiosk-away")).to_be_hidden(timeout=60_000)
    print(f"{joins} joins in {away_s:.0f} s without the server; all of them there {time.monotonic() - back_at:.1f} s after it was back")
    numbers = joined(folder)
    assert sorted(numbers) == sorted(slips), "each once, and each slip shows its ticket's number"


async def test_the_server_is_gone_and_everybody_gets_exactly_one_ticket(own_house: House, windows: Windows, tmp_path: Path) -> None:
    await everybody_gets_exactly_one(own_house, windows, tmp_path, OF_A_DAY, 0.0)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
async def test_the_server_is_gone_for_ten_minutes(own_house: House, windows: Windows, tmp_path: Path) -> None:
    await everybody_gets_exactly_one(own_house, windows, tmp_path, JOINS, 600.0)


async def test_a_number_of_the_kiosks_own_becomes_the_ticket_on_the_screen(own_house: House, windows: Windows) -> None:
    windows.network_was_cut = True
    kiosk = await Kiosk.open(windows, own_house.url, "s1")
    await expect(kiosk.page.locator("[data-action=pick]").first).to_be_visible()
    own_house.kill()
    await expect(kiosk.page.locator(".kiosk-away")).to_be_visible()
    await kiosk.page.click("[data-action=pick][data-service=phones]")
    await kiosk.page.click("[data-action=take]")
    await expect(kiosk.page.locator("[data-provisional=true]")).to_be_visible()
    assert await kiosk.page.locator("[data-number]").get_attribute("data-number") == "T-9101"
    own_house.start()
    await expect(kiosk.page.locator("[data-provisional=false] .qr")).to_be_visible(timeout=20_000)
    assert await kiosk.page.locator("[data-number]").get_attribute("data-number") == "T-9101"


async def test_a_kiosk_whose_own_clock_is_fast_starts_again_without_the_server(own_house: House, windows: Windows, tmp_path: Path) -> None:
    """The number it prints stands all the same: it goes on by the store's clock, not by its own."""
    windows.network_was_cut = True
    page = (await windows.open("kiosk", "about:blank", TABLET)).page
    await page.add_init_script(FAST)
    await page.goto(f"{own_house.url}/s/s1/kiosk")
    await is_ready_for_the_worst(page)
    own_house.kill()
    await page.reload()
    await expect(page.locator(".kiosk-away")).to_be_visible()
    assert await take(page) == "T-9101"
    own_house.start()
    await expect(page.locator(".kiosk-away")).to_be_hidden(timeout=60_000)
    assert joined(tmp_path) == ["T-9101"]


async def test_somebody_who_cannot_use_the_screen_is_helped(house: House, windows: Windows, store: str) -> None:
    kiosk = await Kiosk.open(windows, house.url, store)
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await kiosk.page.click("[data-action=help]")
    asked = lea.page.locator("[data-alert=help]")
    await expect(asked).to_be_visible()
    await asked.locator("button").first.click()
    await expect(kiosk.page.locator(".kiosk-lead")).to_contain_text("Léa")


async def test_by_keypad_and_by_voice_alone(house: House, windows: Windows, store: str) -> None:
    kiosk = await Kiosk.open(windows, house.url, store)
    page = kiosk.page
    await page.evaluate(SPOKEN)
    await expect(page.locator("[data-action=pick]").first).to_be_visible()
    for key in ("*", "1"):
        await page.keyboard.press(key)
    await expect(page.locator("[data-action=take]")).to_be_visible()
    for _ in range(9):
        await page.keyboard.press("ArrowDown")
        if await page.evaluate("document.activeElement.dataset.action") == "take":
            break
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-number]")).to_be_visible()
    said = " ".join(await page.evaluate("window.__spoken"))
    assert "La voix est activée" in said
    assert "Votre attente" in said
    assert "Prendre mon ticket" in said
    assert await page.locator("[data-number]").get_attribute("data-number") == "T-001"
    assert "T 1." in said


async def test_the_voice_says_what_is_seen_and_what_changes(windows: Windows, counter: Counter) -> None:
    page = (await windows.open("kiosk", "about:blank", TABLET)).page
    line = await Line.of(page)
    await page.clock.install()
    await page.goto(f"{counter.url}/s/{counter.id}/kiosk")
    await page.evaluate(SPOKEN)
    await page.locator("[data-action=pick]").first.wait_for()
    line.change(services=long_wait(counter))
    await page.locator(".tile-range b:text-is('20–45')").wait_for()

    async def says(words: str) -> None:
        await comes_true(page, "(words) => window.__spoken.at(-1).endsWith(words)", words)

    await page.keyboard.press("*")
    await page.keyboard.press("ArrowDown")
    await says("1. Conseil téléphones. entre 20 et 45 minutes. Personne n’attend.")
    await page.keyboard.press("Enter")
    await page.locator("[data-action=more-people]").focus()
    await page.keyboard.press("Enter")
    await says("2 personnes.")
    await page.clock.run_for(61_000)
    await says("L’écran revient au début dans quelques secondes. Oui, encore un moment.")
    await page.keyboard.press("Enter")
    await page.locator("[data-action=help]").click()
    await page.locator("[data-action=help]").click()
    await page.locator("[data-action=help-over]").wait_for()
    counter.come()
    await page.clock.run_for(4000)
    await says("Léa arrive.")
    await page.locator("[data-action=help-over]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-way=sound]")).to_have_attribute("aria-pressed", "true")  # it is still the same person


async def test_with_the_voice_on_the_first_touch_reads_and_the_second_presses(house: House, windows: Windows, store: str) -> None:
    kiosk = await Kiosk.open(windows, house.url, store)
    page = kiosk.page
    await page.evaluate(SPOKEN)
    await page.click("[data-way=sound]")
    tile = page.locator("[data-action=pick][data-service=phones]")
    await tile.click()
    await expect(tile).to_be_visible()
    said = [words for words in await page.evaluate("window.__spoken") if "Conseil téléphones" in words]
    assert len(said) == 1
    await tile.click()
    await expect(page.locator("[data-action=take]")).to_be_visible()


@pytest.mark.parametrize("language", ["fr", "ar"])
async def test_in_low_reach_everything_that_can_be_touched_is_in_the_lower_half(
    house: House, windows: Windows, store: str, language: str
) -> None:
    kiosk = await Kiosk.open(windows, house.url, store)
    page = kiosk.page
    await page.click(f"[data-language={language}]")
    await page.click("[data-way=low]")
    for step in ("[data-action=pick][data-service=phones]", "[data-action=take]", "[data-action=done]"):
        await expect(page.locator(step)).to_be_visible()
        tops = await page.evaluate(
            "[...document.querySelectorAll('button, input')].filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().top)"
        )
        assert min(tops) >= TABLET[1] / 2 - 1, step
        await page.click(step)


async def test_all_of_it_is_there_without_scrolling(windows: Windows, counter: Counter) -> None:
    """On an upright tablet, a tall screen and a wide one: eight things to choose from, and the other ways of a long wait."""
    page = (await windows.open("kiosk", "about:blank", TABLET)).page
    line = await Line.of(page)
    await page.goto(f"{counter.url}/s/{counter.id}/kiosk")
    await page.locator("[data-action=pick]").first.wait_for()
    known = long_wait(counter)
    line.change(services=[*known, *({**known[-1], "id": f"more{n}"} for n in range(5))])
    for shown, then in (("[data-action=pick][data-service=more4]", "[data-action=pick]"), ("[data-action=book]", "[data-action=back]")):
        await page.locator(shown).wait_for()
        await is_whole(page, shown, WHOLE)
        await page.locator(then).first.click()


async def test_companions_come_on_the_same_ticket(house: House, windows: Windows, store: str) -> None:
    kiosk = await Kiosk.open(windows, house.url, store)
    page = kiosk.page
    await page.click("[data-action=pick][data-service=phones]")
    await page.click("[data-action=more-people]")
    await page.click("[data-action=more-people]")
    async with page.expect_request(lambda r: r.url.endswith("/tickets")) as sent:
        await page.click("[data-action=take]")
    body: Any = (await sent.value).post_data_json
    assert body["companions"] == 2


async def test_nobody_there_any_more(house: House, windows: Windows, store: str) -> None:
    window = await windows.open("kiosk", "about:blank", TABLET)
    page = window.page
    await page.clock.install()
    await page.goto(f"{house.url}/s/{store}/kiosk")
    await page.click("[data-action=pick][data-service=phones]")
    await page.clock.run_for(61_000)
    await expect(page.locator("dialog.kiosk-idle")).to_be_visible()
    await page.locator("dialog.kiosk-idle button").click()
    await page.clock.run_for(59_000)
    await expect(page.locator("[data-action=take]")).to_be_visible()
    async with page.expect_request(lambda r: r.url.endswith("/balks")):
        await page.clock.run_for(22_000)
    await expect(page.locator("#app[data-screen=choose]")).to_be_attached()


async def test_a_ticket_stays_on_the_screen_while_somebody_touches_it(house: House, windows: Windows, store: str) -> None:
    page = (await windows.open("kiosk", "about:blank", TABLET)).page
    await page.clock.install()
    await page.goto(f"{house.url}/s/{store}/kiosk")
    await page.click("[data-action=pick][data-service=phones]")
    await page.click("[data-action=take]")
    await page.locator("[data-number]").wait_for()
    for _ in range(2):
        await page.clock.run_for(28_000)
        await page.locator(".got-number").click()
    await page.clock.run_for(28_000)
    await expect(page.locator("[data-number]")).to_be_visible()
    await page.clock.run_for(4000)
    await expect(page.locator("#app[data-screen=choose]")).to_be_attached()


async def test_the_wait_on_a_ticket_and_its_slip_is_its_own(windows: Windows, counter: Counter) -> None:
    """Everybody's for who comes in turn; a card goes first, so that its wait is another."""
    page = (await windows.open("kiosk", "about:blank", TABLET)).page
    line = await Line.of(page)
    await page.add_init_script("window.print = () => undefined")
    await page.goto(f"{counter.url}/s/{counter.id}/kiosk?printer=page")
    await page.locator("[data-action=pick]").first.wait_for()
    line.change(services=long_wait(counter))
    await page.locator(".tile-range b:text-is('20–45')").wait_for()
    for card in (False, True):
        if card:
            await page.click("[data-action=card]")
        await page.click("[data-action=pick][data-service=phones]")
        await expect(page.locator(".confirm-wait > .small")).to_be_visible(visible=not card)  # said of everybody's wait alone
        async with page.expect_request(lambda r: r.url.endswith("/slip.svg")) as asked:
            await page.click("[data-action=take]")
        slip: Any = (await asked.value).post_data_json
        shown = await page.locator(".got-wait .range b").inner_text()
        assert (shown == "20–45") is not card
        assert ("entre 20 et 45 minutes" in slip["wait"]) is not card
        assert "minute" in slip["wait"]
        await page.click("[data-action=done]")


@pytest.fixture
def paper(house: House) -> Iterator[Paper]:
    """A printer of bytes behind the kiosk's own agent."""
    printer = Paper()
    agent = Agent(Printer(printer.address), house.url)
    thread = threading.Thread(target=agent.serve_forever, args=(0.05,))
    thread.start()
    yield printer
    agent.shutdown()
    thread.join()
    agent.server_close()


async def test_the_slip_is_printed_and_no_paper_is_a_message_to_staff(house: House, windows: Windows, store: str, paper: Paper) -> None:
    window = await windows.open("kiosk", f"{house.url}/s/{store}/kiosk?printer=1", TABLET)
    page = window.page
    await page.click("[data-action=pick][data-service=phones]")
    await page.click("[data-action=take]")
    await expect(page.locator(".got-slip")).to_contain_text("s’imprime")
    number = str(await page.locator("[data-number]").get_attribute("data-number"))
    assert (number, 5, True) in paper.sheets[0].lines
    assert "/t/#" in paper.sheets[0].codes[0]
    await page.click("[data-action=done]")
    paper.has_paper = False
    assert await take(page) == "T-002"
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await expect(lea.page.locator("[data-alert=paper]")).to_be_visible()
