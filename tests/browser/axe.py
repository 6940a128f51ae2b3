"""A page passes axe (WCAG 2.2 A and AA, and its best practices) with zero violations, as it is now."""

import asyncio
from typing import Any, Final

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

RULES: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
# what can change with the colours or the sizes of a mode; everything else is the same in each
COLOURS: Final = ("color-contrast", "link-in-text-block")
SIZES: Final = ("target-size", "scrollable-region-focusable")
OF_A_MODE: Final = {"runOnly": {"type": "rule", "values": [*COLOURS, *SIZES]}, "resultTypes": ["violations"]}
CHANGES: Final = {"theme": COLOURS, "contrast": (*COLOURS, *SIZES), "size": SIZES, "reach": SIZES}
SETTLED: Final = """async () => {
  const finite = (moving) => moving.playState === "running" && moving.effect && moving.effect.getComputedTiming().endTime !== Infinity;
  for (let n = 0; n < 5; n += 1)  // the end of one may begin another
    await Promise.all(document.getAnimations().filter(finite).map((one) => one.finished.catch(() => null)));
}"""
RUN: Final = """async (rules) => (await axe.run(document, rules)).violations.map(
  ({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 3).map(
    (node) => `${node.html.slice(0, 120)} ${node.any.map((check) => check.message).join(" ")}`) }))"""
LOOKS_AGAIN_AFTER_S: Final = (0.5, 1.0, 2.0)
SCRIPT: Final = Axe().axe_script
PLAIN: Final = "plain"
WEAR: Final = """([names, mode]) => {
  if (!document.adoptedStyleSheets.length) {  // a colour on its way to another one is none of either mode
    const still = new CSSStyleSheet();
    still.replaceSync('*, ::before, ::after { transition: none !important; }');
    document.adoptedStyleSheets = [still];
  }
  for (const name of names) delete document.documentElement.dataset[name];
  if (mode) document.documentElement.dataset[mode[0]] = mode[1];
}"""
NAMES: Final = ("theme", "contrast", "size", "reach")


async def clean(page: Page, where: str, rules: dict[str, Any] = RULES) -> None:
    """No violation on the page. What it shows while something moves or is drawn anew is no screen yet: a violation is one that stays."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(SCRIPT)
    for wait_s in (*LOOKS_AGAIN_AFTER_S, None):
        await page.evaluate(SETTLED)
        violations: list[dict[str, Any]] = await page.evaluate(RUN, rules)
        if not violations or wait_s is None:
            break
        await asyncio.sleep(wait_s)
    assert not violations, "\n".join(f"{where}: {v['id']}: {v['help']}: {v['nodes']}" for v in violations)


def of_a_mode(mode: str) -> dict[str, Any]:
    """The rules that a mode ("theme=dark") can break on a page that holds them without it."""
    return {"runOnly": {"type": "rule", "values": list(CHANGES[mode.partition("=")[0]])}, "resultTypes": ["violations"]}


async def clean_in_modes(page: Page, where: str, modes: tuple[str, ...], *, thorough: bool) -> int:
    """The same in each mode ("theme=dark"): every rule in the first, those of a mode in the others unless ``thorough``; how many."""
    for n, mode in enumerate(modes):
        await page.evaluate(WEAR, [NAMES, mode.split("=") if mode != PLAIN else None])
        await clean(page, f"{where}, {mode}", RULES if thorough or n == 0 else of_a_mode(mode))
    await page.evaluate(WEAR, [NAMES, None])
    return len(modes)
