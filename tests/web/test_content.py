"""Content over HTTP: films in parts, polls that tell nothing about few, nothing from outside the store's folder."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from server.settings import Settings
from tests.web.conftest import API, STORE, bearer, is_problem, join, uid

FILM = bytes(range(256)) * 8
ITEM = """+++
kind = "video"
minutes = 1
title = "Un tour du magasin"
summary = "Soixante secondes."
[video]
file = "tour.mp4"
captions = {fr = "tour.fr.vtt"}
+++
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "content"
    (folder / STORE).mkdir(parents=True)
    (folder / STORE / "tour.fr.md").write_text(ITEM, "utf-8")
    (folder / STORE / "tour.mp4").write_bytes(FILM)
    (folder / STORE / "tour.fr.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:02.000\nBonjour\n", "utf-8")
    (folder / "secret.png").write_bytes(b"not for you")
    return settings.model_copy(update={"content": folder})


def test_a_film_comes_in_parts_and_its_captions_as_text(client: TestClient) -> None:
    (item,) = (i for i in client.get(f"{API}/content?language=fr").json() if i["kind"] == "video")
    assert item["video"]["file"] == "tour.mp4"
    part = client.get(f"{API}/media/tour.mp4", headers={"Range": "bytes=256-511", "Accept-Encoding": "gzip"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, FILM[256:512], f"bytes 256-511/{len(FILM)}")
    assert (part.headers["content-type"], part.headers["accept-ranges"]) == ("video/mp4", "bytes")
    assert client.get(f"{API}/media/tour.mp4", headers={"Range": "bytes=9999-"}).status_code == 416
    assert client.get(f"{API}/media/tour.fr.vtt").headers["content-type"].startswith("text/vtt")


@pytest.mark.parametrize("name", ["no.mp4", "tour.fr.md", "..%2Fsecret.png", ".mp4", "tour.mp4%00", "a.html"])
def test_nothing_else_is_given_out(client: TestClient, name: str) -> None:
    assert client.get(f"{API}/media/{name}").status_code == 404


def test_a_poll_tells_nothing_about_few_and_counts_everybody_once(client: TestClient) -> None:
    def answer(option: int) -> None:
        token = join(client)["token"]
        for _ in range(2):
            sent = client.post("/api/v1/ticket/content", json={"id": uid(), "item": f"sort:{option}"}, headers=bearer(token))
            assert sent.status_code == 200
        if option == 1:
            client.post("/api/v1/ticket/leave", json={"id": uid()}, headers=bearer(token))

    for option in (0, 0, 1, 1):
        answer(option)
    assert client.get(f"{API}/polls/sort").json() == {"answers": {}, "total": 0}
    answer(2)
    assert client.get(f"{API}/polls/sort").json() == {"answers": {"0": 2, "1": 2, "2": 1}, "total": 5}
    is_problem(client.get("/api/v1/stores/elsewhere/polls/sort"), 404, "unknown_store")
