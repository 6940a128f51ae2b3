"""What every way past a shopper's screens needs: where it goes, in which language, and what is done at each screen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Page

from tests.browser.counter import Counter
from tests.browser.line import Line
from tests.browser.windows import Size

LINE = 6  # people who wait before ours comes: a quarter of an hour, so that the kiosk offers other ways
SERVICE, THEN = "phones", "payment"
Open = Callable[[str, Size], Awaitable[Page]]
Look = Callable[[Page, str], Awaitable[None]]


@dataclass(frozen=True)
class Walk:
    """Where, in which language, and what is done at each screen. ``open`` gives an empty page of a size."""

    counter: Counter
    language: str
    open: Open
    look: Look

    def at(self, path: str) -> str:
        """An address in this language."""
        path, _, fragment = path.partition("#")
        mark = "&" if "?" in path else "?"
        return f"{self.counter.url}{path}{mark}lang={self.language}" + (f"#{fragment}" if fragment else "")

    def fill_the_line(self) -> None:
        """Others wait, so many that it is long."""
        for _ in range(LINE - len(self.counter.waiting(SERVICE))):
            self.counter.join(SERVICE, self.language)

    def until_ahead(self, number: str, ahead: int) -> None:
        """Serve the others until so many are before this one; who has an appointment may be behind."""
        line = self.counter.waiting(SERVICE)
        for other in line[: line.index(number) - ahead]:
            self.counter.serve(other)


def long_wait(counter: Counter) -> list[dict[str, Any]]:
    """The services as the kiosk shows them, ours with a wait so long that there are other ways; whatever was learned by now."""
    view = counter.view("kiosk")
    wait = {"low_s": 1260.0, "high_s": 2640.0, "as_of": view["at"], "why": None}
    return [{**service, "range": wait} if service["id"] == SERVICE else service for service in view["services"]]


async def closed(walk: Walk, page: Page, line: Line, face: str, shown: str) -> None:
    """The store closes while the page is open."""
    line.change(phase="closed")
    await page.locator(f"#app[data-screen=closed] {shown}, main {shown}.headline").first.wait_for()
    await walk.look(page, f"{face}-closed")
