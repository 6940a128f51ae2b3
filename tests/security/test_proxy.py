"""Caddy as ``deploy/Caddyfile`` sets it up, on other ports and with a certificate of its own, in front of a server of production."""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from server.web import limits
from tests.security.production import API, MANAGER_PIN, PUBLIC, STORE, Production
from tests.tidy.sources import ROOT
from tests.web.conftest import uid

CADDY = Path(sys.executable).with_name("caddy")
NAME = PUBLIC.removeprefix("https://")
UP_S = 60.0
PER_MINUTE = 10
NONE: Mapping[str, str] = {}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="caddy is installed on Linux alone: the proxy is not run here")


@dataclass
class Front:
    """The proxy and what is behind it."""

    server: Production
    http: int
    https: int
    authority: Path

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = NONE, *, tls: bool = True) -> httpx2.Response:
        """What a browser that was led to the public name by its resolver would get."""
        port, scheme = (self.https, "https") if tls else (self.http, "http")
        given = {"Host": NAME, "Origin": PUBLIC, "X-Avous": "1", **headers}
        with httpx2.Client(verify=self.trusting(), trust_env=False, timeout=20) as http:
            url = f"{scheme}://127.0.0.1:{port}{path}"
            return http.request(method, url, json=body, headers=given, extensions={"sni_hostname": NAME})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("proxy")
    server = Production(
        folder, f"sqlite:///{folder}/avous.db", AVOUS_FORWARDED_ALLOW_IPS="127.0.0.1", AVOUS_JOINS_PER_MINUTE=str(PER_MINUTE)
    )
    http, https = _free_port(), _free_port()
    ours = (ROOT / "deploy" / "Caddyfile").read_text("utf-8").replace("avous:8080", f"127.0.0.1:{server.port}")
    aside = f"admin off\nhttp_port {http}\nhttps_port {https}\nlocal_certs\nskip_install_trust\nstorage file_system {folder}/kept\n"
    (folder / "Caddyfile").write_text(f"{{\n{aside}}}\n{ours}", "utf-8")
    command = [str(CADDY), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with (folder / "caddy.log").open("wb") as log:
        caddy = subprocess.Popen(command, env={**os.environ, "AVOUS_HOST_NAME": NAME}, stdout=log, stderr=log)
    try:
        found = Front(server, http, https, folder / "kept/pki/authorities/local/root.crt")
        _until_it_answers(found, caddy, folder / "caddy.log")
        yield found
    finally:
        caddy.terminate()
        caddy.wait(20)
        server.stop()


def _until_it_answers(front: Front, caddy: "subprocess.Popen[bytes]", log: Path) -> None:
    until, said = time.monotonic() + UP_S, ""
    while time.monotonic() < until and caddy.poll() is None:
        try:
            answer = front.ask("GET", "/health")
        except (httpx2.HTTPError, OSError) as trouble:
            said = repr(trouble)
        else:
            if answer.status_code == 200:
                return
            said = f"{answer.status_code} {answer.text}"
        time.sleep(0.05)
    raise AssertionError(f"{said}\n{log.read_text('utf-8', 'replace')[-3000:]}\n{front.server.lines()[-3000:]}")


def test_people_are_led_to_tls_and_programs_nowhere(front: Front) -> None:
    page = front.ask("GET", "/s/essai", tls=False)
    assert (page.status_code, page.headers["location"]) == (308, f"{PUBLIC}/s/essai")
    for path in ("/api/v1/session", "/ws/board", "/metrics"):
        assert front.ask("GET", path, headers={"Authorization": "Bearer secret"}, tls=False).status_code == 403


def test_metrics_are_not_for_the_world(front: Front) -> None:
    assert front.ask("GET", "/metrics").status_code == 403


def test_pages_come_with_the_servers_headers_and_say_nothing_of_what_serves_them(front: Front) -> None:
    page = front.ask("GET", "/staff")
    assert page.status_code == 200
    assert "max-age=31536000" in page.headers["strict-transport-security"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not {"server", "via", "alt-svc"} & set(page.headers)


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_todays_tls_is_spoken(front: Front, version: str) -> None:
    with _connected(front) as plain, _speaking(front, version).wrap_socket(plain, server_hostname=NAME) as safe:
        assert safe.version() == version


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")  # it is old: that is the point
def test_yesterdays_tls_is_not(front: Front) -> None:
    context = _speaking(front, "TLSv1.1")
    with (
        socket.create_connection(("127.0.0.1", front.https), timeout=20) as plain,
        pytest.raises(ssl.SSLError, match="alert protocol version"),
    ):
        context.wrap_socket(plain, server_hostname=NAME)


def _connected(front: Front) -> socket.socket:
    return socket.create_connection(("127.0.0.1", front.https), timeout=20)


def _speaking(front: Front, version: str) -> ssl.SSLContext:
    """A client that speaks this version and no other."""
    context = front.trusting()
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # else it would not offer the old one at all
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version.replace(".", "_")]
    return context


def _dial(front: Front, origin: str) -> connect:
    address = f"wss://{NAME}:{front.https}/ws/board"
    return connect(address, origin=Origin(origin), ssl=front.trusting(), host="127.0.0.1", port=front.https)


async def test_sockets_pass_from_our_pages_only(front: Front) -> None:
    async with _dial(front, PUBLIC) as board:
        await board.send(json.dumps({"type": "hello", "store": STORE, "screen": "board"}))
        assert json.loads(await board.recv())["seq"] >= 0
    with pytest.raises(InvalidStatus) as refused:
        async with _dial(front, "https://evil.example"):
            pass
    assert refused.value.response.status_code == 403


@pytest.fixture(scope="module")
def cookies(front: Front) -> list[str]:
    """What the first manager is given."""
    body = {"code": front.server.code, "salesperson": "sarah", "pin": MANAGER_PIN}
    return front.ask("POST", "/api/v1/setup", body).headers.get_list("set-cookie")


def test_cookies_pass_and_are_for_tls_and_this_host(cookies: list[str]) -> None:
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-session", "__Host-device"}
    assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)


def test_an_address_that_is_made_up_escapes_no_rate(front: Front) -> None:
    """The proxy says who asks; what the asker says of it counts for nothing."""
    balks = [
        front.ask("POST", f"{API}/balks", {"id": uid(), "service": "advice"}, {"X-Forwarded-For": f"198.51.100.{n}"}).status_code
        for n in range(2 * PER_MINUTE)
    ]
    assert 429 in balks


@pytest.mark.parametrize("filler, status", [(limits.BODY_BYTES, 413), (limits.SETTINGS_BYTES - 1000, 422)])
def test_the_server_says_how_large_a_body_may_be(front: Front, cookies: list[str], filler: int, status: int) -> None:
    """A store's settings with its logo are larger than any other body, and come through."""
    path = f"{API}/manager/settings" if status == 422 else f"{API}/balks"
    body = {"id": "x" * filler, "service": "advice"}
    answer = front.ask("POST", path, body, {"Cookie": "; ".join(cookie.partition(";")[0] for cookie in cookies)})
    assert answer.status_code == status, answer.text
