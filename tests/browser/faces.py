"""The faces as people use them: what can be touched and what can be read, so that a test reads like a visit."""

from playwright.async_api import Page, expect

from tests.browser.windows import PHONE, TABLET, TV, Window, Windows

TAP = "window.__taps.at(-1)"


class Kiosk:
    """The touch screen."""

    def __init__(self, window: Window) -> None:
        self.window, self.page = window, window.page

    @classmethod
    async def open(cls, windows: Windows, url: str, store: str) -> "Kiosk":
        """At the entrance."""
        return cls(await windows.open("kiosk", f"{url}/s/{store}/kiosk", TABLET))

    async def take(self, service: str, name: str = "") -> tuple[str, str]:
        """Choose, look at the wait, take the ticket: (number, path of the phone's link, as its QR code says)."""
        page = self.page
        await page.click(f"[data-action=pick][data-service={service}]")
        if name:
            await page.fill("#first-name", name)
        async with page.expect_response(lambda r: r.url.endswith("/tickets") and r.request.method == "POST") as answer:
            await page.click("[data-action=take]")
        body = await (await answer.value).json()
        await expect(page.locator("[data-number]")).to_have_attribute("data-number", body["number"])
        return body["number"], body["url"]


class Phone:
    """A shopper's own ticket."""

    def __init__(self, window: Window) -> None:
        self.window, self.page = window, window.page

    @classmethod
    async def follow(cls, windows: Windows, url: str, link: str, name: str = "phone") -> "Phone":
        """Open the link of a ticket."""
        path = link[link.index("/t/") :]
        return cls(await windows.open(name, f"{url}{path}", PHONE))

    @classmethod
    async def join(cls, windows: Windows, url: str, store: str, service: str, name: str = "phone") -> "Phone":
        """Take a ticket with one's own phone."""
        window = await windows.open(name, f"{url}/s/{store}", PHONE)
        await window.page.click(f"[data-action=pick][data-service={service}]")
        await window.page.click("[data-action=take]")
        await window.page.wait_for_url("**/t/**")
        return cls(window)

    async def shows(self, phase: str, within_s: float = 10) -> None:
        """Wait until this phase is on screen."""
        await expect(self.page.locator(f"[data-phase={phase}]").first).to_be_attached(timeout=within_s * 1000)

    async def tap(self, action: str) -> None:
        """Touch a button: of the call while it rings, else of the page."""
        button = f"[data-action={action}]:visible"
        await self.page.locator(f".call:not([hidden]) {button}, main:not([inert]) {button}").first.click()

    async def leave(self) -> None:
        """Leave, and confirm it."""
        await self.tap("leave")
        await self.page.locator("dialog[open] button.btn-stop").last.click()

    async def number(self) -> str:
        """The number on the screen."""
        return str(await self.page.locator("[data-phase]").first.get_attribute("data-number"))

    async def remember_ringing(self) -> None:
        """From now on remember the instants at which the call appears."""
        await self.page.evaluate(
            """() => {
              window.__rang = [];
              const look = () => { const call = document.querySelector('.call'); const on = call && !call.hidden;
                                   if (on && !window.__on) window.__rang.push(Date.now()); window.__on = on; };
              look();
              new MutationObserver(look).observe(document.body, {subtree: true, childList: true, attributes: true});
            }"""
        )

    async def rang_after(self, tapped_at: float) -> float:
        """Seconds from a tap elsewhere (same machine, same clock) to the call on this screen."""
        await expect(self.page.locator(".call")).to_be_visible()
        rang_at: float = await self.page.evaluate("window.__rang.at(-1)")
        return (rang_at - tapped_at) / 1000


class Staff:
    """A salesperson's app."""

    def __init__(self, window: Window) -> None:
        self.window, self.page = window, window.page

    @classmethod
    async def sign_in(cls, windows: Windows, url: str, store: str, person: str, pin: str, on: bool = True) -> "Staff":
        """Sign in with the keypad and come on duty."""
        window = await windows.open(person, f"{url}/staff?store={store}", PHONE)
        await sign_in(window.page, person, pin)
        staff = cls(window)
        await expect(window.page.locator("#app[data-screen=staff]")).to_be_attached()
        if on:
            await staff.tap("on")
            await staff.is_now("idle")
        return staff

    async def tap(self, action: str) -> float:
        """Touch a button; returns the browser's own instant of the touch, in milliseconds."""
        await self.page.locator(f"[data-action={action}]:not([aria-disabled=true]):visible").first.click()
        tapped_at: float = await self.page.evaluate(TAP)
        return tapped_at

    async def next_is(self, number: str) -> None:
        """Take whoever is next: this very ticket."""
        await self.tap("next")
        await self.holds(number)

    async def claim(self, number: str) -> float:
        """Take this very ticket."""
        await self.page.locator(f"[data-claims='{number}']").click()
        tapped_at: float = await self.page.evaluate(TAP)
        return tapped_at

    async def is_now(self, duty: str) -> None:
        """Wait until the app shows this duty."""
        await expect(self.page.locator(f"#app[data-duty={duty}]")).to_be_attached()

    async def holds(self, number: str) -> None:
        """Wait until this ticket is in hand."""
        await expect(self.page.locator(f"article.slip[data-number='{number}']")).to_be_visible()

    async def knows_that(self, state: str) -> None:
        """Wait until the card says "seen" or "coming"."""
        await expect(self.page.locator(f"[data-state={state}]")).to_be_visible()


async def sign_in(page: Page, person: str, pin: str) -> None:
    """Who I am, and my PIN, digit by digit."""
    await page.click(f"[data-action=choose-person][data-id={person}]")
    for digit in pin:
        await page.click(f"[data-action=digit][data-digit='{digit}']")
    await page.click("[data-action=enter]")


async def board(windows: Windows, url: str, store: str) -> Window:
    """The screen on the wall."""
    return await windows.open("board", f"{url}/s/{store}/board", TV)


async def manager(windows: Windows, url: str, store: str) -> Window:
    """Sarah, at her desk."""
    window = await windows.open("manager", f"{url}/manager?store={store}", TABLET)
    await sign_in(window.page, "sarah", "3333")
    return window
