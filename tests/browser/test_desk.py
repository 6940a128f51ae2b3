"""The manager's pages beside the floor: clean to axe, reachable by keyboard, as wide as the screen, on a phone and at a desk."""

import asyncio
import re
from typing import Any
from uuid import uuid4

import httpx2
from playwright.async_api import FilePayload, Locator, Page, Route, expect

from tests.browser.axe import clean, of_a_mode
from tests.browser.faces import Staff, manager, sign_in
from tests.browser.house import House
from tests.browser.keyboard import reachable
from tests.browser.windows import PHONE, TABLET, Size, Windows

DESK: Size = (1440, 900)
SIZES = (PHONE, TABLET, DESK)
PARTS = (
    "start", "services", "people", "hours", "ranking", "times", "store", "texts", "look", "content",
    "appointments", "alarms", "compensation", "data", "history",
)  # fmt: skip
REPORT = re.compile(r"/report\?")
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def holds(page: Page, where: str) -> None:
    """As it is now, at every size: nothing scrolls sideways; clean by day on a phone and by night at a desk; reached by keyboard."""
    for size in SIZES:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        assert await page.evaluate(TOO_WIDE) <= 0, f"{where} is wider than {size[0]} px"
        if size == PHONE:
            await clean(page, f"{where}, phone")
    await page.emulate_media(color_scheme="dark")
    await clean(page, f"{where}, desk, dark", of_a_mode("theme=dark"))
    await page.emulate_media(color_scheme="light")
    await reachable(page, where)


async def desk(house: House, windows: Windows, store: str, path: str, refusals: tuple[str, ...] = ()) -> Page:
    """A page of Sarah's desk."""
    window = await manager(windows, house.url, store)
    window.refusals = refusals
    await expect(window.page.locator("#app[data-screen=floor]")).to_be_attached()
    await window.page.goto(f"{house.url}/manager/{path}")
    return window.page


async def saved(page: Page) -> None:
    """Save the settings, and open their history once that is done."""
    await page.click("[data-action=save]")
    await expect(page.locator("#done")).to_be_visible()
    await page.click(".set-nav a[href='#history']")


async def sends(page: Page, form: str, field: str, value: str, shows: str) -> None:
    """Fill in one field of a form, send it with Enter, and wait for what it shows then."""
    await page.fill(f"[data-form={form}] [name={field}]", value)
    await page.keyboard.press("Enter")
    await expect(page.locator(shows)).to_be_visible()


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


def booked(house: House, store: str, name: str, which: int) -> str:
    """An appointment of today for somebody, at the first slot (0) or the last (-1); its code."""
    with httpx2.Client(base_url=f"{house.url}/api/v1/stores/{store}", trust_env=False) as http:
        slot = http.get("/slots", params={"service": "phones", "days": "1"}).json()["slots"][which]["at"]
        made = http.post("/bookings", json={"id": str(uuid4()), "service": "phones", "at": slot, "name": name})
    assert made.status_code == 201, made.text
    return str(made.json()["code"])


async def test_every_part_of_the_settings(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "settings")
    await expect(page.locator("#app[data-screen=settings][data-state=ready]")).to_be_attached()
    for part in PARTS:
        await page.focus(f".set-nav a[href='#{part}']")
        await page.keyboard.press("Enter")
        await expect(page.locator(f"section[data-part={part}]")).to_be_visible()
        await holds(page, f"settings, {part}")
    shown = await page.locator(".set-nav a[href^='#']").evaluate_all("(links) => links.map((a) => a.hash.slice(1))")
    assert tuple(shown) == PARTS, "no part is left out here"


async def test_what_is_wrong_with_a_setting_is_said_in_french(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "settings#store", refusals=("/manager/settings",))
    await page.fill("[data-path=zone]", "Mars/Olympe")
    await page.click("[data-action=save]")
    await expect(page.locator("#problem")).to_contain_text("ce fuseau horaire n’existe pas")
    await expect(page.locator("#problem")).to_contain_text("Fuseau horaire")
    await page.click("[data-action=revert]")
    await page.click(".set-nav a[href='#texts']")
    await page.fill("[data-path='texts.welcome.fr']", "Bienvenue chez nous")
    await saved(page)
    join = await windows.open("join", f"{house.url}/s/{store}", PHONE)
    await expect(join.page.locator("[data-own=welcome]")).to_have_text("Bienvenue chez nous")


async def test_a_class_of_the_stores_own_is_read_by_its_name(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "settings#ranking")
    for language, name in (("fr", "Fidélité"), ("en", "Member")):  # what it is called as long as the store says nothing else
        await expect(page.locator(f"[data-path='class_labels.member.{language}']")).to_have_attribute("placeholder", name)
    await page.fill("#new-class", "Cliente Or")
    await page.click("[data-action=add-class]")
    await page.fill("[data-path='class_labels.cliente-or.en']", "Gold")
    await clean(page, "settings, ranking, a new class")
    await saved(page)
    named = page.locator("[data-change='class_labels.cliente-or.en'] th")
    await expect(named).to_have_text("Ordre de passage › Cliente Or › Nom › anglais")
    with httpx2.Client(base_url=f"{house.url}/api/v1/stores/{store}", trust_env=False) as http:
        http.post("/tickets", json={"id": str(uuid4()), "service": "phones", "priority": "cliente-or"}).raise_for_status()
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await lea.tap("next")
    await expect(lea.page.locator("article.slip [data-tag=class]")).to_have_text("Cliente Or")


async def test_somebodys_working_hours(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "settings#people")
    await page.click("details[data-person=lea] summary")
    await page.click("[data-action=add-shift][data-id=lea]")
    await page.fill("[data-path='salespeople.lea.shifts.0.1']", "17:30")
    await clean(page, "settings, people, opened")
    await page.click(".set-nav a[href='#data']")
    await page.fill("[data-path='keep.days']", "60")
    await saved(page)
    await expect(page.locator("[data-change='keep.days'] td").last).to_have_text("60\u00a0jours")
    await expect(page.locator(".set-version").first).to_contain_text("17:30")


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


async def test_who_only_looks_reads_every_setting_and_changes_none(house: House, windows: Windows) -> None:
    page = (await windows.open("remi", f"{house.url}/manager/settings?store=offers", PHONE)).page
    await sign_in(page, "remi", "5555")
    await expect(page.locator("#app[data-screen=settings][data-state=ready]")).to_be_attached()
    shown = await page.locator(".set-nav a").evaluate_all("(links) => links.map((a) => a.hash.slice(1))")
    assert tuple(shown) == PARTS[1:], "all but the steps of opening a store, and no way to devices and PINs"
    for part in shown:
        await page.goto(f"{house.url}/manager/settings?store=offers#{part}")
        section = page.locator(f"section[data-part={part}]")
        await expect(section).to_be_visible()
        await expect(section.locator("form, button, input:enabled, select:enabled, textarea:enabled, a[href*=access]")).to_have_count(0)
        await clean(page, f"settings, {part}, for who only looks")
        assert await page.evaluate(TOO_WIDE) <= 0
    await page.goto(f"{house.url}/manager/settings?store=offers#ranking")
    await expect(page.locator("[data-path='classes.member']")).to_have_value("5")


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


async def test_the_trials_answer_fits_a_phone(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "settings#ranking")
    await page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    before, after = ({"wait_mean_s": s, "wait_p90_s": 3 * s, "unanswered_share": 0.125} for s in (348, 402))
    groups = [
        {"kind": kind, "id": id, "shoppers": 2291, "before": before, "after": after}
        for kind, id in (("all", ""), ("service", "phones"), ("class", "member"))
    ]
    done = {"run": "r", "state": "done", "result": {"days": 7, "groups": groups}}  # what the twin says is held by tests of the lab
    await page.route("**/settings/trial", lambda route: route.fulfill(json=done))
    await page.click("[data-action=trial]")
    await expect(page.locator("[data-trial-words]")).to_contain_text("6,7 min d’attente en moyenne au lieu de 5,8")
    await expect(page.locator("[data-group=classmember] th")).to_have_text("Fidélité")
    picture = page.locator("[data-plot=trial-waits]")
    await expect(picture.locator("rect")).to_have_count(2)  # one service, before and after
    await expect(picture).to_have_attribute("aria-label", re.compile("Conseil téléphones\u00a0: Aujourd’hui 5,8, Avec cette page 6,7"))
    await expect(page.locator("[data-plot=trial-lost] text").last).to_have_text("12,5\u00a0%")
    assert await written_at_least(page, picture, 12.0)
    assert await page.evaluate(TOO_WIDE) <= 0
    await clean(page, "settings, the trial's answer, phone")


async def written_at_least(page: Page, picture: Locator, px: float) -> bool:
    """Whether what is written in a picture is as tall on the screen as a person can read."""
    scale = "(svg) => parseFloat(getComputedStyle(svg).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width"
    tall: float = await picture.evaluate(scale)
    return tall >= px


async def test_what_the_early_call_saves_is_shown_beside_its_settings(house: House, windows: Windows, store: str) -> None:
    page = await desk(house, windows, store, "settings#times")
    asked: list[Any] = []
    off = {"salesperson_waits_s": 90.0, "salespeople_day_s": 5400.0, "wait_mean_s": 480.0, "left": 9.5, "invited": 0.0}
    on = {"salesperson_waits_s": 50.0, "salespeople_day_s": 3000.0, "wait_mean_s": 450.0, "left": 8.5, "invited": 41.0}
    apart = {name: {"mean": on[name] - off[name], "ci95": [1.1 * (on[name] - off[name]), 0.9 * (on[name] - off[name])]} for name in off}
    days = [{"day": "2026-11-20", "off_s": 90.0, "on_s": 50.0}]
    result = {"days": 7, "shoppers": 900, "off": off, "on": on, "difference": apart, "by_day": days}

    async def tell(route: Route) -> None:
        asked.append(route.request.post_data_json)
        told = result if len(asked) == 1 else {**result, "on": {**off}}
        await route.fulfill(json={"run": "r", "state": "done", "result": told})

    await page.route("**/settings/trial", tell)  # what the twin says is held by tests of the lab and of the twin
    await page.fill("[data-path='timings.early_s']", "60")
    await page.focus("[data-action=trial]")
    await page.keyboard.press("Enter")
    words = page.locator("[data-trial-words]")
    await expect(words).to_contain_text("50\u00a0s au lieu de 90\u00a0s\u00a0: 40\u00a0min d’attente de moins par jour")
    await expect(words).to_contain_text("entre 36 et 44\u00a0min")
    await expect(page.locator("[data-plot=trial-early]")).to_have_attribute("aria-label", re.compile("20 nov"))
    await expect(page.locator("[data-figure=left] td").last).to_have_text("-1,0\u00a0(-1,1\u00a0…\u00a0-0,9)")
    assert asked[0]["what"] == "early"
    assert asked[0]["settings"]["timings"]["early_s"] == 60, "as it stands on the page, saved or not"
    await holds(page, "settings, what the early call saves")
    await page.click("[data-action=trial]")
    await expect(words).to_contain_text("Personne n’aurait été invité")
