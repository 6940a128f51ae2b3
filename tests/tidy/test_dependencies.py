"""What is imported is declared, what is declared is used and locked, and importing ``avous --help`` stays cheap."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from tests.tidy.sources import ROOMS, ROOT, imports, python_files, text

PROJECT: dict[str, Any] = tomllib.loads(text(Path("pyproject.toml")))
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock", "requirements-image.lock")
OURS = {*ROOMS, "tests", "docs"}
# import name -> distribution, for what may not be installed here (extras) or is told otherwise
NAMED = {"psycopg": "psycopg", "pywebpush": "pywebpush", "apprise": "apprise", "escpos": "python-escpos", "authlib": "authlib",
         "altair": "altair", "vl_convert": "vl-convert-python", "distributed": "distributed", "joserfc": "joserfc",
         "opentelemetry": "opentelemetry-sdk"}  # fmt: skip
# a distribution that another pins exactly and publishes with itself
PART_OF = {
    "pydantic-core": "pydantic",
    **dict.fromkeys(
        ("opentelemetry-api", "opentelemetry-proto", "opentelemetry-semantic-conventions", "opentelemetry-exporter-otlp-proto-common",
         "opentelemetry-exporter-otlp-proto-http", "opentelemetry-exporter-otlp-common", "opentelemetry-exporter-http-transport"),
        "opentelemetry-sdk",
    ),
}  # fmt: skip
# declared without an import of its own -> why
NOT_IMPORTED = {
    "tzdata": "zoneinfo finds it by itself",
    "websockets": "uvicorn's socket protocol",
}


def _normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


def _core() -> set[str]:
    return {_normal(r) for r in PROJECT["project"]["dependencies"]}


def _extras() -> set[str]:
    return {_normal(r) for group in PROJECT["project"]["optional-dependencies"].values() for r in group}


def _dev() -> set[str]:
    return {_normal(r) for group in PROJECT["dependency-groups"].values() for r in group if isinstance(r, str)}


def _third_party(*folders: str) -> dict[str, set[str]]:
    """Distribution -> the files that import it."""
    known = packages_distributions()
    found: dict[str, set[str]] = {}
    for path in python_files(*folders):
        for module, line in imports(path):
            root = module.partition(".")[0]
            if root not in OURS and root not in sys.stdlib_module_names:
                for name in known.get(root, [NAMED.get(root, root)]):
                    found.setdefault(PART_OF.get(_normal(name), _normal(name)), set()).add(f"{path}:{line}")
    return found


def test_the_rooms_import_only_what_is_declared() -> None:
    undeclared = {name: sorted(where)[:3] for name, where in _third_party().items() if name not in _core() | _extras()}
    assert not undeclared


def test_the_tests_import_only_what_is_declared() -> None:
    undeclared = {n: sorted(where)[:3] for n, where in _third_party("tests", "docs").items() if n not in _core() | _extras() | _dev()}
    assert not undeclared


def test_what_is_declared_is_used() -> None:
    unused = _core() - set(_third_party()) - set(NOT_IMPORTED)
    assert not unused, f"drop from [project] dependencies, or say in NOT_IMPORTED why they are needed: {sorted(unused)}"


def test_every_dependency_is_locked_and_the_locks_agree() -> None:
    locks = {name: dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", text(Path(name)), re.MULTILINE)) for name in LOCKS}
    run, build, dev, image = (locks[name] for name in LOCKS)
    assert _core() <= set(run)
    assert set(run) <= set(image)
    assert {n: v for n, v in image.items() if dev.get(n, v) != v} == {}
    assert _dev() <= set(dev)
    assert {n: v for n, v in (run | build).items() if dev.get(n) != v} == {}


def test_the_image_has_what_a_server_can_be_asked_for() -> None:
    """A setting that needs an extra works in the container, PostgreSQL of the Compose example first of all."""
    locked = set(re.findall(r"^([\w.-]+)==", text(Path("requirements-image.lock")), re.MULTILINE))
    not_served = {"dask"}  # for sweeps over many machines, which are not the server's
    extras = {name: {_normal(r) for r in wanted} for name, wanted in PROJECT["project"]["optional-dependencies"].items()}
    assert {name: wanted - locked for name, wanted in extras.items() if name not in not_served and wanted - locked} == {}


def test_asking_for_help_loads_nothing_heavy() -> None:
    heavy = ("numpy", "scipy", "simpy", "sqlalchemy", "sqlmodel", "alembic", "starlette", "uvicorn", "jinja2", "babel", "pydantic")
    code = f"import server.cli, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
