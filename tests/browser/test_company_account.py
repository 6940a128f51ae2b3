"""A manager at a PC that nobody has enrolled signs in with the company's account: there, back, and what is said to whoever is not known."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest_asyncio
from playwright.async_api import expect

from server import serve
from server.app import build_app
from server.live.listener import listen
from server.live.stores import parse_store
from server.settings import Settings
from server.web.sso import Provider
from tests.browser.axe import clean
from tests.browser.windows import TABLET, Windows
from tests.journal.databases import fresh
from tests.web.company import CLIENT, ISSUER, MAIL, Company
from tests.web.conftest import STORE, TABLE

PAGE = "<!doctype html><html lang=fr><title>Compte</title><h1>Quel compte ?</h1><a id=go href='{back}'>Continuer</a></html>"


class Ours:
    """A real server that asks the company, whose own page is on another site."""

    def __init__(self) -> None:
        self.url, self.company = "", Company()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The company's page: one link that leads back with the code."""
        target = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        if urlsplit(target).path == "/authorize":
            self.company.asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        asked = self.company.asked
        back = f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], 'code': 'good'})}"
        body = PAGE.format(back=escape(back)).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(ours: Ours, folder: Path) -> AsyncIterator[None]:
    """The application, in production mode, with a manager who has no PIN and no device."""
    people = {id: {k: v for k, v in person.items() if k != "pin"} for id, person in TABLE["salespeople"].items()}
    people["sarah"]["sso"] = MAIL
    settings = Settings(
        database=f"sqlite:///{fresh(folder / 'avous.db')}", rollouts=20, oidc_issuer=ISSUER, oidc_client_id=CLIENT,
        oidc_client_secret="between-us", log_level="warning",
    )  # fmt: skip
    app = build_app(settings, [parse_store({**TABLE, "salespeople": people})])
    app.state.sso = Provider(settings, httpx2.MockTransport(ours.company))
    ready, sock = asyncio.Event(), listen("127.0.0.1", 0)
    server = serve.Server(app, settings, ready.set)
    running = asyncio.create_task(server.serve([sock]))
    await asyncio.wait_for(ready.wait(), 60)
    ours.url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    yield
    server.should_exit = True
    await running


@pytest_asyncio.fixture(loop_scope="session")
async def ours(tmp_path: Path) -> AsyncIterator[Ours]:
    """The server and the company's page, on another host."""
    ours = Ours()
    async with await asyncio.start_server(ours.answer, "127.0.0.1", 0) as page:
        ours.company = Company(f"http://localhost:{page.sockets[0].getsockname()[1]}/authorize")
        async with serving(ours, tmp_path):
            yield ours


async def test_there_and_back_on_a_pc_that_nobody_has_enrolled(ours: Ours, windows: Windows) -> None:
    pc = await windows.open("manager", f"{ours.url}/manager", TABLET)
    pc.refusals = ("/people",)  # who works here is told to the store's own tablets only
    await pc.page.locator("a[href^='/sso/']").wait_for()
    await clean(pc.page, "sign-in with the company's account")
    await pc.page.click("a[href^='/sso/']")
    await pc.page.wait_for_url("http://localhost:*/authorize*")
    await pc.page.click("#go")
    await pc.page.wait_for_url(f"{ours.url}/manager")
    await pc.page.locator("#app[data-screen=floor]").wait_for()
    cookies = {cookie["name"]: cookie for cookie in await pc.context.cookies(ours.url)}
    assert set(cookies) == {"session"}, "no device, and what the way there needed is gone"
    assert cookies["session"]["sameSite"] == "Strict"
    assert cookies["session"]["httpOnly"]
    session = await pc.page.evaluate("fetch('/api/v1/session').then((answer) => answer.json())")
    assert session == {"salesperson": "sarah", "name": "Sarah", "role": "manager", "store": STORE}
    await pc.page.goto(f"{ours.url}/manager/settings#people")
    account = pc.page.locator("[data-path='salespeople.sarah.sso']")
    await expect(account).to_have_value(MAIL)
    await pc.page.click("details[data-person=sarah] summary")
    await account.fill("")
    await pc.page.click("[data-action=save]")
    await expect(pc.page.locator("#done")).to_be_visible()
    kept = await pc.page.evaluate(f"fetch('/api/v1/stores/{STORE}/manager/settings').then((answer) => answer.json())")
    assert kept["settings"]["salespeople"]["sarah"]["sso"] is None


async def test_whoever_the_store_does_not_know_is_told_so(ours: Ours, windows: Windows) -> None:
    ours.company.spoilt = {"email": "somebody@store.example"}
    pc = await windows.open("stranger", f"{ours.url}/sso/{STORE}", TABLET)
    await pc.page.wait_for_url("http://localhost:*/authorize*")
    pc.refusals = (f"state={ours.company.asked['state']}&code=good",)
    await pc.page.click("#go")
    await pc.page.wait_for_url(f"{ours.url}/sso/callback*")
    await clean(pc.page, "a refused sign-in")
    assert await pc.page.locator("h1").inner_text()
    assert await pc.page.evaluate("fetch('/api/v1/session').then((answer) => answer.json())") is None
    assert {cookie["name"] for cookie in await pc.context.cookies(ours.url)} <= {"sso"}
