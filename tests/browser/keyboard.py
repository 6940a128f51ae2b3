"""Everything on a page that can be used can be reached with the Tab key alone, and shows that it has been."""

from playwright.async_api import Page

FOLLOW = """() => {
  window.__reached = new WeakSet(); // no attribute: a screen that is drawn anew would lose it
  addEventListener("focusin", ({target}) => { if (target.matches(":focus-visible")) window.__reached.add(target); }, true);
  document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex");
}"""
MISSED = """() => [...(document.querySelector("dialog[open]") ?? document).querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0 && !window.__reached.has(one))
  .map((one) => one.outerHTML.slice(0, 100))"""
STOPS_PER_THING = 4  # a date has three parts and a calendar
LOOK_EVERY = 12


async def reachable(page: Page, where: str) -> None:
    """Tab through the page from its beginning until nothing is missed; what stays missed fails."""
    await page.evaluate(FOLLOW)
    missed: list[str] = await page.evaluate(MISSED)
    left = STOPS_PER_THING * len(missed) + LOOK_EVERY
    while missed and left > 0:
        for _ in range(LOOK_EVERY):
            await page.keyboard.press("Tab")
        left -= LOOK_EVERY
        missed = await page.evaluate(MISSED)
    assert not missed, f"{where}: Tab does not reach {missed}"
