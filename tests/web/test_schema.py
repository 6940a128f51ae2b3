"""The API describes itself, completely and truly: every view and answer of a played day fits its description."""

import re
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter
from starlette.testclient import TestClient

from server.web import shapes
from server.web.policies import describe_of
from tests.web.conftest import API, OURS, HandClock, another, bearer, join, on_duty, sign_in, tap, uid
from tests.web.walk import sockets, ways


def refs(tree: Any) -> set[str]:
    if isinstance(tree, dict):
        return {tree["$ref"]} if "$ref" in tree else set().union(*(refs(value) for value in tree.values()))
    return set().union(*(refs(value) for value in tree)) if isinstance(tree, list) else set()


def resolves(document: dict[str, Any], ref: str) -> bool:
    node: Any = document
    for part in ref.removeprefix("#/").split("/"):
        node = node.get(part.replace("~1", "/")) if isinstance(node, dict) else None
    return node is not None


def test_openapi_is_whole(shared: TestClient) -> None:
    document = shared.get("/api/v1/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert all(resolves(document, ref) for ref in refs(document))
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    assert all(operation["summary"] for path in document["paths"].values() for operation in path.values())


def test_every_api_route_is_described(shared: TestClient) -> None:
    paths = shared.get("/api/v1/openapi.json").json()["paths"]
    untold = {
        f"{API}/qr.svg",
        f"{API}/content",
        f"{API}/media/x",
        f"{API}/slip.svg",
        f"{API}/slip.pdf",
        "/api/v1/openapi.json",
        "/api/v1/asyncapi.json",
    }
    untold |= {f"{API}/report/visits.{kind}" for kind in ("csv", "parquet")} | {f"{API}/lab/roster"}
    untold |= {"/api/v1/booking/calendar.ics"}  # files
    for way in ways():
        if way.path.startswith("/api/") and way.path not in untold:
            assert way.method.lower() in paths.get(way.route.path, {}), way


def test_what_a_route_needs_is_told(shared: TestClient) -> None:
    paths = shared.get("/api/v1/openapi.json").json()["paths"]
    claim = paths["/api/v1/stores/{store}/staff/claim"]["post"]
    assert claim["security"] == [{"session": []}]
    assert {parameter["name"] for parameter in claim["parameters"]} == {"store", "X-Avous"}
    assert claim["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/OnTicket")
    assert paths["/api/v1/stores/{store}/tickets"]["post"]["responses"]["201"]["content"]


def test_asyncapi_is_whole(shared: TestClient) -> None:
    document = shared.get("/api/v1/asyncapi.json").json()
    assert document["asyncapi"] == "3.0.0"
    assert all(resolves(document, ref) for ref in refs(document))
    assert {channel["address"] for channel in document["channels"].values()} == {route.path for route in sockets()}


class Watch:
    """Reads every view there is and holds it against its description."""

    def __init__(self, client: TestClient, manager: TestClient) -> None:
        self.client, self.manager, self.read = client, manager, 0

    def all(self, *tokens: str) -> None:
        self._fits(shapes.StoreView, self.client.get(API))
        self._fits(shapes.KioskView, self.client.get(f"{API}/views/kiosk"))
        self._fits(shapes.BoardView, self.client.get(f"{API}/views/board"))
        self._fits(shapes.StaffView, self.client.get(f"{API}/views/staff"))
        self._fits(shapes.FloorView, self.manager.get(f"{API}/views/floor"))
        for token in tokens:
            self._fits(shapes.PhoneView, self.client.get("/api/v1/ticket", headers=bearer(token)))

    def _fits(self, shape: type[BaseModel], response: Any) -> None:
        assert response.status_code == 200, response.text
        shape.model_validate_json(response.content)
        self.read += 1


def test_views_of_a_played_day_fit_their_descriptions(client: TestClient, clock: HandClock) -> None:
    manager = another(client)
    sign_in(manager, "sarah")
    watch = Watch(client, manager)
    on_duty(client)
    watch.all()
    first = join(client, steps=["payment"], priority="member", name="Zoé")
    second = join(client, priority="card", language="en")
    late = join(client, appointment_at="2026-11-21T12:20:00Z")
    tokens = (first["token"], second["token"], late["token"])
    watch.all(*tokens)
    for step in (("next", {}), ("recall", {"ticket": second["id"]}), ("no-show", {"ticket": second["id"]}), ("undo", {})):
        assert tap(client, step[0], **step[1]).status_code == 200, step
        watch.all(*tokens)
    for verb in ("seen", "coming"):
        assert client.post(f"/api/v1/ticket/{verb}", json={"id": uid()}, headers=bearer(second["token"])).status_code == 200
    for verb in ("start", "finish"):
        clock.at += 120
        assert tap(client, verb, ticket=second["id"]).status_code == 200
        watch.all(*tokens)
    assert client.post("/api/v1/ticket/away", json={"id": uid()}, headers=bearer(first["token"])).status_code == 200
    watch.all(*tokens)
    assert tap(client, "pause", minutes=10).status_code == 200
    assert manager.post(f"{API}/manager/end", json={"id": uid()}, headers=OURS).status_code == 200
    watch.all(*tokens)
    assert watch.read > 50


def test_answers_fit_their_descriptions(client: TestClient) -> None:
    told = join(client, qr=True)
    told.pop("id")
    shapes.Joined.model_validate(told)
    on_duty(client)
    told_at: dict[str, type[BaseModel]] = {
        "/api/v1/clock": shapes.Clock,
        "/api/v1/session": shapes.SignedIn,
        "/api/v1/stores": shapes.StoreNames,
    }
    for path, shape in told_at.items():
        shape.model_validate_json(client.get(path).content)
    shapes.Done.model_validate_json(tap(client, "next").content)
    shapes.Problem.model_validate_json(tap(client, "next").content)
    TypeAdapter(list[shapes.PersonName]).validate_json(client.get(f"{API}/people").content)
    for path in ("/health", "/ready"):
        shapes.Status.model_validate_json(client.get(path).content)


def test_summaries_are_sentences() -> None:
    for way in ways():
        about = describe_of(way.route)
        if about is not None:
            assert re.match(r"^[\"“A-Z].*", about.summary), (way, about.summary)


@pytest.mark.parametrize("name", ["PhoneView", "StaffView", "BoardView", "KioskView", "FloorView"])
def test_views_say_what_they_are(name: str) -> None:
    assert getattr(shapes, name).__doc__


def test_the_page_tells_every_operation_socket_and_shape(shared: TestClient) -> None:
    html = shared.get("/api").text
    document, live = shared.get("/api/v1/openapi.json").json(), shared.get("/api/v1/asyncapi.json").json()
    for methods in document["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in html
    for name in [*document["components"]["schemas"], *live["components"]["schemas"]]:
        assert f'<section id="{name}">' in html
    assert all(channel["address"] in html for channel in live["channels"].values())
    assert "<script" not in html
    dead = {target for target in re.findall(r'href="#([^"]+)"', html) if f'id="{target}"' not in html}
    assert dead == set()
