"""Photographs of every face for docs/screens: ``python -m tests.browser.screens [FOLDER]``.

A demonstration is started, the floor gets busy for half a minute, a shopper and a salesperson of our own
join it, and every face is photographed at the size of a phone, a tablet and a TV. Before that, in a quiet store, every
screen of a shopper in French, English and Arabic (see ``gallery``).
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from playwright.async_api import Browser, StorageState, async_playwright

from server.bench.process import free_port
from tests import chromium
from tests.browser.gallery import QUALITY, gallery
from tests.browser.windows import PHONE, TABLET, TV, Size

ROOT = Path(__file__).parents[2]
SIZES: dict[str, tuple[Size, float]] = {"phone": (PHONE, 1.0), "tablet": (TABLET, 0.75), "tv": (TV, 0.5)}  # window, pixels per pixel
BUSY_AFTER_S = 50
SPEED, START = 12, "15:10"
SETTLE_MS = 1500


@dataclass(frozen=True)
class Demo:
    """A running demonstration: its addresses and people, as ``avous demo --json`` prints them."""

    facts: dict[str, Any]

    def page(self, name: str) -> str:
        """The address of a face."""
        return str(self.facts["pages"][name])

    def person(self, kind: str) -> dict[str, str]:
        """Somebody whose desk is free ("people") or a manager ("managers")."""
        person: dict[str, str] = self.facts[kind][0]
        return person


@asynccontextmanager
async def demonstration() -> AsyncIterator[Demo]:
    """``avous demo``, ended in the end."""
    command = [sys.executable, "-m", "server.cli", "demo", "--json", "--speed", str(SPEED), "--start", START, "--port", str(free_port())]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield Demo(json.loads(await asyncio.wait_for(process.stdout.readline(), 60)))
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


class Camera:
    """Takes each face at every size into a folder."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser, self._folder = browser, folder

    async def take(self, name: str, url: str, state: StorageState | None = None, sizes: str = "phone tablet tv") -> None:
        """Photograph ``url``; ``state`` is a signed-in window's storage."""
        for size in sizes.split():
            (width, height), scale = SIZES[size]
            context = await self._browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=scale, locale="fr-FR", timezone_id="Europe/Paris",
                storage_state=state,
            )  # fmt: skip
            page = await context.new_page()
            await page.goto(url)
            await page.wait_for_timeout(SETTLE_MS)
            path = self._folder / f"{name}-{size}.jpg"
            await page.screenshot(path=path, animations="disabled", scale="device", type="jpeg", quality=QUALITY)
            await context.close()


async def signed_in(browser: Browser, url: str, store: str, person: dict[str, str]) -> StorageState:
    """The storage of a window in which this person has signed in."""
    context = await browser.new_context(locale="fr-FR")
    page = await context.new_page()
    await page.goto(f"{url}?store={store}")
    await page.click(f"[data-action=choose-person][data-id={person['id']}]")
    for digit in person["pin"]:
        await page.click(f"[data-action=digit][data-digit='{digit}']")
    await page.click("[data-action=enter]")
    await page.wait_for_timeout(SETTLE_MS)
    state = await context.storage_state()
    await context.close()
    return state


async def photograph(demo: Demo, browser: Browser, folder: Path) -> None:
    """Every face of the demonstration."""
    camera = Camera(browser, folder)
    store = demo.page("join").rsplit("/", 1)[1]
    await camera.take("home", demo.page("home"))
    await camera.take("kiosk", demo.page("kiosk"))
    await camera.take("join", demo.page("join"))
    await _in_other_modes(demo, camera)
    await camera.take("sign-in", demo.page("staff") + f"?store={store}")
    manager = await signed_in(browser, demo.page("manager"), store, demo.person("managers"))
    await camera.take("floor", demo.page("manager"), state=manager)
    person = await signed_in(browser, demo.page("staff"), store, demo.person("people"))
    link, number = await _join(browser, demo.page("join"))
    await camera.take("phone-waiting", link)
    await _staff(demo, camera, person, number, link)


async def _in_other_modes(demo: Demo, camera: Camera) -> None:
    """The kiosk as people with other needs set it."""
    for mode in ("size=large", "contrast=more", "reach=low"):
        await camera.take(f"kiosk-{mode.partition('=')[0]}", f"{demo.page('kiosk')}?{mode}", sizes="tablet")


async def _staff(demo: Demo, camera: Camera, person: StorageState, number: str, link: str) -> None:
    """The salesperson's app: off duty, with a shopper called (whose phone rings), and serving."""
    await camera.take("staff-off", demo.page("staff"), state=person, sizes="phone")
    desk = Desk(demo, person)
    ticket = await desk.claim(number)
    await camera.take("board", demo.page("board"))
    await camera.take("phone-called", link)
    await camera.take("staff-called", demo.page("staff"), state=person, sizes="phone")
    await desk.tap("start", ticket=ticket)
    await camera.take("staff-serving", demo.page("staff"), state=person)


class Desk:
    """Taps of a signed-in salesperson, without a screen: nobody of the crowd is quicker."""

    def __init__(self, demo: Demo, state: StorageState) -> None:
        cookies = {cookie["name"]: cookie["value"] for cookie in state["cookies"]}
        self._http = httpx2.AsyncClient(base_url=demo.facts["url"], cookies=cookies, headers={"X-Avous": "1"}, trust_env=False)
        self._path = f"/api/v1/stores/{demo.page('join').rsplit('/', 1)[1]}"

    async def tap(self, act: str, **body: str) -> None:
        """One command."""
        answer = await self._http.post(f"{self._path}/staff/{act}", json={"id": str(uuid4()), **body})
        answer.raise_for_status()

    async def claim(self, number: str) -> str:
        """Come on duty and take the ticket with this number; its id."""
        view = (await self._http.get(f"{self._path}/views/staff")).raise_for_status().json()
        ticket = str(next(row["ticket"] for row in view["waiting"] if row["number"] == number))
        await self.tap("on")
        await self.tap("claim", ticket=ticket)
        return ticket


async def _join(browser: Browser, url: str) -> tuple[str, str]:
    """A shopper of our own: the address and number of the ticket."""
    context = await browser.new_context(locale="fr-FR")
    page = await context.new_page()
    await page.goto(url)
    await page.click("[data-action=pick][data-service=computers]")
    await page.click("[data-action=take]")
    await page.locator("body[data-number]").wait_for()
    link, number = page.url, str(await page.locator("body").get_attribute("data-number"))
    await context.close()
    return link, number


async def main(folder: Path) -> None:
    """Start everything, wait for a busy floor, take the photographs."""
    path = chromium.find()
    if path is None:
        raise SystemExit(chromium.MISSING)
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        try:
            await gallery(browser, folder)
            async with demonstration() as demo:
                await asyncio.sleep(BUSY_AFTER_S)
                await photograph(demo, browser, folder)
        finally:
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screens"))
