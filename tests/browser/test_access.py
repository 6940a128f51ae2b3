"""A real store's first hour: the first manager comes in, a tablet and a kiosk are enrolled, one is revoked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from server.bench.process import free_port
from tests.browser.axe import clean
from tests.browser.conftest import write_stores
from tests.browser.house import House
from tests.browser.windows import PHONE, TABLET, Windows


@pytest.fixture
def real(tmp_path: Path) -> Iterator[House]:
    """A server that is no demonstration: nobody can sign in yet."""
    (store,) = write_stores(tmp_path, 1)
    store.write_text(re.sub(r"^pin = .*$", "", store.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    with House(tmp_path, free_port(), [store], demo=False) as house:
        yield house


async def test_from_the_first_code_to_a_revoked_kiosk(real: House, windows: Windows) -> None:
    told = re.search(r"type ([A-Z0-9]{5}-[A-Z0-9]{5})", real.log())
    assert told, real.log()
    boss = await windows.open("manager", f"{real.url}/setup", TABLET)
    await clean(boss.page, "setup")
    await boss.page.fill("[name=code]", told.group(1))
    await boss.page.click("#code-form button")
    await boss.page.fill("[name=pin]", "482615")
    await clean(boss.page, "setup, the PIN")
    await boss.page.click("#next button")
    await boss.page.locator("#app[data-screen=settings]").wait_for()
    await boss.page.goto(f"{real.url}/manager/access")
    await boss.page.locator("[data-person=sarah]").wait_for()
    await expect(boss.page.locator("#store-name")).to_have_text("Magasin d’essai s1")
    await clean(boss.page, "access")

    await boss.page.select_option("[name=profile]", "kiosk")
    await boss.page.fill("[data-form=code] [name=name]", "Entrée")
    await boss.page.click("[data-form=code] button")
    code = await boss.page.locator("[data-code]").get_attribute("data-code")
    assert code
    kiosk = await windows.open("kiosk", f"{real.url}/setup", TABLET)
    await kiosk.page.fill("[name=code]", code)
    await kiosk.page.click("#code-form button")
    await kiosk.page.click("#next a")
    await kiosk.page.wait_for_url("**/s/s1/kiosk")
    kiosk.refusals = ("/staff",)
    answer = await kiosk.page.goto(f"{real.url}/staff")
    assert answer is not None
    assert answer.status == 403

    stranger = await windows.open("stranger", f"{real.url}/staff", PHONE)
    stranger.refusals = ("/people",)  # not even who works here
    await stranger.page.wait_for_url("**/setup")

    await boss.page.reload()
    await boss.page.click("li[data-device] .btn-stop >> nth=0")
    await boss.page.click("dialog[data-sheet=sure] .btn-stop")
    await boss.page.locator("[data-device] .chip").first.wait_for()


async def test_pages_to_read_fit_a_phone_and_a_desk(house: House, windows: Windows) -> None:
    """Long addresses and types break; nobody scrolls sideways."""
    reader = (await windows.open("reader", "about:blank", PHONE)).page
    for path in ("/api", "/privacy"):
        await reader.goto(f"{house.url}{path}")
        for width, height in (TABLET, PHONE):
            await reader.set_viewport_size({"width": width, "height": height})
            assert await reader.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        await clean(reader, path)
