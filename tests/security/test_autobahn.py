"""Autobahn's cases of the WebSocket protocol against the protocol class this server uses.

The suite needs Python 2.7 and a folder with ``autobahntestsuite``: ``python2.7 -m pip install --target FOLDER
autobahntestsuite``, then ``AVOUS_AUTOBAHN=FOLDER``. Skipped, with the reason, elsewhere.
"""

import json
import os
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import uvicorn

from server.heartbeat import Heartbeat
from server.live.listener import listen
from server.serve import ViewProtocol

MAY_DIFFER = {"7.1.5"}  # a message that goes on after the close frame: the RFC does not ask for more
GOOD = {"OK", "NON-STRICT", "INFORMATIONAL"}
FOLDER = os.environ.get("AVOUS_AUTOBAHN", "")
PYTHON = os.environ.get("AVOUS_PYTHON27") or shutil.which("python2.7") or ""
WRAPPER = "import site, sys; site.addsitedir(sys.argv.pop(1)); from autobahntestsuite import wstest; wstest.run()"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Says back what it hears."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})


@pytest.fixture
def port() -> Iterator[int]:
    config = uvicorn.Config(
        echo, ws=cast(Any, partial(ViewProtocol, heartbeat=Heartbeat())), ws_max_size=2**25, ws_per_message_deflate=False, lifespan="off",
        log_level="critical", server_header=False,
    )  # fmt: skip
    server, sock = uvicorn.Server(config), listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
    thread.start()
    yield sock.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def test_the_protocol_is_kept(port: int, tmp_path: Path) -> None:
    if not PYTHON or not (Path(FOLDER) / "autobahntestsuite").is_dir():
        pytest.skip("Autobahn needs a Python 2.7 and AVOUS_AUTOBAHN=folder of autobahntestsuite")
    spec = {
        "outdir": str(tmp_path / "reports"), "servers": [{"agent": "avous", "url": f"ws://127.0.0.1:{port}"}],
        "cases": ["*"], "exclude-cases": ["9.*", "12.*", "13.*"], "exclude-agent-cases": {},
    }  # fmt: skip
    (tmp_path / "spec.json").write_text(json.dumps(spec), "utf-8")
    command = [PYTHON, "-c", WRAPPER, FOLDER, "-m", "fuzzingclient", "-s", str(tmp_path / "spec.json")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads((tmp_path / "reports" / "index.json").read_text("utf-8"))["avous"]
    said = {case: result["behavior"] for case, result in results.items()}
    print(f"{len(said)} cases: {dict(Counter(said.values()))}")
    assert len(said) > 240
    assert {case: how for case, how in said.items() if how not in GOOD and case not in MAY_DIFFER} == {}
