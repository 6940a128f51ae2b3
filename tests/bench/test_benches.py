"""The benches run, small: every case gives its figures, and what they are measured with is right."""

import asyncio
import json
import math
import os
import socket
import struct
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from server.bench.figures import Figure, quantile, text
from server.bench.phones import Phone, address_of, seq_of
from server.cli import app

pytestmark = pytest.mark.timeout(300)


def bench(*arguments: str) -> list[dict[str, Any]]:
    """The figures of ``avous bench … --json``."""
    result = CliRunner().invoke(app, ["bench", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    figures: list[dict[str, Any]] = json.loads(result.stdout.splitlines()[-1])["figures"]
    return figures


@pytest.mark.parametrize("case", ["actor", "http", "floor", "message", "peers"])
def test_a_case_gives_its_figures(case: str) -> None:
    figures = bench("live", "--case", case, "--seconds", "0.6", "--stores", "2", "--phones", "4", "--rate", "20", "--rollouts", "10")
    assert {figure["case"] for figure in figures} == {case}
    assert all(math.isfinite(figure["value"]) for figure in figures)
    assert any(figure["bar"] is not None or figure["limit"] for figure in figures)


def test_the_journal_is_measured_beside_the_disk() -> None:
    figures = bench("journal", "--seconds", "0.3", "--requesters", "3")
    assert figures[0]["limited_by"] == "appends with fsync /s"
    assert figures[0]["ratio"] > 0


def test_an_unknown_case_is_bad_usage() -> None:
    assert CliRunner().invoke(app, ["bench", "live", "--case", "nonsense"]).exit_code == 2


def test_quantiles_are_values_that_were_seen() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([1.0] * 99 + [5.0], 0.99) == 1.0
    assert quantile([1.0, 5.0], 1.0) == 5.0
    assert math.isnan(quantile([], 0.5))


def test_a_figure_knows_whether_it_holds_its_bar() -> None:
    assert Figure("a", "b", 10, "", bar=10, better="more").held
    assert Figure("a", "b", 11, "", bar=10).held is False
    assert Figure("a", "b", 11, "").held is None
    table = text([Figure("a", "b", 12345, "/s", 1000, "of the disk", 15000, "more")])
    assert "12,345 /s" in table
    assert "12.35" in table
    assert "missed" in table


async def test_a_phone_takes_frames_however_they_are_cut() -> None:
    messages = [b'{"seq":%d,"x":"%s"}' % (n, b"y" * size) for n, size in enumerate((0, 100, 200, 70_000))]
    wire = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + b"".join(map(framed, messages)) + b"\x88\x02" + struct.pack("!H", 4401)
    for step in (1, 7, 4096, len(wire)):
        seen: list[bytes] = []
        phone = Phone("/", b"{}", partial(keep, seen))
        for place in range(0, len(wire), step):
            phone.data_received(wire[place : place + step])
        assert seen == messages
        assert phone.close_code == 4401
    assert [seq_of(message) for message in messages] == [0, 1, 2, 3]
    assert seq_of(b'{"type":"pong"}') == -1


def keep(seen: list[bytes], phone: Phone, message: bytes, now: float) -> None:
    seen.append(message)


def framed(body: bytes) -> bytes:
    """A text frame as servers send it."""
    if len(body) < 126:
        return bytes([0x81, len(body)]) + body
    return b"\x81\x7e" + struct.pack("!H", len(body)) + body if len(body) < 65536 else b"\x81\x7f" + struct.pack("!Q", len(body)) + body


def test_every_address_is_of_the_loopback_and_serves_a_thousand() -> None:
    assert address_of(0) == address_of(999) != address_of(1000)
    assert len({address_of(n) for n in range(0, 15_000, 1000)}) == 15
    with socket.socket() as probe:
        probe.bind((address_of(14_999), 0))


async def test_a_phone_that_is_turned_away_says_with_what() -> None:
    phone = Phone("/", b"{}", lambda *_: None)
    phone.data_received(b"HTTP/1.1 503 Busy\r\n\r\n")
    assert phone.close_code == 503
    phone.connection_lost(None)
    await asyncio.wait_for(phone.lost, 1)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    bench("journal", "--seconds", "0.1", "--requesters", "1")
    assert os.listdir(tmp_path) == []
