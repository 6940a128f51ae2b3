"""The API against its own description: schemathesis makes requests of every operation, in process.

Nothing it can think of gets a 5xx, and every answer, also a refusal, is what the description says.
"""

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from starlette.testclient import TestClient

from server.app import build_app, routes
from server.live.stores import parse_store
from server.settings import Settings
from server.web.schema import openapi_of
from tests.web.conftest import OURS, STORE, TABLE, HandClock, join, sign_in

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own imports
    import jsonschema
    import schemathesis

PER_OPERATION = int(os.environ.get("AVOUS_CONTRACT_CASES", "20"))
DOCUMENT = openapi_of(routes())
OPERATIONS = [(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods]
SESSION = "/api/v1/session"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[TestClient]:
    path, many = tmp_path_factory.mktemp("contract") / "avous.db", 10**9
    copy(empty_database, path)
    given_ = Settings(database=f"sqlite:///{path}", demo=True, rollouts=1, joins_per_minute=many, sign_ins_per_minute=many)
    with TestClient(build_app(given_, [parse_store(TABLE)], HandClock()), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def keys(client: TestClient) -> dict[str, str]:
    """What opens most doors: a manager's cookie, a ticket's token, our header."""
    token = join(client)["token"]
    sign_in(client, "sarah")
    return {**OURS, "Authorization": f"Bearer {token}", "Cookie": f"session={client.cookies['session']}"}


def test_every_operation_is_of_the_application() -> None:
    assert len(OPERATIONS) > 40


@pytest.mark.parametrize("path,method", OPERATIONS, ids=lambda part: str(part))
def test_answers_keep_to_the_description(client: TestClient, keys: dict[str, str], path: str, method: str, seed_: int) -> None:
    operation = schemathesis.openapi.from_dict(DOCUMENT)[path][method.upper()]

    @seed(seed_)
    @settings(max_examples=PER_OPERATION, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        _try(client, keys, case, path, method)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own generators
        attempt()


@pytest.fixture
def seed_(seed: int) -> int:  # the run's seed, printed with every failure
    return seed


def _try(client: TestClient, keys: dict[str, str], case: Any, path: str, method: str) -> None:
    filled = path.format(**{name: _segment(value) for name, value in (case.path_parameters or {}).items()} | {"store": STORE})
    client.cookies.clear()
    sent: dict[str, Any] = (
        {} if case.body is None or not isinstance(case.body, (dict, list, str, int, float, bool)) else {"json": case.body}
    )
    ending = (method, path) in (("delete", SESSION), ("delete", "/api/v1/sessions")) or path.endswith(("/sessions/end", "/pins", "/pin"))
    headers = OURS if ending else keys
    response = client.request(method.upper(), filled, headers=headers, **sent)
    assert response.status_code < 500, (method, filled, case.body, response.text)
    _fits(DOCUMENT["paths"][path][method]["responses"], response, filled)


def _segment(value: Any) -> str:
    return "".join(letter for letter in str(value) if letter.isalnum())[:40] or "x"


def _fits(described: dict[str, Any], response: Any, filled: str) -> None:
    told = described.get(str(response.status_code), described["default"])
    if response.status_code in (204, 304):
        assert response.content == b""
        return
    content = told.get("content", {}).get("application/json")
    assert content is not None, (filled, response.status_code)
    assert response.headers["content-type"] == "application/json"
    whole = {**content["schema"], "components": DOCUMENT["components"]}
    jsonschema.validate(json.loads(response.content), whole, cls=jsonschema.Draft202012Validator)
