"""Words are words: nothing that somebody types, or a store is called, becomes markup, SQL, a pattern, a header or a program."""

import ast
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from server.app import build_app
from server.live.stores import parse_store
from server.settings import Settings
from server.web import bodies, i18n
from tests.tidy.sources import python_files, text
from tests.web.conftest import OURS, STORE, TABLE, HandClock, another, bearer, join, on_duty, tap, uid
from tests.web.walk import ways

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)> {{7*7}} {0} %s \"'"
SQL = "'; DROP TABLE event; --"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[TestClient]:
    """A store whose every word is an attack."""
    path = tmp_path_factory.mktemp("hostile") / "avous.db"
    shutil.copy(empty_database, path)
    words = {"fr": EVIL, "en": EVIL}
    people = {id: {**person, "name": EVIL[:40]} for id, person in TABLE["salespeople"].items()}
    services = {id: {**service, "labels": words} for id, service in TABLE["services"].items()}
    store = parse_store({**TABLE, "name": EVIL, "notices": words, "salespeople": people, "services": services})
    settings = Settings(database=f"sqlite:///{path}", demo=True, rollouts=5, joins_per_minute=1000)
    with TestClient(build_app(settings, [store], HandClock()), raise_server_exceptions=False) as client:
        yield client


class Elements(HTMLParser):
    """What a browser would make of a page: its elements, and the text in its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more."""
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """The text of a script, which must be JSON."""
        if self.seen and self.seen[-1][0] == "script" and data.strip():
            self.scripts.append(data)


PAGES = [way.path for way in ways() if way.method == "GET" and not way.path.startswith(("/api/", "/metrics", "/sso/", "/lab/"))]


@pytest.mark.parametrize("path", PAGES)
def test_words_of_a_store_are_text_on_every_page(hostile: TestClient, path: str) -> None:
    answer = another(hostile).get(path, headers={"Accept": "text/html"})
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return
    page = Elements(answer.text)
    assert not [attributes for tag, attributes in page.seen if tag == "img" and attributes.get("src") == "x"]
    assert not [name for _, attributes in page.seen for name in attributes if name.startswith("on")]
    assert all("src" in attributes or attributes.get("type") == "application/json" for tag, attributes in page.seen if tag == "script")
    assert all(json.loads(script) is not None for script in page.scripts)
    assert "alert(1)</script>" not in answer.text
    assert " 49 " not in answer.text, "a template that was made of a store's words"


def test_what_is_typed_is_a_value_in_words_of_ours() -> None:
    """Formats are ours: braces in a value stay braces."""
    told = i18n.t("en", "errors.bad_field", field="{problem.__class__}", problem="{0}")
    assert "{problem.__class__}" in told
    assert "{0}" in told


def test_sql_in_every_field_is_text(hostile: TestClient) -> None:
    browser = another(hostile)
    on_duty(browser)
    told = join(browser, name=SQL[:40])
    tries: list[dict[str, Any]] = [
        {"path": f"/api/v1/stores/{SQL}"}, {"path": f"/api/v1/stores/{STORE}/report?from={SQL}&to={SQL}"},
        {"path": "/api/v1/ticket", "headers": bearer(SQL)}, {"path": "/api/v1/session", "headers": {"Cookie": f"session={SQL[:43]:x<43}"}},
    ]  # fmt: skip
    for attempt in tries:
        path = attempt.pop("path")
        assert browser.get(path, **attempt).status_code in (200, 400, 401, 403, 404, 422), path
    sign_in = {"store": STORE, "salesperson": SQL, "pin": SQL}
    assert browser.post("/api/v1/session", json=sign_in, headers=OURS).status_code in (401, 422)
    assert tap(browser, "claim", ticket=told["id"]).status_code == 200
    assert SQL[:40] in browser.get(f"/api/v1/stores/{STORE}/views/staff").text, "kept as it was typed"
    assert browser.get("/api/v1/ticket", headers=bearer(told["token"])).status_code == 200, "the tables are there"


def test_a_parameter_counts_in_its_own_place_only(hostile: TestClient) -> None:
    """What belongs in the body does not count in the address or a cookie, and the other way round."""
    browser, own = another(hostile), {"id": uid(), "service": "payment"}
    told = browser.post(f"/api/v1/stores/{STORE}/tickets?service=advice&store=other&priority=card", json=own).json()
    assert told["view"]["service"]["id"] == "payment" if isinstance(told["view"]["service"], dict) else told["view"]["service"] == "payment"
    assert browser.get(f"/api/v1/ticket?token={told['token']}").status_code == 401
    assert browser.post(f"/api/v1/stores/{STORE}/tickets", json={**own, "id": uid(), "store": "other"}).status_code == 422
    assert browser.get("/api/v1/session?session=x", headers={"session": "x"}).json() is None


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: c@d.example", "a@b.example\n", "a@b.example,c@d.example", "a@b.example c@d.example", "<a@b.example>",
     "a@b@c.example",     "0612345678;rm -rf", "0612345678\r\nX: y", "mailto:a@b.example?cc=c@d.example", "\u202ea@b.example\x00"],
)  # fmt: skip
def test_an_address_for_messages_is_one_address(address: str) -> None:
    try:
        kept = bodies.Reach.model_validate_json(json.dumps({"id": uid(), "address": address})).address
    except ValidationError:
        return
    assert kept == address.strip()
    assert not set(kept or "") & set('\r\n\t ,;<>"\x00')
    assert (kept or "").count("@") <= 1


def test_no_shell_is_ever_asked() -> None:
    """Programs are called with a list of words, the first of which is ours."""
    calls = [(path, node) for path in python_files() for node in ast.walk(ast.parse(text(path))) if isinstance(node, ast.Call)]
    named = [(path, ast.unparse(node.func), {word.arg for word in node.keywords}, node) for path, node in calls]
    assert not [
        path for path, name, _, _ in named if name in ("os.system", "os.popen", "subprocess.getoutput", "asyncio.create_subprocess_shell")
    ]
    programs = [(path, words, node) for path, name, words, node in named if name.startswith("subprocess.")]
    assert programs
    assert not [path for path, words, _ in programs if "shell" in words]
    assert not [path for path, _, node in programs if isinstance(node.args[0], ast.JoinedStr | ast.Constant)]


def test_no_pattern_is_built_from_what_is_typed() -> None:
    """Every pattern of the server is written in the source; what is put in is a constant of ours, or escaped."""
    made = re.compile(r"re\.(compile|search|match|fullmatch|sub|findall|split)\(\s*(f[\"']|[a-z_]+\s*[,+)])")
    found = [f"{path}: {m.group()}" for path in python_files("server", "kiosk", "staff_app") for m in made.finditer(text(path))]
    assert found == []


def test_scripts_merge_nothing_from_outside() -> None:
    """No script copies what an answer or a message says into an object by its names, or reads ``__proto__``."""
    scripts = [p for room in ("server", "kiosk", "staff_app") for p in Path(room).rglob("*.js")]
    merged = re.compile(r"Object\.assign\([^,()]+, *(await|JSON\.parse|body|answer|message|event\.data|view)\b|__proto__|\.prototype\[")
    assert len(scripts) > 50
    assert [f"{p}: {m.group()}" for p in scripts for m in merged.finditer(text(p))] == []
