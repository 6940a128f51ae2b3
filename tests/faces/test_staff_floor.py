"""The manager's floor in a real browser: figures that agree with the rules, accounts that add up, the day's switch."""

import re

import pytest
from playwright.async_api import Browser, expect

from server.rules import commands as c
from server.rules.waiting import Range
from tests.browser.axe import clean
from tests.faces.staff_desk import Desk
from tests.rules.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture
def shop() -> Shop:
    """A day with every ending but one, somebody served, somebody waiting, Karim free while they wait."""
    shop = Shop(on=("lea", "karim"))
    for ticket in ("a", "b", "d", "e", "f"):  # each is told the wait anew, and promised it
        shop.do(c.ShowWaits({}, {"advice": Range(120.0, 600.0, shop.now), "payment": Range(0.0, 60.0, shop.now)}))
        shop.join(ticket)
    shop.do(c.Claim("lea", "a"))
    shop.do(c.Start("lea", "a"))
    shop.do(c.Finish("lea", "a"))
    shop.do(c.Leave("b"))
    shop.do(c.Balk("advice"))
    shop.do(c.Void("d", "test"))
    shop.do(c.Claim("lea", "e"))
    shop.wait(60)
    return shop


async def test_the_floor_at_a_glance(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop, role="manager").open(browser, "/manager", size=(1280, 800))
    await desk.shows('[data-figure="waiting"]')
    await expect(desk.page.locator('[data-figure="waiting"] .figure-value')).to_have_text("1")
    await expect(desk.page.locator('[data-figure="told"]')).to_contain_text("2–10")
    await expect(desk.page.locator('[data-flag="idle-while-queue"]')).to_contain_text("Karim")
    await desk.shows('[data-person="lea"][data-duty="calling"]')
    await desk.shows('[data-service="advice"] [data-number="C-005"][data-standing="ahead"]')
    shop.wait(600)  # past the promise, and nobody came for the one waiting
    desk.push()
    await desk.page.reload()
    await desk.shows('[data-service="advice"] [data-number="C-005"][data-standing="broken"]')
    await clean(desk.page, "the floor")
    assert not desk.troubles


async def test_the_accounts_are_the_rules_and_add_up(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop, role="manager").open(browser, "/manager", size=(1920, 1080))
    await desk.shows('[data-place="total"]')
    for place, count in shop.day.accounts.items():
        if place not in ("joined", "void"):
            await expect(desk.page.locator(f'[data-account="{place}"]')).to_have_text(str(count))
    cells = await desk.page.locator("tr[data-under] td:last-child").all_inner_texts()
    tenths = [round(10 * float(re.sub(r"[^0-9.]", "", cell))) for cell in cells]
    assert sum(tenths) == 1000


async def test_closing_the_day_asks_once(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop, role="manager").open(browser, "/manager", size=(360, 740))
    await desk.tap("menu")
    await desk.tap("close")
    assert desk.sent == []
    await desk.tap("confirm", verb="close")
    await desk.shows('#app[data-phase="closed"]')


async def test_a_salesperson_is_sent_to_their_own_screen(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop).open(browser, "/manager")
    await desk.shows('#app[data-screen="refused"]')
    assert await desk.page.locator('a[href="/staff"]').count() == 1


async def test_every_size_holds(browser: Browser, shop: Shop) -> None:
    desk = await Desk(shop, role="manager").open(browser, "/manager", lang="fr")
    await desk.shows('[data-place="total"]')
    assert await desk.widest() == []
