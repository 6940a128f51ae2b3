"""On which line of a TOML text an entry stands: ``tomllib`` does not say, and an error message must."""

import re

Path = tuple[str, ...]

_HEADER = re.compile(r"^\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_ENTRY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


def lines(text: str) -> dict[Path, int]:
    """Line number (from 1) of every table header and every entry at the start of a line, by path."""
    found: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _path(header[1])
            found.setdefault(table, number)
        elif entry := _ENTRY.match(line):
            path = (*table, *_path(entry[1]))
            found.setdefault(path, number)
            for end in range(len(table) + 1, len(path)):  # a dotted key opens the tables on its way
                found.setdefault(path[:end], number)
    return found


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line of ``path``, or of the nearest table around it; 1 when nothing of it is written."""
    for end in range(len(path), 0, -1):
        if path[:end] in found:
            return found[path[:end]]
    return 1


def _path(dotted: str) -> Path:
    return tuple(key.strip("\"'") for key in _KEY.findall(dotted))
