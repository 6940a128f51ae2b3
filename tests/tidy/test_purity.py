"""``server/rules`` and ``server/waits`` are functions of their arguments: no clock, no chance, no I/O, no async.

import-linter holds the arrows between rooms; here every import and call of the two pure rooms is read.
"""

import ast

import pytest

from tests.tidy.sources import imports, python_files, tree

STDLIB_VALUES = {
    "__future__", "abc", "array", "bisect", "collections", "copy", "dataclasses", "datetime", "enum", "functools", "hashlib", "heapq",
    "itertools", "math", "operator", "re", "statistics", "struct", "types", "typing", "zlib", "zoneinfo",
}  # fmt: skip
MAY_IMPORT = {
    "server/rules": STDLIB_VALUES | {"server.rules"},
    "server/waits": STDLIB_VALUES | {"server.rules", "server.waits", "numpy"},
}
FORBIDDEN_CALLS = {"now", "utcnow", "today", "print", "open", "input", "eval", "exec", "breakpoint"}
GLOBAL_CHANCE = {"seed", "rand", "randn", "randint", "random", "choice", "shuffle", "permutation", "normal", "exponential"}


def _roots(module: str) -> set[str]:
    parts = module.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts) + 1)}


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_only_values(room: str) -> None:
    strange = [f"{p}:{line} imports {m}" for p in python_files(room) for m, line in imports(p) if not _roots(m) & MAY_IMPORT[room]]
    assert python_files(room)
    assert not strange, "\n".join(strange)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def impure(code: ast.Module) -> list[str]:
    """What in ``code`` is not a function of its arguments: "line: what" each."""
    found = []
    for node in ast.walk(code):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            found.append(f"{line}: async")
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.append(f"{line}: keeps state outside its arguments")
        elif isinstance(node, ast.Call):
            found += [f"{line}: {what}" for what in _impure_call(node)]
    return found


def _impure_call(call: ast.Call) -> list[str]:
    name = _dotted(call.func)
    last = name.rpartition(".")[2]
    if last in FORBIDDEN_CALLS and (name == last or "date" in name):
        return [f"calls {name}()"]
    if name.startswith(("np.random.", "numpy.random.")) and last in GLOBAL_CHANCE:
        return ["uses numpy's global generator"]
    if last == "default_rng" and not call.args and not call.keywords:
        return ["makes a generator without a seed"]
    return []


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_no_clock_chance_or_io(room: str) -> None:
    found = [f"{path}:{what}" for path in python_files(room) for what in impure(tree(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "print(1)",
        "open('x')",
        "np.random.normal()",
        "np.random.default_rng()",
        "async def f(): await g()",
        "def f():\n global x",
    ],
)
def test_the_rule_bites(code: str) -> None:
    assert impure(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["datetime.fromtimestamp(at, UTC)", "np.random.default_rng(seed)", "rng.normal()", "plan.open()", "heapq.heappush(q, 1)"]
)
def test_the_rule_lets_values_be(code: str) -> None:
    assert not impure(ast.parse(code))
