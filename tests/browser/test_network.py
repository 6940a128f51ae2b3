"""Tunnels, lifts and restarts: the phone comes back by itself and shows what is true; nothing tapped is lost."""

import pytest
from playwright.async_api import expect

from tests.browser.counter import Counter
from tests.browser.faces import Phone, Staff
from tests.browser.house import House
from tests.browser.proxy import Proxy
from tests.browser.windows import Windows

GAME = [{"id": "pairs", "kind": "game", "game": "pairs", "minutes": 0.5, "title": "Paires", "summary": "", "language": "fr", "body": []}]
BACK_WITHIN_S = 12  # the longest pause between two tries, and a little


async def test_a_call_that_came_while_the_line_was_cut_rings_when_it_is_back(house: House, windows: Windows, store: str) -> None:
    windows.network_was_cut = True
    async with Proxy(house.port) as line:
        phone = await Phone.join(windows, line.url, store, "phones")
        await phone.shows("waiting")
        number = await phone.number()
        lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
        line.cut()
        await lea.next_is(number)
        await expect(lea.page.locator("[data-state=not-seen]")).to_be_visible()
        assert await phone.page.locator(".call").is_hidden()
        line.restore()
        await phone.shows("called", BACK_WITHIN_S)
        await lea.knows_that("seen")


async def test_a_tap_made_while_the_line_is_cut_arrives_once_when_it_is_back(house: House, windows: Windows, store: str) -> None:
    windows.network_was_cut = True
    async with Proxy(house.port) as line:
        phone = await Phone.join(windows, line.url, store, "phones")
        await phone.shows("waiting")
        lea = await Staff.sign_in(windows, house.url, store, "lea", "1111")
        await lea.tap("next")
        await phone.shows("called")
        await lea.knows_that("seen")
        line.cut()
        await phone.tap("coming")
        await phone.page.wait_for_timeout(800)
        line.restore()
        await lea.page.locator("[data-state=coming]").wait_for(timeout=BACK_WITHIN_S * 1000)


async def test_what_comes_later_comes_when_the_line_is_back(house: House, windows: Windows, counter: Counter) -> None:
    windows.network_was_cut = True
    window = await windows.open("phone", "about:blank")
    page = window.page
    for part in ("**/reading.js", "**/reading.css", "**/pairs.js"):
        await page.route(part, lambda route: route.abort())
    await page.route("**/content?*", lambda route: route.fulfill(json=GAME))
    await page.goto(f"{house.url}/t/#{counter.join()['token']}")
    await Phone(window).shows("waiting")
    async with page.expect_request_finished(lambda request: "reading.css" in request.url):
        await page.unroute("**/reading.js")
        await page.unroute("**/reading.css")
    game = page.locator(".reading-list .item").nth(1)
    await game.click()
    await expect(page.locator(".toast")).to_contain_text("Pas de connexion")
    await page.unroute("**/pairs.js")
    await game.click()
    await expect(page.locator("dialog.reader")).to_be_visible()


async def test_a_salesperson_whose_wifi_is_gone_loses_no_tap(house: House, windows: Windows, store: str) -> None:
    windows.network_was_cut = True
    phone = await Phone.join(windows, house.url, store, "phones")
    await phone.shows("waiting")
    async with Proxy(house.port) as line:
        lea = await Staff.sign_in(windows, line.url, store, "lea", "1111")
        line.cut()
        await lea.tap("next")
        await lea.page.wait_for_timeout(800)
        line.restore()
        await phone.shows("called", BACK_WITHIN_S)
        await lea.holds(await phone.number())


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_the_server_starts_again_in_the_middle_of_a_visit(own_house: House, windows: Windows, how: str) -> None:
    windows.network_was_cut = True
    phone = await Phone.join(windows, own_house.url, "s1", "phones")
    await phone.shows("waiting")
    number = await phone.number()
    lea = await Staff.sign_in(windows, own_house.url, "s1", "lea", "1111")
    await lea.tap("next")
    await phone.shows("called")
    getattr(own_house, how)()
    own_house.start()
    await phone.page.wait_for_timeout(500)
    await phone.tap("coming")
    await lea.page.locator("[data-state=coming]").wait_for(timeout=BACK_WITHIN_S * 1000)
    await lea.holds(number)
    await lea.tap("start")
    await phone.shows("serving", BACK_WITHIN_S)
    await lea.tap("finish")
    await phone.shows("ended")


async def test_half_an_answer_and_the_page_of_some_wifi_are_no_answers(house: House, windows: Windows, store: str) -> None:
    page = (await windows.open("phone", f"{house.url}/s/{store}")).page
    assert await page.evaluate(NO_ANSWERS) == [{"view": "shown"}, 3, 1]


NO_ANSWERS = """async () => {
  const cut = () => new ReadableStream({ start: (body) => body.error(new TypeError("cut")) });
  const bodies = [cut(), "<h1>Sign in to the Wi-Fi</h1>", '{"view": "shown"}'];
  const ids = [];
  window.fetch = async (path, init) => new Response(bodies[ids.push(JSON.parse(init.body).id) - 1]);
  const { command } = await import("/static/web/js/api.js");
  return [await command("/api/v1/ticket/coming", {}), ids.length, new Set(ids).size];
}"""
"""Half an answer, then another's page, then ours: (what the command gives, how often it was sent, under how many ids)."""
