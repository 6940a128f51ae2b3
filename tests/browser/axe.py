"""A page passes axe (WCAG 2.2 A and AA, and its best practices) with zero violations, as it is now."""

from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

RULES: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
SETTLED: Final = """() => Promise.all(document.getAnimations()
  .filter((moving) => moving.effect && moving.effect.getComputedTiming().endTime !== Infinity)
  .map((moving) => moving.finished.catch(() => null)))"""
RUN: Final = """async (rules) => (await axe.run(document, rules)).violations.map(
  ({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 3).map((node) => node.html.slice(0, 120)) }))"""
SCRIPT: Final = Axe().axe_script


async def clean(page: Page, where: str) -> None:
    """No violation on the page as it is; colours in transition are no colours yet, so it waits until nothing moves."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(SCRIPT)
    await page.evaluate(SETTLED)
    violations: list[dict[str, Any]] = await page.evaluate(RUN, RULES)
    assert not violations, "\n".join(f"{where}: {v['id']}: {v['help']}: {v['nodes']}" for v in violations)
