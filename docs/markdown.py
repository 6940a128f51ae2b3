"""Pages in Markdown out of what Python knows of itself: docstrings, fields, tables."""

import dataclasses
import inspect
import re
from collections.abc import Iterable
from types import ModuleType
from typing import Any

NOTE = "*Generated from `{source}` by `make docs`; change the code, not this page.*"


def page(title: str, source: str, parts: list[str]) -> str:
    """A whole page: its title, where it comes from, and its parts as paragraphs."""
    return "\n\n".join([f"# {title}", NOTE.format(source=source), *parts]) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; what is in a cell stays on one line."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def doc(thing: object) -> str:
    """The docstring of a module, class or function."""
    return plain(inspect.getdoc(thing) or "")


def plain(words: str) -> str:
    """A docstring as Markdown: reStructuredText's double backticks become single ones."""
    return inspect.cleandoc(words).replace("``", "`")


def type_name(annotation: Any) -> str:
    """A type as people write it: without the modules it comes from."""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return re.sub(r"\b(?:typing|server\.\w+|pydantic\.types|pathlib)\.(?:\w+\.)*", "", str(annotation))


def of_dataclasses(title: str, source: str, module: ModuleType, kinds: Iterable[type] = ()) -> str:
    """Every dataclass of a module, or these, in the order they are written."""
    own = (kind for kind in vars(module).values() if isinstance(kind, type) and kind.__module__ == module.__name__)
    parts = [doc(module)]
    for kind in kinds or filter(dataclasses.is_dataclass, own):
        parts += [f"## {kind.__name__}", doc(kind), _fields(kind)]
    return page(title, source, [part for part in parts if part])


def _fields(kind: type) -> str:
    notes = dict(re.findall(r"^    (\w+): [^#\n]*?  # (.+)$", inspect.getsource(kind), re.MULTILINE))
    rows = [(f"`{f.name}`", f"`{type_name(f.type)}`", _field_default(f), notes.get(f.name, "")) for f in dataclasses.fields(kind)]
    if not any(row[3] for row in rows):
        return table(("field", "type", "default"), [row[:3] for row in rows]) if rows else ""
    return table(("field", "type", "default", ""), rows)


def _field_default(field: "dataclasses.Field[Any]") -> str:
    if field.default is not dataclasses.MISSING:
        return f"`{field.default!r}`"
    if field.default_factory is dataclasses.MISSING:
        return ""
    made = field.default_factory()
    return f"`{made!r}`" if isinstance(made, dict | list | tuple) else f"`{type(made).__name__}()`"
