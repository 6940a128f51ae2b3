"""A small store behind the real application: real rules, journal and actor, a clock that the test moves."""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.testclient import TestClient

from server import serve
from server.app import build_app
from server.journal.migrate import migrate
from server.live.listener import listen
from server.live.stores import StoreConfig, parse_store
from server.settings import Settings
from server.web import pins
from server.web.catalogue import ticket_of
from tests.journal.conftest import database as database
from tests.journal.conftest import journal as journal

STORE = "essai"
API = f"/api/v1/stores/{STORE}"
OURS = {"X-Avous": "1"}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
PINS = {"lea": "4711", "karim": "4712", "sarah": "4713"}

TABLE: dict[str, Any] = {
    "id": STORE,
    "name": "Magasin d'essai",
    "notices": {"fr": "Pièce d'identité pour les retraits."},
    "hours": {day: ["08:00", "20:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    "mode": "claim",
    "classes": {"member": 300},
    "services": {
        "advice": {"letter": "C", "labels": {"fr": "Conseil", "en": "Advice"}},
        "payment": {"letter": "P", "labels": {"fr": "Paiement", "en": "Payment"}, "typical_s": 120.0},
    },
    "salespeople": {
        "lea": {"name": "Léa", "skills": ["advice", "payment"], "desk": "4", "pin": PINS["lea"]},
        "karim": {"name": "Karim", "skills": ["advice"], "desk": "5", "pin": PINS["karim"]},
        "sarah": {"name": "Sarah", "role": "manager", "pin": PINS["sarah"]},
    },
}


class HandClock:
    """A clock that stands still until it is moved."""

    speed = 1.0

    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    def real_s(self, duration_s: float) -> float:
        return max(0.0, duration_s)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def config() -> StoreConfig:
    return parse_store(TABLE)


@pytest.fixture(scope="session", autouse=True)
def _cheap_pins() -> Iterator[None]:
    """Tests sign in hundreds of times; ``test_sessions`` looks at the real cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pins, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and nothing in them."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def settings(tmp_path: Path, empty_database: Path) -> Settings:
    shutil.copy(empty_database, tmp_path / "avous.db")
    return Settings(database=f"sqlite:///{tmp_path}/avous.db", demo=True, rollouts=20)


@pytest.fixture
def app(settings: Settings, config: StoreConfig, clock: HandClock) -> Starlette:
    return build_app(settings, [config], clock)


@pytest.fixture
def client(app: Starlette) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def shared_app(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[TestClient]:
    """One running server for tests that do not mind each other."""
    path = tmp_path_factory.mktemp("shared") / "avous.db"
    shutil.copy(empty_database, path)
    settings = Settings(database=f"sqlite:///{path}", demo=True, rollouts=20, joins_per_minute=100_000, sign_ins_per_minute=100_000)
    with TestClient(build_app(settings, [parse_store({**TABLE, "open_max": 5000})], HandClock()), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def shared(shared_app: TestClient) -> TestClient:
    """A fresh browser at the shared server."""
    return another(shared_app)


@pytest.fixture
async def port(app: Starlette, settings: Settings) -> AsyncIterator[int]:
    """The application on its own server, in this event loop."""
    ready = asyncio.Event()
    server = serve.Server(app, settings, ready.set)
    sock = listen("127.0.0.1", 0)
    running = asyncio.create_task(server.serve([sock]))
    await asyncio.wait_for(ready.wait(), 120)
    yield sock.getsockname()[1]
    server.should_exit = True
    await running


def another(client: TestClient) -> TestClient:
    """Another browser at the same server, in the same event loop."""
    other = TestClient(client.app, raise_server_exceptions=False)
    other.portal = client.portal
    return other


def state_of(client: TestClient) -> State:
    """What the application behind this browser holds."""
    assert isinstance(client.app, Starlette)
    return client.app.state


def uid() -> str:
    return str(uuid.uuid4())


def join(client: TestClient, service: str = "advice", **more: Any) -> dict[str, Any]:
    """Join and return the answer, with the ticket's id (which salespeople see) as ``id``."""
    id = more.pop("id", uid())
    response = client.post(f"{API}/tickets", json={"id": id, "service": service, **more})
    assert response.status_code == 201, response.text
    return {**response.json(), "id": ticket_of(id)}


def sign_in(client: TestClient, person: str = "lea") -> None:
    """Sign in; the client keeps the cookie."""
    body = {"store": STORE, "salesperson": person, "pin": PINS[person]}
    response = client.post("/api/v1/session", json=body, headers=OURS)
    assert response.status_code == 201, response.text


def tap(client: TestClient, verb: str, **more: Any) -> Any:
    """A salesperson's command; returns the response."""
    return client.post(f"{API}/staff/{verb}", json={"id": uid(), **more}, headers=OURS)


def on_duty(client: TestClient, person: str = "lea") -> None:
    sign_in(client, person)
    assert tap(client, "on").status_code == 200


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def in_time(attempt: Callable[[], float], within_s: float) -> None:
    """One of five attempts takes less, each telling its own seconds: the server is judged, not what else the machine does."""
    took = list[float]()
    while len(took) < 5:
        took.append(attempt())
        if took[-1] < within_s:
            return
    raise AssertionError(f"never within {within_s:g} s: {took}")


def is_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Assert the one error shape; returns it."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code), response.text
    assert body["status"] == status
    assert body["message"]
    assert not body["message"].startswith("errors.")
    assert set(body) <= {"code", "message", "status", "facts", "retry_after_s"}
    return body
