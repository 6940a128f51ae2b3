"""Changing a store's settings from a screen: checked whole, refused whole, and told to everybody who has to know."""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from server.journal.settled import ChangedMeanwhile
from server.live.settled import written
from server.live.stores import StoreConfig
from server.web import roles
from server.web.problems import Problem
from server.web.wiring import House

ID_MAX = 40


def read(rooms: House, store: str, table: Mapping[str, Any]) -> StoreConfig:
    """Settings as a screen sends them. Problem ``bad_field`` for the first fault, naming the field."""
    if table.get("id") != store:
        raise Problem("bad_field", {"field": "id", "problem": "a store keeps its id", "reason": "keeps_id"})
    try:
        config = StoreConfig.model_validate_json(to_json(table))
    except ValidationError as invalid:
        raise Problem("bad_field", _fault(invalid.errors()[0])) from None
    if any(person.pin for person in config.salespeople.values()):
        raise Problem("bad_field", {"field": "salespeople", "problem": "a PIN is set on the page of accounts", "reason": "pin_elsewhere"})
    return config


def _fault(first: Any) -> dict[str, Any]:
    """What is wrong with one field: where, in English, and as a reason that a screen has words for, with the limit if there is one."""
    known: Mapping[str, Any] = first.get("ctx", {})
    field = str(known.get("field") or ".".join(map(str, first["loc"])) or "settings")
    limit = next((known[name] for name in ("limit", "ge", "gt", "le", "lt", "min_length", "max_length") if name in known), None)
    problem = str(known.get("problem") or first["msg"])
    return {"field": field, "problem": problem, "reason": first["type"], **({} if limit is None else {"limit": limit})}


async def change(rooms: House, home: str, person: str, config: StoreConfig, after: int) -> int:
    """Have these settings count from now on, as ``person`` of ``home`` decides; their version.

    Problem where the day cannot go on with them (``bad_plan``), where who asks gives more than they hold, or when somebody
    else has changed the settings since version ``after`` (``changed_meanwhile``). Sending the same again changes nothing.
    """
    before = rooms.live.store(config.id)
    if written(before) == written(config):
        return rooms.live.settings(config.id)
    roles.check_grants(rooms.live, home, person, before, config)
    if not any(somebody.role in roles.MANAGES for somebody in config.salespeople.values()):
        raise Problem("bad_field", {"field": "salespeople", "problem": "nobody would run the store", "reason": "nobody_runs"})
    if (refusal := rooms.live.refuses(config)) is not None:
        raise Problem.refused(refusal)
    try:
        return await rooms.live.settle(config, person if home == config.id else f"{person}@{home}", after)
    except ChangedMeanwhile:
        raise Problem("changed_meanwhile", {"version": rooms.live.settings(config.id)}) from None


def shown(config: StoreConfig) -> dict[str, Any]:
    """Settings as screens get them: without PINs."""
    settings: dict[str, Any] = from_json(written(config))
    return settings


def identifier(name: str, taken: Any = ()) -> str:
    """A name as an id: "Électro République" is "electro-republique", and with a number when that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    base = "-".join(words)[: ID_MAX - 3].strip("-") or "store"
    return next(id for n in range(1, 1000) if (id := base if n == 1 else f"{base}-{n}") not in taken)


def history(changes: str) -> list[dict[str, Any]]:
    """What a version changed."""
    told: list[dict[str, Any]] = json.loads(changes)
    return told
