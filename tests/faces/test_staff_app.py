"""The salesperson's app in a real browser: one tap each, taps that are never lost nor doubled, refusals in words."""

import pytest
from playwright.async_api import Browser, expect

from server.rules import commands as c
from tests.browser.axe import clean
from tests.faces.staff_desk import Desk
from tests.rules.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture
def shop() -> Shop:
    """Three shoppers wait; Léa and Karim are free."""
    shop = Shop(on=("lea", "karim"))
    shop.join("a", "advice", steps=("payment",), language="ar")
    shop.join("b", "advice")
    shop.join("p", "payment")
    return shop


async def sound(desk: Desk) -> None:
    """Nothing went wrong in the page, and axe finds nothing in it as it is."""
    await clean(desk.page, "the salesperson's app")
    assert not desk.troubles


async def test_a_whole_visit_is_one_tap_each(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser)
    await desk.duty("idle")
    await sound(desk)
    await desk.tap("next")
    await desk.shows('[data-state="called"][data-number="C-001"]')
    await desk.shows('[data-state="not-seen"]')
    shop.do(c.AcknowledgeCall("a"))
    shop.do(c.SayOnMyWay("a"))
    desk.push()
    await desk.shows('[data-state="coming"]')
    await sound(desk)
    await desk.tap("start")
    await desk.shows('[data-state="serving"]')
    await sound(desk)
    await desk.tap("finish")
    await desk.duty("idle")
    assert [verb for verb, _ in desk.sent] == ["next", "start", "finish"]
    assert shop.ticket("a").service == "payment"  # the next step, without queueing again


async def test_the_big_button_keeps_the_keyboard_through_a_visit(browser: Browser, shop: Shop) -> None:
    """What stands beside it comes and goes; whoever works by keyboard presses Return, and Return again."""
    desk = await Desk(shop).open(browser)
    await desk.duty("idle")
    big = desk.page.locator("[data-key=primary]")
    await big.focus()
    for duty in ("calling", "serving", "idle"):
        await desk.page.keyboard.press("Enter")
        await desk.duty(duty)
        await expect(big).to_be_focused()


async def test_a_tap_is_sent_until_answered_and_done_once(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser)
    await desk.duty("idle")
    desk.lose_answers = 2
    await desk.tap("next")
    await desk.shows('[data-state="called"]')
    await desk.gone('[aria-busy="true"]')
    ids = {body["id"] for _, body in desk.sent}
    assert len(ids) == 1
    assert shop.person("lea").ticket == "a"
    assert shop.ticket("b").phase == "waiting"  # the repeats took nobody else


async def test_a_tap_made_offline_is_kept_over_a_reload(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser)
    await desk.duty("idle")
    await desk.cut()
    await desk.tap("next")
    await desk.shows("[data-kept]")
    await expect(desk.page.locator('[data-action="next"]')).to_have_attribute("aria-busy", "true")
    await sound(desk)
    desk.down = False
    await desk.page.reload()
    await desk.shows('[data-state="called"][data-number="C-001"]')
    assert len({body["id"] for _, body in desk.sent}) == 1


async def test_a_kept_tap_can_be_forgotten(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser)
    await desk.duty("idle")
    await desk.cut()
    await desk.tap("next")
    await desk.tap("abandon")
    await desk.mend()
    await desk.shows('[data-connection="live"]')
    await desk.page.wait_for_timeout(1500)
    assert desk.sent == []
    assert shop.person("lea").ticket is None


async def test_the_list_says_how_old_it_is(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser)
    await desk.duty("idle")
    await desk.cut()
    await desk.page.locator('[data-strip="offline"]').wait_for(timeout=9000)
    await expect(desk.page.locator('[data-strip="offline"] use')).to_have_attribute("href", "#icon-offline")  # no file to fetch
    assert await desk.page.locator("[data-mine]").count() == 3  # still readable
    await sound(desk)


async def test_who_was_quicker_is_named(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser)
    await desk.duty("idle")
    shop.do(c.Claim("karim", "b"))  # and the screen does not know yet
    await desk.tap("claim", claims="C-002")
    await expect(desk.page.locator("[data-news]")).to_contain_text("Karim")
    await expect(desk.page.locator("[data-news]")).to_contain_text("C-002")
    await sound(desk)


async def test_an_offer_is_declined_with_a_reason_in_one_tap_more(browser: Browser) -> None:
    shop = Shop(mode="offer", on=("lea",))
    desk = await Desk(shop).open(browser)
    await desk.duty("idle")
    shop.join("a", "advice")
    desk.push()
    await desk.shows('[data-state="offered"][data-number="C-001"]')
    await expect(desk.page.locator("#announce")).to_contain_text("C-001")
    await sound(desk)
    await desk.tap("decline")
    await sound(desk)
    await desk.tap("decline-as", reason="language")
    await desk.duty("idle")
    assert desk.sent[-1][1] == {"id": desk.sent[-1][1]["id"], "ticket": "a", "reason": "language"}


async def test_transfer_hand_back_no_show_and_undo(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser)
    await desk.tap("next")
    await desk.tap("no-show")
    await desk.duty("idle")
    await desk.tap("undo")
    await desk.shows('[data-state="called"][data-number="C-001"]')
    await desk.tap("start")
    await desk.tap("transfer")
    await sound(desk)
    await desk.tap("transfer-to", to="karim")
    await desk.duty("idle")
    assert shop.ticket("a").wanted == "karim"
    await desk.tap("next")
    await desk.tap("more")
    await desk.tap("hand-back")
    await desk.duty("idle")
    assert shop.ticket("b").phase == "waiting"


async def test_a_forgotten_finish_is_asked_about(browser: Browser, shop: Shop) -> None:
    shop.do(c.Claim("lea", "a"))
    shop.do(c.Start("lea", "a"))
    shop.wait(1801)
    desk = await Desk(shop).open(browser)
    await desk.shows('[data-doubted="true"]')
    await sound(desk)
    await desk.tap("still")
    await desk.shows('[data-doubted="false"]')
    assert not shop.ticket("a").doubted


async def test_a_break_is_protected_and_ends_with_one_tap(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser)
    await desk.tap("menu")
    await sound(desk)
    await desk.tap("pause")
    await desk.tap("pause-for", minutes="15")
    await desk.duty("paused")
    await sound(desk)
    await desk.tap("resume")
    await desk.duty("idle")
    assert desk.sent[0][1]["minutes"] == 15


async def test_a_card_holder_goes_first(browser: Browser, shop: Shop) -> None:
    shop.join("card", "advice", card=True)
    desk = await Desk(shop).open(browser)
    await desk.shows('[data-state="card-first"]')
    takes = desk.page.locator('[data-action="claim"]')
    assert await takes.count() == 1
    await expect(takes.first).to_have_attribute("data-claims", shop.ticket("card").number)


async def test_sign_in_with_the_keyboard_only(browser: Browser, shop: Shop) -> None:
    desk = Desk(shop)
    desk.signed_in = False
    await desk.open(browser)
    await desk.shows('[data-step="person"]')
    await sound(desk)
    await desk.page.locator('[data-id="lea"]').focus()
    await desk.page.keyboard.press("Enter")
    await desk.shows('[data-step="pin"]')
    await desk.page.keyboard.type("9999")
    await desk.page.keyboard.press("Enter")
    await desk.shows('[data-state="problem"]')
    await sound(desk)
    await desk.page.keyboard.type("1234")
    await desk.page.keyboard.press("Enter")
    await desk.duty("idle")


@pytest.mark.parametrize("lang", ["fr", "en"])
async def test_nothing_scrolls_sideways(browser: Browser, shop: Shop, lang: str) -> None:
    desk = await Desk(shop).open(browser, lang=lang)
    for action in ("next", "start"):
        assert await desk.widest() == []
        await desk.tap(action)
    await desk.duty("serving")
    assert await desk.widest() == []
