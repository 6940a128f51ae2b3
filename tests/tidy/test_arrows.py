"""The import contracts know every room: one that is added without a place in the house fails here."""

import tomllib
from pathlib import Path
from typing import Any

from tests.tidy.sources import ROOMS, files, text

CONTRACTS: list[dict[str, Any]] = tomllib.loads(text(Path("pyproject.toml")))["tool"]["importlinter"]["contracts"]
PUT_TOGETHER = {f"server.{name}" for name in ("settings", "log", "metrics", "background", "outward")}
"""No layers: a contract of their own keeps them from knowing any room."""


def _layers() -> set[str]:
    layers = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
    return {name.strip(" ()") for layer in layers for name in layer.replace(":", "|").split("|")}


def _modules() -> set[str]:
    inside = {p.parts[1].removesuffix(".py") for p in files() if p.parts[0] == "server" and p.suffix == ".py"} - {"__init__", "__main__"}
    return {f"server.{name}" for name in inside} | (set(ROOMS) - {"server"})


def test_every_room_has_its_place() -> None:
    assert _modules() - _layers() - PUT_TOGETHER == set()


def _forbidden_to(room: str) -> set[str]:
    return {name for c in CONTRACTS if room in c.get("source_modules", []) for name in c["forbidden_modules"]}


def test_the_rooms_that_must_be_plain_are_kept_plain() -> None:
    assert {"asyncio", "time", "random", "pydantic", "numpy"} <= _forbidden_to("server.rules")
    assert {"pydantic", "sqlalchemy", "starlette", "server.live"} <= _forbidden_to("server.waits")
    assert {"server.journal", "server.live", "server.web"} <= _forbidden_to("simulation")


def test_every_python_folder_is_a_package() -> None:
    folders = {p.parent for p in files() if p.suffix == ".py" and p.parts[0] in ROOMS}
    assert sorted(str(folder) for folder in folders if folder / "__init__.py" not in files()) == []
