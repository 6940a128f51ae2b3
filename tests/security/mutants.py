"""Malformed and hostile variants of real messages, from a seed."""

import json
from random import Random
from typing import Any

ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    -(2**63) - 1,
    10**400,
    0.1,
    1e308,
    "",
    "x",
    "é" * 40,
    "\x00",
    "\u202e",
    "a" * 5000,
    "../../etc",
    "<script>",
    "' OR 1=1 --",
    "{}",
    [],
    [[]],
    {},
    {"a": {}},
    ["x"] * 200,
    "2026-11-21T12:00:00Z",
    "00000000-0000-4000-8000-000000000000",
)
RAW = (
    b"",
    b"null",
    b"[]",
    b"{",
    b"}",
    b'"',
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"NaN",
    b"Infinity",
    b"-",
    b"1e999",
    b"[" * 3000,
    b'{"a":' * 1500,
    b"\x00" * 64,
    b'{"id":1,"id":2}',
    b"\xef\xbb\xbf{}",
    b'{"id":"\\ud800"}',
    b'{"\\u0000":1}',
    b"// x\n{}",
    b"{'id':1}",
    b"{,}",
    b"0" * 9000,
)


def mutant(rng: Random, seed: dict[str, Any]) -> bytes:
    """``seed`` with something wrong with it; or nothing like it."""
    kind = rng.random()
    if kind < 0.15:
        return rng.choice(RAW)
    if kind < 0.25:
        return rng.randbytes(rng.randrange(200))
    text = json.dumps(_wrong(rng, seed), ensure_ascii=rng.random() < 0.5).encode("utf-8", "replace")
    return _damaged(rng, text) if kind < 0.6 else text


def _wrong(rng: Random, seed: dict[str, Any]) -> Any:
    body = dict(seed)
    for _ in range(rng.randrange(1, 4)):
        name = rng.choice([*body, "extra", "__proto__", "", "type", "id" * 50]) if body else "extra"
        match rng.randrange(4):
            case 0:
                body.pop(name, None)
            case 1:
                body[name] = [body.get(name)] * rng.randrange(3)
            case _:
                body[name] = rng.choice(ODD)
    return body if rng.random() < 0.9 else [body]


def _damaged(rng: Random, text: bytes) -> bytes:
    out = bytearray(text)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(3):
            case 0:
                del out[at : at + rng.randrange(8)]
            case 1:
                out[at:at] = rng.randbytes(rng.randrange(1, 5))
            case _:
                out[at : at + 1] = bytes([rng.randrange(256)])
    return bytes(out)
