"""The store's own look and its drawn slip, over HTTP."""

import base64
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.live.stores import StoreConfig, parse_store
from tests.web.conftest import API, STORE, TABLE, is_problem

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
LOOK = {"colour": "#0a5c36", "logo": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"}
SLIP: dict[str, Any] = {"store": "Volt", "number": "C-042", "url": "https://queue.example/t/#x", "lines": ["Gardez ce ticket."]}


class TestWithOne:
    @pytest.fixture
    def config(self) -> StoreConfig:
        return parse_store({**TABLE, "look": LOOK})

    def test_the_style_and_the_logo_are_served_and_kept_apart_from_scripts(self, client: TestClient) -> None:
        style, logo = client.get(f"/s/{STORE}/look.css"), client.get(f"/s/{STORE}/logo")
        assert style.headers["content-type"].startswith("text/css")
        assert "--main:#0a5c36" in style.text
        assert (logo.headers["content-type"], logo.headers["x-content-type-options"], logo.content) == ("image/png", "nosniff", PNG)
        assert client.get(f"/s/{STORE}/logo", headers={"If-None-Match": logo.headers["etag"]}).status_code == 304

    @pytest.mark.parametrize("face", ["kiosk", "board", ""])
    def test_the_pages_wear_it_from_the_first_paint(self, client: TestClient, face: str) -> None:
        version = client.get(API).json()["look"]["version"]
        html = client.get(f"/s/{STORE}/{face}".rstrip("/")).text
        assert f'href="/s/{STORE}/look.css?v={version}"' in html
        assert f'src="/s/{STORE}/logo?v={version}" alt="Magasin d&#39;essai"' in html


def test_without_one_nothing_changes(client: TestClient) -> None:
    assert client.get(API).json()["look"] is None
    assert "look.css" not in client.get(f"/s/{STORE}/kiosk").text
    assert client.get(f"/s/{STORE}/look.css").text == ""
    is_problem(client.get(f"/s/{STORE}/logo"), 404, "not_found")
    assert client.get("/s/elsewhere/look.css").status_code == 404


def test_a_slip_is_drawn_as_svg_and_as_pdf(client: TestClient) -> None:
    picture, page = client.post(f"{API}/slip.svg", json=SLIP), client.post(f"{API}/slip.pdf", json=SLIP)
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "C-042" in picture.text
    assert page.content.startswith(b"%PDF-1.4")
    assert page.headers["content-disposition"] == 'attachment; filename="ticket.pdf"'
    is_problem(client.post(f"{API}/slip.pdf", json={**SLIP, "number": "\x1b@"}), 422, "bad_field")
    is_problem(client.post("/api/v1/stores/elsewhere/slip.svg", json=SLIP), 404, "unknown_store")
