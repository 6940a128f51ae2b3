"""The files the house rules look at: what git tracks or would track, so that a rule bites before the commit."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("server", "kiosk", "staff_app", "simulation", "avous")
NOT_OURS = {".git", ".venv", "node_modules", "__pycache__", "build", "dist", "var"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, relative to its root. Outside a git checkout: every file that is there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = listed.stdout.split("\0") if listed.returncode == 0 else [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")]
    paths = (Path(name) for name in sorted(set(names)) if name)
    return tuple(p for p in paths if not NOT_OURS & set(p.parts) and (ROOT / p).is_file())


def in_rooms(*suffixes: str) -> list[Path]:
    """Source files of the four rooms with one of these endings."""
    return [p for p in files() if p.parts[0] in ROOMS and p.suffix in suffixes]


def python_files(*folders: str) -> list[Path]:
    """Python files below these folders (default: the four rooms)."""
    wanted = [Path(folder).parts for folder in folders or ROOMS]
    return [p for p in files() if p.suffix == ".py" and any(p.parts[: len(w)] == w for w in wanted)]


@cache
def text(path: Path) -> str:
    """A file's text; empty for a picture or a sound."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return ""


@cache
def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(text(path), filename=str(path))


def functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """(name, first line, number of lines without decorators and docstring) of every function in a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
            told = docstring.end_lineno - docstring.lineno + 1 if docstring and docstring.end_lineno else 0
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1 - told


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """(dotted module, line) of every import in a file; ``from a import b`` gives ``a``. Relative ones are left out."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module, node.lineno
