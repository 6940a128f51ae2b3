"""The pages for programmers, run as they stand: every line of curl and Python, against a server as a store runs it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.production import MANAGER_PIN, SALES_PIN, STORE, Browser, Production
from tests.tidy.sources import ROOT, text

PAGE = text(Path("docs/how-to/use-the-api.md"))
STRICTLY = 'set -eu\ncurl() { command curl --silent --show-error --fail-with-body --noproxy "*" "$@"; }\n'
HERE = "http://127.0.0.1:8080"


def blocks(kind: str) -> str:
    """What the page shows in boxes of one kind, in order."""
    return "\n".join(re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("pages")
    running = Production(folder, f"sqlite:///{folder}/avous.db", AVOUS_PUBLIC_URL=HERE, AVOUS_ALLOWED_ORIGINS=HERE)
    yield running
    running.stop()


def a_code(server: Production) -> str:
    """For a salesperson's device; the salesperson has a PIN then."""
    boss = Browser(server.url)
    boss_says = {"code": server.code, "salesperson": "sarah", "pin": MANAGER_PIN}
    assert boss("POST", "/api/v1/setup", boss_says, Origin=HERE).status_code == 201
    api = f"/api/v1/stores/{STORE}/manager"
    assert boss("POST", f"{api}/pins", {"salesperson": "lea", "pin": SALES_PIN}, Origin=HERE).status_code == 204
    made = boss("POST", f"{api}/codes", {"profile": "staff", "name": "curl"}, Origin=HERE)
    return str(made.json()["code"])


def of_this_server(page: str, server: Production) -> str:
    """The page's address and store are an example."""
    return page.replace(HERE, server.url).replace("volt", STORE)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here: the page is not run")
def test_every_line_of_curl(server: Production, tmp_path: Path) -> None:
    script = of_this_server(STRICTLY + blocks(""), server).replace("K7M2P-9XWQ4", a_code(server)).replace("4826", SALES_PIN)
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert script.count("curl ") > 9
    assert '"number"' in done.stdout, "somebody was called"


def test_every_line_of_python(server: Production, tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(of_this_server(blocks("python"), server), "utf-8")
    done = subprocess.run(
        [sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.match(r"[A-Z]-\d{3} ", done.stdout), done.stdout
