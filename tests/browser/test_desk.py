"""The manager's other pages: clean to axe, reachable by keyboard, as wide as the screen; what is offered to whom."""

import re

from playwright.async_api import Page, Route, expect

from tests.browser.axe import clean
from tests.browser.desk import DESK, booked, desk, holds, saved, sends
from tests.browser.faces import Staff, sign_in
from tests.browser.house import House
from tests.browser.keyboard import reachable
from tests.browser.windows import Windows


async def test_keys_and_webhooks(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "links")
    await sends(page, "key", "name", "Caisse", "[data-form=key] [data-secret]")
    await expect(page.locator("[data-key-id]")).to_contain_text("Caisse")
    await sends(page, "hook", "url", "https://hooks.example.com/avous", "[data-form=hook] [data-secret], #trouble .notice")
    await holds(page, "keys and webhooks")
    await page.click("[data-key-id] [data-action=revoke]")
    await page.click("dialog[data-sheet=sure] .btn-stop")
    await expect(page.locator("[data-key-id] .chip")).to_be_visible()


async def test_accounts_and_devices(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "access")
    await sends(page, "code", "name", "Entrée", "[data-code]")
    await expect(page.locator("[data-person=lea]")).to_contain_text("vendeur")
    await holds(page, "access")


async def test_appointments_at_the_desk_and_in_the_app(house: House, windows: Windows, store: str) -> None:
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    code = booked(house, store, "Zoé", 0)
    booked(house, store, "Tom", -1)
    page = await desk(house, windows, store, "appointments")
    row = page.locator("tr[data-appointment]", has_text="Zoé")
    await expect(row).to_contain_text(code)
    await expect(page.locator(".lead")).to_have_text("attendu\u00a02")
    await holds(page, "appointments")
    await lea.tap("menu")
    await lea.page.click("#sheet [data-action=mine]")
    await expect(lea.page.locator("#sheet")).to_contain_text("Moins de cinq visites")
    await clean(lea.page, "my figures in the app")
    await lea.page.click("#sheet [data-action=close-sheet]")
    await lea.tap("menu")
    await lea.page.click("#sheet [data-action=appointments]")
    await clean(lea.page, "appointments in the app")
    await reachable(lea.page, "appointments in the app")
    lea.window.refusals = ("/check-in",)
    await lea.page.locator("[data-appointment]", has_text="Tom").locator("[data-check-in]").click()
    await expect(lea.page.locator("#sheet [role=alert]")).to_have_text(re.compile(r"Trop tôt .* à partir de \d\d:\d\d\."))
    await expect(lea.page.locator("#sheet [data-action=close-sheet]")).to_have_text("Fermer")  # nothing is asked, nothing called off
    await lea.page.locator("[data-appointment]", has_text="Zoé").locator("[data-check-in]").click()
    await expect(lea.page.locator("[data-appointment][data-state=here]")).to_contain_text("Zoé")
    await page.reload()
    await expect(page.locator("tr[data-state=here]")).to_contain_text("Zoé")


async def refused(page: Page, button: str) -> None:
    """A button that cannot be taken back asks; Escape and the way out change nothing, and leave the focus where it was."""
    sheet = page.locator("dialog[data-sheet=sure]")
    for way_out in ("Escape", "Enter"):  # the way out has the focus
        await page.focus(button)
        await page.keyboard.press("Enter")
        await expect(sheet).to_be_visible()
        await page.keyboard.press(way_out)
        await expect(sheet).to_have_count(0)
        await expect(page.locator(button)).to_be_focused()


async def test_what_cannot_be_taken_back_is_asked_first(house: House, windows: Windows, store: str) -> None:
    booked(house, store, "Zoé", 0)
    page = await desk(house, windows, store, "appointments")
    cancel = "tr[data-appointment] [data-action=cancel]"
    await refused(page, cancel)
    await expect(page.locator("tr[data-state=expected]")).to_contain_text("Zoé")
    await page.click(cancel)
    await expect(page.locator("dialog[data-sheet=sure]")).to_contain_text("Zoé")
    await clean(page, "appointments, asked whether to cancel")
    await page.click("dialog[data-sheet=sure] .btn-stop")
    await expect(page.locator("tr[data-state=cancelled]")).to_have_count(1)
    await page.goto(f"{house.url}/manager/links")
    await sends(page, "key", "name", "Caisse", "[data-form=key] [data-secret]")
    await refused(page, "[data-action=revoke]")
    await expect(page.locator("[data-key-id] .chip")).to_have_count(0)


async def test_who_runs_which_stores_and_for_whom_the_news_is(house: House, windows: Windows) -> None:
    window = await windows.open("ines", f"{house.url}/manager/settings?store=offers#people", DESK)
    page = window.page
    await sign_in(page, "ines", "4444")
    sarah = page.locator("details[data-person=sarah]")
    await sarah.locator("summary").click()
    await page.check("[data-path='salespeople.sarah.stores.pale']")
    await page.select_option("[data-path='salespeople.lea.role']", "read_only", force=True)
    await expect(page.locator("[data-path='salespeople.lea.stores.pale']")).to_be_attached()  # a desk's fields come with the role
    await page.select_option("[data-path='salespeople.lea.role']", "salesperson", force=True)
    await clean(page, "settings, people, stores")
    await page.click(".set-nav a[href='#content']")
    await page.click("[data-action=add-feed]")
    await page.fill("[data-path='feeds.0.url']", "https://news.example.com/feed")
    await page.select_option("[data-path='feeds.0.service']", "phones")
    await saved(page)
    await expect(page.locator(".set-version").first).to_contain_text("pale")
    found = await page.evaluate("fetch('/api/v1/stores/offers/manager/settings').then((answer) => answer.json())")
    assert found["settings"]["salespeople"]["sarah"]["stores"] == ["pale"]
    assert [feed["service"] for feed in found["settings"]["feeds"]] == ["phones"]
    await page.click(".set-nav a[href='#content']")
    await page.click("[data-action=remove-feed]")
    await saved(page)


async def test_every_store_at_a_glance(house: House, windows: Windows) -> None:
    window = await windows.open("ines", f"{house.url}/manager?store=offers", DESK)
    page = window.page
    await sign_in(page, "ines", "4444")
    await expect(page.locator("#app[data-screen=floor]")).to_be_attached()
    await page.goto(f"{house.url}/manager")
    await expect(page.locator("#app[data-screen=stores] a[data-store=offers]")).to_be_visible()
    await holds(page, "stores")
    await page.focus("a[data-store=offers]")
    await page.keyboard.press("Enter")
    await expect(page.locator("#app[data-screen=floor]")).to_be_attached()


async def menu(page: Page) -> list[str]:
    """Where the links of the floor's menu lead, once it is open."""
    await page.click("[data-action=menu]")
    links: list[str] = await page.locator("#sheet a[href^='/manager/']").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
    return links


async def test_every_page_stays_at_the_store_that_is_looked_at(house: House, windows: Windows) -> None:
    page = (await windows.open("ines", f"{house.url}/manager?store=offers", DESK)).page
    await sign_in(page, "ines", "4444")
    await expect(page.locator("#app[data-screen=floor]")).to_be_attached()
    await page.goto(f"{house.url}/manager?store=pale")
    found = await menu(page)
    assert len(found) == 6
    for path in found:
        await page.goto(f"{house.url}{path}")
        back = page.locator("header a[href^='/manager'], main > p a[href^='/manager']").first
        await expect(back).to_have_attribute("href", "/manager?store=pale")
    await page.goto(f"{house.url}/manager/settings?store=pale#people")
    await expect(page.locator("section[data-part=people] a[href^='/manager']")).to_have_attribute("href", "/manager/access?store=pale")


async def test_who_only_looks_is_offered_nothing_that_is_refused(house: House, windows: Windows) -> None:
    page = (await windows.open("remi", f"{house.url}/manager?store=offers", DESK)).page
    await sign_in(page, "remi", "5555")
    await expect(page.locator("#app[data-screen=floor]")).to_be_attached()
    for path in await menu(page):
        await page.goto(f"{house.url}{path}")
        await expect(page.locator("#app:not([data-screen=loading]):not([data-screen=signin])")).to_be_attached()
        await expect(page.locator("#app[data-screen=refused], #app input[type=file], #app form")).to_have_count(0)


async def test_that_nobody_is_there_to_serve_is_said_once(house: House, windows: Windows) -> None:
    page = (await windows.open("ines", f"{house.url}/manager?store=offers", DESK)).page
    await sign_in(page, "ines", "4444")
    await expect(page.locator("#app[data-screen=floor]")).to_be_attached()
    await page.route("**/alarms", nobody_comes)
    await page.route("**/glance", nobody_comes)
    await page.reload()
    await expect(page.locator("[data-alarm]")).to_have_count(1)
    await expect(page.locator("[data-alarm=nobody]")).to_contain_text("Conseil téléphones, Paiement")
    await expect(page.locator("[data-ahead=phones]")).to_have_text(re.compile("personne en service$"))
    await page.goto(f"{house.url}/manager")
    card = page.locator("a[data-store=offers]")
    await expect(card.locator("[data-flag=nobody]")).to_have_text("Personne pour 2 services")
    await expect(card.locator("[data-flag=alarm]")).to_have_count(1)


async def nobody_comes(route: Route) -> None:
    """The real answer, were nobody expected to serve two services, and a third about to be late."""
    told = await (await route.fetch()).json()
    at, nobody = "2026-11-21T15:10:00Z", ("phones", "payment")
    if "stores" in told:
        for seen in told["stores"]:
            coming = [{"service": service, "crosses_at": at, "nobody": service in nobody} for service in (*nobody, "cash")]
            seen |= {"phase": "open", "alarms": coming}
    else:
        alarm = {"raised_at": at, "crosses_at": at, "limit_s": 600, "worst_s": None, "helped_s": 300}
        never = {"p50_s": [None] * 3, "p90_s": [None] * 3}
        told |= {"at": at, "ahead_s": [0, 1800, 3600], "outlook": dict.fromkeys(nobody, never)}
        told["alarms"] = [{**alarm, "service": service} for service in nobody]
    await route.fulfill(json=told)
