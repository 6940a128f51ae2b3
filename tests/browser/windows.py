"""Windows of one real Chromium, and everything that goes wrong in them.

Each person has a window of their own (cookies, storage, size). A window writes down console errors,
uncaught exceptions and violations of the content security policy; a test fails on any of them unless it
cut the network itself and said so.
"""

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

Size = tuple[int, int]
PHONE: Size = (360, 740)
TABLET: Size = (1280, 800)
TV: Size = (1920, 1080)
NETWORK = re.compile(
    r"Failed to load resource|WebSocket connection to|ERR_(CONNECTION|EMPTY|INTERNET|SOCKET|NETWORK)|status of 50[234]|fetching the script"
)

WATCH = """
window.__violations = [];
document.addEventListener('securitypolicyviolation', (e) => window.__violations.push(`${e.violatedDirective} ${e.blockedURI}`));
window.__taps = [];
addEventListener('click', (e) => window.__taps.push(Date.now()), {capture: true});
"""

WITHIN_S = 60.0


async def comes_true(page: Page, script: str, argument: Any = None) -> None:
    """Wait until an asynchronous script says true: to Playwright's own ``wait_for_function`` the promise of an answer is one."""
    give_up_at = time.monotonic() + WITHIN_S
    while not await page.evaluate(script, argument):
        assert time.monotonic() < give_up_at, f"never true: {script}"
        await asyncio.sleep(0.05)


@dataclass
class Window:
    """One person's window."""

    name: str
    page: Page
    context: BrowserContext
    troubles: list[str] = field(default_factory=list)
    refusals: tuple[str, ...] = ()  # ends of addresses whose answer the test expects to be a refusal: the browser logs it as an error

    def listen(self) -> None:
        """Write down what goes wrong from now on."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"{self.name}: uncaught {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        refused = message.location["url"] if "the server responded with a status of 4" in message.text else ""
        if message.type == "error" and not any(refused.endswith(path) for path in self.refusals):
            self.troubles.append(f"{self.name}: {message.text} {refused}")

    async def found(self, *, network_was_cut: bool) -> list[str]:
        """Every trouble so far; those of the network do not count when the test cut it."""
        violations: list[str] = [] if self.page.is_closed() else await self.page.evaluate("window.__violations ?? []")
        console = [t for t in self.troubles if not (network_was_cut and NETWORK.search(t))]
        return console + [f"{self.name}: content security policy: {v}" for v in violations]


class Windows:
    """Opens windows and closes them; ``network_was_cut`` excuses errors that only say so."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open: list[Window] = []
        self.network_was_cut = False

    async def open(self, name: str, url: str, size: Size = PHONE, **options: Any) -> Window:
        """A fresh window at this address."""
        usual: dict[str, Any] = {"locale": "fr-FR", "timezone_id": "Europe/Paris", "has_touch": size == PHONE}
        context = await self._browser.new_context(viewport={"width": size[0], "height": size[1]}, **{**usual, **options})
        context.set_default_timeout(20_000)
        await context.add_init_script(WATCH)
        window = Window(name, await context.new_page(), context)
        window.listen()
        self._open.append(window)
        await window.page.goto(url)
        return window

    async def troubles(self) -> list[str]:
        """What went wrong in any window."""
        return [t for window in self._open for t in await window.found(network_was_cut=self.network_was_cut)]

    async def close(self) -> None:
        """Close every window."""
        for window in self._open:
            await window.context.close()
