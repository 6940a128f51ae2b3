"""A visit, from the kiosk to the thanks, with everybody at their own window of a real browser."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Route, expect

from tests.browser.faces import Kiosk, Phone, Staff, board, manager
from tests.browser.house import House
from tests.browser.windows import Windows

RINGS_WITHIN_S = 1.0
ROUNDS = 5


async def test_from_the_kiosk_to_the_thanks(house: House, windows: Windows, store: str) -> None:
    kiosk = await Kiosk.open(windows, house.url, store)
    wall = await board(windows, house.url, store)
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    number, link = await kiosk.take("phones", name="Ada")
    phone = await Phone.follow(windows, house.url, link)
    await phone.shows("waiting")
    assert await phone.number() == number
    await lea.tap("next")
    await phone.shows("called")
    await expect(phone.page.locator(".call")).to_contain_text("Léa")
    await expect(phone.page.locator(".call")).to_contain_text("4")
    await expect(wall.page.locator(f".board-call[data-number='{number}']")).to_be_visible()
    await lea.holds(number)
    await lea.knows_that("seen")
    await expect(lea.page.locator("article.slip")).to_contain_text("Ada")
    await phone.tap("coming")
    await lea.knows_that("coming")
    await lea.tap("start")
    await phone.shows("serving")
    await lea.tap("finish")
    await phone.shows("ended")
    await lea.is_now("idle")
    await phone.tap("rate")
    await expect(phone.page.locator("[data-phase=ended]").first).to_be_attached()


async def test_the_phone_rings_within_a_second_of_the_tap(own_house: House, windows: Windows) -> None:
    kiosk = await Kiosk.open(windows, own_house.url, "s1")
    lea = await Staff.sign_in(windows, own_house.url, "s1", "lea", "1111")
    delays: list[float] = []
    for _ in range(ROUNDS):
        number, link = await kiosk.take("phones")
        phone = await Phone.follow(windows, own_house.url, link)
        await phone.shows("waiting")
        await phone.remember_ringing()
        delays.append(await phone.rang_after(await lea.claim(number)))
        await lea.tap("start")
        await lea.tap("finish")
        await lea.is_now("idle")
        await kiosk.page.click("[data-action=done]")
        await phone.window.context.close()
    print("from tap to ring, seconds:", ", ".join(f"{d:.3f}" for d in delays))
    assert max(delays) < RINGS_WITHIN_S


async def test_leaving(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await expect(lea.page.locator("li[data-number]")).to_have_count(1)
    await phone.leave()
    await phone.shows("ended")
    await expect(lea.page.locator("li[data-number]")).to_have_count(0)


async def test_away_and_back_in_the_same_place(house: House, windows: Windows, store: str) -> None:
    first = await Phone.join(windows, house.url, store, "phones", "first")
    await first.shows("waiting")
    second = await Phone.join(windows, house.url, store, "phones", "second")
    await second.shows("waiting")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await first.tap("away")
    await first.shows("away")
    await expect(lea.page.locator("li[data-mine=true]")).to_have_count(1)
    await first.tap("back")
    await first.shows("waiting")
    await expect(lea.page.locator("li[data-mine=true]")).to_have_count(2)
    await lea.tap("next")
    await first.shows("called")
    await second.shows("waiting")


async def test_a_no_show_is_parked_and_served_after_all(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    number = await phone.number()
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await lea.tap("next")
    await phone.shows("called")
    await lea.tap("no-show")
    await phone.shows("parked")
    await lea.is_now("idle")
    await phone.tap("back")
    await phone.shows("waiting")
    await lea.tap("next")
    await phone.shows("called")
    assert await phone.number() == number
    await lea.tap("start")
    await lea.tap("finish")
    await phone.shows("ended")


async def test_two_steps_without_queueing_again(house: House, windows: Windows, store: str) -> None:
    first = await Phone.join(windows, house.url, store, "phones", "first")
    await first.shows("waiting")
    number = await first.number()
    later = await Phone.join(windows, house.url, store, "payment", "later")
    await later.shows("waiting")
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    karim = await Staff.sign_in(windows, house.url, store, "karim", "2222")
    await lea.claim(number)
    await lea.tap("start")
    await first.shows("serving")
    await lea.tap("more")
    await lea.tap("finish-then")
    await lea.page.click("[data-action=finish-as][data-steps=payment]")
    await first.shows("waiting")
    assert await first.number() == number
    await karim.tap("next")  # the place follows the time of joining: before the one who came for payment only
    await first.shows("called")
    await karim.holds(number)
    await karim.tap("start")
    await karim.tap("finish")
    await first.shows("ended")
    await later.shows("waiting")


def _after(first: Staff, number: str) -> Callable[[Route], Awaitable[None]]:
    """Let a request through only when somebody else has taken the ticket."""

    async def handle(route: Route) -> None:
        await first.claim(number)
        await first.holds(number)
        await route.continue_()

    return handle


async def test_who_was_quicker_is_said_to_the_other(house: House, windows: Windows, store: str) -> None:
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    number = await phone.number()
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    karim = await Staff.sign_in(windows, house.url, store, "karim", "2222")
    await karim.page.locator(f"[data-claims='{number}']").wait_for()
    karim.window.refusals = ("/staff/claim",)
    await karim.window.context.route("**/staff/claim", _after(lea, number))
    await karim.claim(number)
    await expect(karim.page.locator("[data-news]")).to_contain_text("Léa")
    await karim.is_now("idle")
    await lea.holds(number)


async def test_an_offer_rings_at_the_desk_and_accepting_it_calls_the_shopper(house: House, windows: Windows) -> None:
    lea = await Staff.sign_in(windows, house.url, "offers", "lea", "1111")
    karim = await Staff.sign_in(windows, house.url, "offers", "karim", "2222")
    phone = await Phone.join(windows, house.url, "offers", "phones")
    await lea.is_now("offered")  # idle longest
    await phone.shows("waiting")  # an offer is between the store and its people
    await lea.tap("decline")
    await lea.page.locator("[data-action=decline-as]").first.click()
    await karim.is_now("offered")
    await karim.tap("accept")
    await phone.shows("called")
    await expect(phone.page.locator(".call")).to_contain_text("Karim")
    await phone.leave()
    await phone.shows("ended")
    await karim.is_now("idle")


async def test_the_manager_sees_it_all(house: House, windows: Windows, store: str) -> None:
    floor = await manager(windows, house.url, store)
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    number = await phone.number()
    lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
    await expect(floor.page.locator("body")).to_contain_text(number)
    await lea.tap("next")
    await lea.tap("start")
    await lea.tap("finish")
    await expect(floor.page.locator("[data-account=answered]")).to_contain_text("1")
