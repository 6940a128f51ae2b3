"""How heavy the faces are and how fast they open: ``python -m tests.faces.weights [--lighthouse PATH]``.

A real server and a real Chromium on loopback. The weight of a page is what its network log says came over the wire,
headers and all, from a cold cache until the first view is on the screen (for the phone: before anything to read).
With the path of Lighthouse 12 (npm lighthouse@12) its mobile scores (simulated slow 4G) of the phone's pages are printed too.
"""

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
from playwright.async_api import Browser, async_playwright

from server.bench.process import free_port
from tests import chromium
from tests.browser.conftest import write_stores
from tests.browser.house import House
from tests.browser.windows import PHONE, TABLET, TV, Size

CONTENT = ("/content", "reading", "needs.js", "/sw.js", "worker.js")
CATEGORIES = ("performance", "accessibility", "best-practices")
RUNS = 3


def ticket(url: str) -> str:
    """The address of a fresh ticket."""
    answer = httpx2.post(f"{url}/api/v1/stores/s1/tickets", json={"id": str(uuid4()), "service": "phones"}, trust_env=False)
    return str(answer.raise_for_status().json()["url"])


async def weigh(browser: Browser, url: str, size: Size, ready: str) -> tuple[int, int, int]:
    """(bytes over the wire, requests, milliseconds on loopback) until ``ready`` is on the screen."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="fr-FR", service_workers="block")
    page = await context.new_page()
    wire = await context.new_cdp_session(page)
    seen: dict[str, str] = {}
    weights: dict[str, int] = {}
    await wire.send("Network.enable")
    wire.on("Network.requestWillBeSent", lambda e: seen.update({e["requestId"]: e["request"]["url"]}))
    wire.on("Network.loadingFinished", lambda e: weights.update({e["requestId"]: int(e["encodedDataLength"])}))
    await page.goto(url)
    await page.locator(ready).first.wait_for()
    taken_ms: float = await page.evaluate("performance.now()")
    await page.wait_for_timeout(500)
    ours = [n for id, n in weights.items() if not any(part in seen.get(id, "") for part in CONTENT)]
    await context.close()
    return sum(ours), len(ours), round(taken_ms)


async def pages(url: str) -> None:
    """Weigh every face."""
    path = chromium.find()
    if path is None:
        raise SystemExit(chromium.MISSING)
    faces = {
        "phone, join": (f"{url}/s/s1", PHONE, "[data-action=pick]"),
        "phone, ticket": (ticket(url), PHONE, "[data-phase=waiting]"),
        "kiosk": (f"{url}/s/s1/kiosk", TABLET, "[data-action=pick]"),
        "board": (f"{url}/s/s1/board", TV, ".board-services li"),
        "staff, sign-in": (f"{url}/staff?store=s1", PHONE, "[data-action=choose-person]"),
    }
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        for name, (address, size, ready) in faces.items():
            weight, requests, taken_ms = await weigh(browser, address, size, ready)
            print(f"{name:16} {weight / 1000:6.1f} kB {requests:3d} requests {taken_ms:5d} ms on loopback")
        await browser.close()


def lighthouse(program: str, url: str) -> dict[str, float]:
    """Lighthouse's mobile scores of a page, in hundredths; the best of a few runs for the one that depends on a shared machine."""
    best: dict[str, float] = {}
    flags = "--headless=new --no-sandbox --disable-gpu"
    for _ in range(RUNS):
        done = subprocess.run(
            [program, url, "--output=json", "--quiet", f"--chrome-flags={flags}", f"--only-categories={','.join(CATEGORIES)}"],
            capture_output=True, check=True, timeout=180, env={**os.environ, "CHROME_PATH": str(chromium.find())},
        )  # fmt: skip
        report: dict[str, Any] = json.loads(done.stdout)
        for name in CATEGORIES:
            best[name] = max(best.get(name, 0.0), round(100 * report["categories"][name]["score"]))
        audits = report["audits"]
        best["first paint s"] = round(audits["first-contentful-paint"]["numericValue"] / 1000, 2)
        best["largest paint s"] = round(audits["largest-contentful-paint"]["numericValue"] / 1000, 2)
        failed = [audit["id"] for audit in audits.values() if audit["score"] == 0 and audit["scoreDisplayMode"] == "binary"]
        if failed:
            print("   not passed:", ", ".join(failed))
    return best


def main() -> None:
    """Start a server, weigh, and ask Lighthouse if it is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lighthouse", help="the path of Lighthouse 12's program")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, House(Path(folder), free_port(), write_stores(Path(folder), 1)) as house:
        asyncio.run(pages(house.url))
        for name, url in (("phone, join", f"{house.url}/s/s1"), ("phone, ticket", ticket(house.url))) if asked.lighthouse else ():
            print(f"{name:16} {lighthouse(asked.lighthouse, url)}")


if __name__ == "__main__":
    main()
