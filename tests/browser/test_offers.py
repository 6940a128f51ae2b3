"""A long wait has other ways: come back later, an appointment, or no; and who has an appointment says so at the kiosk."""

import json
from pathlib import Path
from uuid import uuid4

import httpx2
from playwright.async_api import Page, Route, expect

from tests.browser.faces import Kiosk, Phone, Staff
from tests.browser.house import House
from tests.browser.windows import Windows

LANGUAGES = ("fr", "en", "es", "de", "it", "ar")


def join(house: House, store: str, times: int) -> None:
    """So many people wait for advice on phones."""
    for _ in range(times):
        httpx2.post(
            f"{house.url}/api/v1/stores/{store}/tickets", json={"id": str(uuid4()), "service": "phones"}, trust_env=False
        ).raise_for_status()


async def with_a_long_line(house: House, windows: Windows, store: str) -> Kiosk:
    """The kiosk at the wait of a service with a long line and one salesperson."""
    await Staff.sign_in(windows, house.url, store, "lea", "1111")
    join(house, store, 6)
    kiosk = await Kiosk.open(windows, house.url, store)
    await kiosk.page.click("[data-action=pick][data-service=phones]")
    await expect(kiosk.page.locator("[data-action=later]")).to_be_visible()
    return kiosk


async def test_come_back_later_keeps_the_place_and_calls_nobody_before(house: House, windows: Windows, store: str) -> None:
    page = (await with_a_long_line(house, windows, store)).page
    at = await page.locator("[data-action=later] b").inner_text()
    async with (
        page.expect_response(lambda r: r.url.endswith("/tickets")) as answer,
        page.expect_response(lambda r: r.url.endswith("/ticket/away")),
    ):
        await page.click("[data-action=later]")
    await expect(page.locator(".got-later")).to_contain_text(at.split()[-1])
    phone = await Phone.follow(windows, house.url, (await (await answer.value).json())["url"])
    await phone.shows("away")


async def test_an_appointment_instead_of_a_long_wait_and_arriving_for_it(house: House, windows: Windows, store: str) -> None:
    kiosk = await with_a_long_line(house, windows, store)
    page = kiosk.page
    await page.click("[data-action=book]")
    slot = page.locator("[data-action=slot]").first
    await expect(slot).to_be_visible()
    async with page.expect_response(lambda r: r.url.endswith("/bookings")) as answer:
        await slot.click()
    code: str = (await (await answer.value).json())["code"]
    await expect(page.locator(f"[data-code='{code}']")).to_be_visible()
    await expect(page.locator(".got-qr .qr")).to_be_visible()
    await page.click("[data-action=done]")
    kiosk.window.refusals = ("/bookings/check-in",)
    await arrive(page, code)


async def arrive(page: Page, code: str) -> None:
    """A wrong code is said to be wrong; the right one, too early or in time, is answered by the server's own word."""
    await page.click("[data-action=arrive]")
    for sign in "222222":
        await page.click(f"[data-sign='{sign}']")
    await expect(page.locator(".arrive [role=alert]")).to_contain_text("pas connu")
    await page.keyboard.type(code.lower())
    await expect(page.locator(".arrive [role=alert]:not([hidden]), [data-number]").first).to_be_visible()


async def test_these_screens_in_every_language_and_low_reach(house: House, windows: Windows, common: str) -> None:
    window = await windows.open("kiosk", f"{house.url}/s/{common}/kiosk?reach=low", (1280, 800))
    page = window.page
    slots = [{"at": f"2026-11-2{n}T14:00:00.000Z", "left": 1} for n in range(2, 8)]
    await page.route("**/slots?*", lambda route: route.fulfill(body=json.dumps({"slots": slots}), content_type="application/json"))
    for language in LANGUAGES:
        await page.click(f"[data-language={language}]")
        await page.locator(f"html[lang={language}]").wait_for()
        await page.click("[data-action=arrive]")
        await page.locator(".signs button").first.wait_for()
        tops = await page.evaluate(
            "[...document.querySelectorAll('button, input')].filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect().top)"
        )
        assert min(tops) >= 399, language
        bottoms = await page.evaluate("[...document.querySelectorAll('.signs button')].map(e => e.getBoundingClientRect().bottom)")
        foot = await page.evaluate("document.querySelector('.kiosk-foot').getBoundingClientRect().top")
        assert max(bottoms) <= foot, language
        await page.click("[data-action=back]")


async def test_declining_is_counted_as_balked(house: House, windows: Windows, common: str) -> None:
    page = (await Kiosk.open(windows, house.url, common)).page
    await page.click("[data-action=pick][data-service=phones]")
    async with page.expect_response(lambda r: r.url.endswith("/balks")) as answer:
        await page.click("[data-action=decline]")
    assert (await answer.value).status == 201
    await expect(page.locator("#app[data-screen=choose]")).to_be_attached()


async def test_a_mistyped_address_is_said_to_be_one_and_the_appointment_is_made_without(house: House, windows: Windows, store: str) -> None:
    window = await windows.open("booking", f"{house.url}/s/{store}/book")
    window.refusals = ("/bookings",)
    page = window.page
    await page.locator("[data-action=slot]").first.click()
    address = page.locator("input[autocomplete=email]")
    await address.fill("zoe chez exemple")
    await page.click("[data-action=book]")
    trouble = page.locator("[role=alert]:not([hidden])")
    await expect(trouble).to_have_text("Ce numéro ou cette adresse ne semble pas juste.")
    foot = await page.locator("[data-action=book]").evaluate("(button) => button.getBoundingClientRect().top")
    assert await trouble.evaluate("(line) => line.getBoundingClientRect().bottom") <= foot, "the button does not hide what is wrong"
    await address.fill("")
    await page.click("[data-action=book]")
    await page.wait_for_url("**/b/**")
    event = await calendar(page, "booked")
    assert event.startswith("BEGIN:VCALENDAR\r\n")
    assert "SUMMARY:Conseil téléphones" in event


async def test_what_was_booked_is_said_and_the_calendar_hears_of_its_end(house: House, windows: Windows, store: str) -> None:
    window = await windows.open("booking", f"{house.url}/s/{store}/book")
    window.refusals = ("/bookings",)
    page = window.page
    await page.route("**/bookings", too_late, times=1)
    await page.locator("[data-action=slot]").first.click()
    await page.click("[data-action=book]")
    await expect(page.locator("#app[data-screen=time] [role=alert]")).to_contain_text("Voici celles qui restent")
    await page.locator("[data-action=slot]").first.click()
    await page.click("[data-action=book]")
    await expect(page.locator("[role=status]")).to_have_text("C’est noté : votre rendez-vous est pris.")
    await expect(page.locator(".booking-when")).to_contain_text(" à ")
    await page.click("[data-action=move]")
    await expect(page.locator("[data-action=back]")).to_have_text("Garder")
    await page.click("[data-action=back]")
    await page.click("[data-action=cancel]")
    await page.click("#sure [value=yes]")
    event = await calendar(page, "cancelled")
    assert "METHOD:CANCEL\r\n" in event
    assert "SEQUENCE:1\r\n" in event


async def test_a_slot_that_was_taken_before_one_moved_to_it_is_no_longer_shown(house: House, windows: Windows, store: str) -> None:
    window = await windows.open("booking", f"{house.url}/s/{store}/book")
    window.refusals = ("/move",)
    page = window.page
    await page.locator("[data-action=slot]").first.click()
    await page.click("[data-action=book]")
    await page.click("[data-action=move]")
    wanted = page.locator("[data-action=slot]").last
    at = await wanted.get_attribute("data-at")
    assert at
    book_out(house, store, at)
    await wanted.click()
    await expect(page.locator("#app[data-screen=move] [role=alert]:visible")).to_contain_text("Voici celles qui restent")
    await expect(page.locator(f"[data-at='{at}']")).to_have_count(0)
    assert await page.evaluate("document.activeElement !== document.body"), "the keyboard goes on from the list"
    await page.locator("[data-action=slot]").first.click()
    await expect(page.locator("#app[data-screen=booking][data-state=booked]")).to_be_attached()


def book_out(house: House, store: str, at: str) -> None:
    """Others take a slot of phones until there is none left."""
    for _ in range(20):
        asked = {"id": str(uuid4()), "service": "phones", "at": at}
        answer = httpx2.post(f"{house.url}/api/v1/stores/{store}/bookings", json=asked, trust_env=False)
        if answer.status_code == httpx2.codes.CONFLICT:
            return
        answer.raise_for_status()
    raise AssertionError("it is never taken")


async def calendar(page: Page, state: str) -> str:
    """The calendar file of an appointment in this state."""
    async with page.expect_download() as started:
        await page.click(f"[data-state={state}] [data-action=calendar]")
    return Path(await (await started.value).path()).read_bytes().decode()


async def too_late(route: Route) -> None:
    """The real answer for a slot that went by while its page was open."""
    asked = {**json.loads(route.request.post_data or "{}"), "at": "2020-01-01T10:00:00Z"}
    await route.continue_(post_data=json.dumps(asked))
