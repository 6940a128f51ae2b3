"""Everything the journal keeps comes back equal, and nothing unknown is let in."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.journal import codec
from server.journal.codec import CLASSES, CodecError, decode, encode
from server.rules import commands as c
from tests.journal.strategies import values

GOLDEN = Path(__file__).with_name("golden.jsonl")


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_every_class_comes_back_equal(kind: str) -> None:
    @settings(max_examples=15, derandomize=True)
    @given(values(CLASSES[kind]))
    def round_trip(value: Any) -> None:
        text = encode(value)
        assert "\n" not in text
        assert json.loads(text)["type"] == kind
        assert decode(text) == value
        assert encode(decode(text)) == text

    round_trip()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_instants_come_back_bit_for_bit(at: float) -> None:
    assert decode(encode(c.Join("t", "s", appointment_at=at))).appointment_at.hex() == at.hex()


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"Nonsense","v":1}',
        '{"v":1}',
        '{"type":["Leave"],"v":1}',
        '{"type":"Leave","ticket":"a","reason":""}',
        '{"type":"Leave","v":2,"ticket":"a","reason":""}',
        '{"type":"Leave","v":true,"ticket":"a","reason":""}',
        '{"type":"Leave","v":1,"ticket":"a","reason":"","extra":1}',
        '{"type":"Leave","v":1,"reason":"no ticket"}',
        '{"type":"Leave","v":1,"ticket":7,"reason":""}',
        '{"type":"Rate","v":1,"ticket":"a","stars":4.5}',
        '{"type":"Join","v":1,"ticket":"a","service":"s","steps":"xy"}',
        "[]",
        "null",
        "{",
        "",
    ],
)
def test_what_is_not_exactly_known_is_refused(text: str) -> None:
    with pytest.raises(CodecError):
        decode(text)


def test_a_fault_names_the_class_and_the_field() -> None:
    with pytest.raises(CodecError, match=r"Leave\.ticket"):
        decode('{"type":"Leave","v":1,"ticket":7,"reason":""}')


def test_an_old_version_is_lifted_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(codec.VERSIONS, "Leave", 3)
    monkeypatch.setitem(codec.UPCASTERS, ("Leave", 1), lambda old: {"ticket": old["number"], "why": ""})
    monkeypatch.setitem(codec.UPCASTERS, ("Leave", 2), lambda old: {"ticket": old["ticket"], "reason": old["why"] or "unsaid"})
    assert decode('{"type":"Leave","v":1,"number":"t1"}') == c.Leave("t1", "unsaid")
    assert decode('{"type":"Leave","v":2,"ticket":"t1","why":"late"}') == c.Leave("t1", "late")
    assert decode('{"type":"Leave","v":3,"ticket":"t1","reason":""}') == c.Leave("t1")


def test_every_line_ever_written_can_still_be_read() -> None:
    """golden.jsonl has one line of every class as first released; lines are added, never changed."""
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["type"] for line in lines} == set(CLASSES), "run: python -m tests.journal.golden"
    for line in lines:
        decode(line)
