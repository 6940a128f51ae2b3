"""The phone beyond waiting: the visit is prepared, another service chosen, two tabs agree, sleep is slept off."""

import time

from playwright.async_api import expect

from tests.browser.counter import Counter
from tests.browser.faces import Phone, Staff
from tests.browser.house import House
from tests.browser.line import Line
from tests.browser.windows import PHONE, Windows

FILLED = "[...document.querySelectorAll('.strokes i')].reduce((sum, one) => sum + Number(one.style.getPropertyValue('--fill')), 0)"


async def test_what_was_prepared_reaches_the_salesperson(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    page = phone.page
    await page.locator(".reading-list .item").first.click()
    for answer in ("gift", "replace", "middle"):
        await page.click(f"[data-answer={answer}]")
    await page.click("[data-action=needs]")
    await expect(page.locator(".needs .notice-go")).to_be_visible()
    await page.click(".reader-close")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await lea.tap("next")
    prepared = lea.page.locator("[data-needs]")
    await expect(prepared).to_contain_text("Un cadeau")
    await expect(prepared).to_contain_text("Budget moyen")


async def test_another_service_keeps_the_number(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    number = await phone.number()
    await phone.tap("more")
    await phone.page.click("[data-action=to-service][data-service=payment]")
    await expect(phone.page.locator(".paper-service")).to_contain_text("Paiement")
    assert await phone.number() == number


async def test_in_another_line_the_progress_begins_again(windows: Windows, counter: Counter) -> None:
    for _ in range(4):
        counter.join()
    phone = await Phone.join(windows, counter.url, counter.id, "phones")
    page = phone.page
    await expect(page.locator("ul.facts")).to_contain_text("4 personnes devant vous")
    for service, name in (("payment", "Paiement"), ("phones", "Conseil")):
        await phone.tap("more")
        await page.click(f"[data-action=to-service][data-service={service}]")
        await expect(page.locator(".paper-service")).to_contain_text(name)
    await expect(page.locator("ul.facts")).to_contain_text("4 personnes devant vous")
    assert await page.evaluate(FILLED) < 2, "nobody has been served meanwhile"


async def test_a_tap_without_a_line_is_answered(windows: Windows, counter: Counter) -> None:
    windows.network_was_cut = True
    window = await windows.open("phone", "about:blank", PHONE)
    line = await Line.of(window.page)
    await window.page.goto(f"{counter.url}/t/#{counter.join()['token']}")
    phone = Phone(window)
    await phone.shows("waiting")
    await line.cut()
    await window.page.locator(".live[data-state=waiting]").wait_for()
    await phone.tap("away")
    await expect(window.page.locator(".toast")).to_contain_text("votre demande est gardée")
    await line.restore()
    await phone.shows("away")


async def test_who_waited_until_the_store_closed_is_not_sent_to_its_closed_door(windows: Windows, counter: Counter) -> None:
    window = await windows.open("phone", "about:blank", PHONE)
    line = await Line.of(window.page)
    await window.page.goto(f"{counter.url}/t/#{counter.join()['token']}")
    await Phone(window).shows("waiting")
    line.change(phase="ended", outcome="closed")
    await expect(window.page.locator("main .headline")).to_contain_text("fermé")
    await expect(window.page.locator("main a.btn-main")).to_have_count(0)


async def test_a_page_that_wakes_is_current_within_a_second(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    number = await phone.number()
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    session = await phone.window.context.new_cdp_session(phone.page)
    await session.send("Page.setWebLifecycleState", {"state": "frozen"})
    await lea.next_is(number)
    await session.send("Page.setWebLifecycleState", {"state": "active"})
    woke = time.monotonic()
    await phone.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    await phone.shows("called", 5)
    print(f"current {time.monotonic() - woke:.2f} s after waking")
    assert time.monotonic() - woke < 1.0


async def test_back_and_forward_show_the_truth(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await phone.page.goto(f"{house.url}/s/{store}")
    await lea.tap("next")
    await phone.page.go_back()
    await phone.shows("called")


async def test_the_device_remembers_its_ticket_without_the_server(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    number = await phone.number()
    await phone.page.goto(f"{house.url}/t/")
    await phone.shows("waiting")
    assert await phone.number() == number
    await expect(phone.page.locator("body")).to_have_attribute("data-number", number)


async def test_games_are_played_by_keyboard(house: House, windows: Windows, store: str) -> None:
    window = await windows.open("games", f"{house.url}/s/{store}", PHONE)
    page = window.page
    await page.locator("[data-action=pick]").first.wait_for()
    await page.evaluate(
        """async () => {
          const { load } = await import('/static/web/js/i18n.js'); await load('fr', ['phone']);
          const { lamps, turned } = await import('/static/phone/js/lamps.js');
          const { order } = await import('/static/phone/js/order.js');
          const things = ['a', 'b', 'c'].map((what) => ({what, when: what}));
          document.querySelector('main').replaceChildren(lamps(), order(things));
          window.__turned = turned;
        }"""
    )
    assert await page.evaluate("[window.__turned(0), window.__turned(5)]") == [[0, 4, 1], [5, 1, 9, 4, 6]]
    lamp = page.locator(".lamp").first
    before = await lamp.get_attribute("data-state")
    await lamp.focus()
    await page.keyboard.press("Enter")
    assert await lamp.get_attribute("data-state") != before
    await page.keyboard.press("ArrowRight")
    assert "2" in str(await page.evaluate("document.activeElement.getAttribute('aria-label')"))
    await page.evaluate("document.documentElement.dir = 'rtl'")  # the grid's second lamp is then left of the first
    await page.keyboard.press("ArrowRight")
    assert "1" in str(await page.evaluate("document.activeElement.getAttribute('aria-label')"))
    await page.evaluate("document.documentElement.dir = 'ltr'")
    for what in ("b", "a", "b", "c"):
        await page.get_by_role("button", name=what, exact=True).click()
    await expect(page.get_by_text("Oui, dans l’ordre !")).to_be_visible()
