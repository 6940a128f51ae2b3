"""Writes golden.jsonl: ``python -m tests.journal.golden`` adds a line for every class that has none.

Lines already there are what some store may have on its disk: after the first release they never change
(a changed class gets an upcaster instead). Before it, ``--all`` writes the file anew.
"""

import json
import sys
import types
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from server.journal.codec import CLASSES, encode

FILE = Path(__file__).with_name("golden.jsonl")
PLAIN: dict[Any, Any] = {str: "x", int: 3, float: 1763722980.125, bool: True}


def sample(kind: Any) -> Any:
    """One value of an annotation, always the same."""
    origin, args = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if origin in (Union, types.UnionType):
        return sample(args[0])
    if origin is Literal:
        return args[0]
    if origin is dict:
        return {sample(args[0]): sample(args[1])}
    if origin is tuple:
        return tuple(sample(arg) for arg in args if arg is not Ellipsis)
    hints = get_type_hints(kind)
    return kind(**{field.name: sample(hints[field.name]) for field in fields(kind)})


def main(anew: bool) -> None:
    """Bring the file up to date."""
    lines = FILE.read_text(encoding="utf-8").splitlines() if FILE.exists() and not anew else []
    known = {json.loads(line)["type"] for line in lines}
    lines += [encode(sample(cls)) for name, cls in CLASSES.items() if name not in known]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main("--all" in sys.argv)
