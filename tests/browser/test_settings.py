"""The settings and what is tried on them: clean to axe, reachable by keyboard, as wide as the screen, on a phone and at a desk."""

import re
from typing import Any
from uuid import uuid4

import httpx2
from playwright.async_api import Route, expect

from tests.browser.axe import clean
from tests.browser.desk import TOO_WIDE, desk, holds, saved, written_at_least
from tests.browser.faces import Staff, sign_in
from tests.browser.house import House
from tests.browser.windows import PHONE, Windows

PARTS = (
    "start", "services", "people", "hours", "ranking", "times", "store", "texts", "look", "content",
    "appointments", "alarms", "compensation", "data", "history",
)  # fmt: skip


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
