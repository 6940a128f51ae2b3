"""The words that may reach the journal, which is never erased: each is one of a list, so that nobody can write there.

Names, numbers and free text of shoppers stay in the one erasable row. Everything else a client sends as text
is looked up here, also in commands that the rules would refuse: their receipts are kept too.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Literal

from server.rules.plan import DayPlan
from server.web import i18n
from server.web.problems import Problem
from server.web.wiring import House

LeaveReason = Literal["", "alone", "long", "later", "wait", "kiosk_given_up"]
"""Why a shopper leaves: what the phone asks, a kiosk that took its ticket back, and for programs the wait."""
BalkReason = Literal["wait"]
DeclineReason = Literal["busy", "language", "skill", "break", "known"]
PauseReason = Literal["break", "lunch"]
VoidReason = Literal["duplicate", "test"]

DESK: Final = re.compile(r"(?!.*[0-9]{4})[A-Za-z0-9 -]{0,12}")
"""What a desk may be called that is not in the plan: "4", "caisse 2", but nothing as long as a telephone number."""


def check(rooms: House, store: str, body: Any) -> None:
    """Problem if a command names something that this store does not have. Raises UnknownStore."""
    plan, said = rooms.live.day(store).plan, vars(body)  # a model without a field looks for it for long
    for field, known, code in NAMES:
        value = said.get(field)
        for word in (value,) if isinstance(value, str) else value or ():
            if word not in known(plan):
                raise Problem(code)
    if (item := said.get("item")) is not None and not _is_there(rooms, store, item):
        raise Problem("unknown_content")
    if (desk := said.get("desk")) is not None and not _is_desk(plan, desk):
        raise Problem("bad_field", {"field": "desk", "problem": "no desk is called that"})


NAMES: tuple[tuple[str, Callable[[DayPlan], Collection[str]], str], ...] = (
    ("service", lambda plan: plan.services, "unknown_service"),
    ("steps", lambda plan: plan.services, "unknown_service"),
    ("priority", lambda plan: {"card", *plan.classes}, "unknown_class"),
    ("to", lambda plan: plan.salespeople, "unknown_salesperson"),
)
"""Fields of bodies, what the plan of the day knows of their kind, and the code for anything else."""


def _is_there(rooms: House, store: str, item: str) -> bool:
    """Whether this can be said of something to read or play in a store, in any language: nearly always in the first.

    "cables" was finished, "cables:open" was opened, "sort:2" chose the third answer of the poll "sort".
    """
    today = rooms.live.store(store).business_day(rooms.live.clock.now())
    id, _, said = item.partition(":")
    every = (known for language in i18n.languages() for known in rooms.content(store, language, None, today))
    return any(id == known["id"] and (said in ("", "open") or _chooses(known, said)) for known in every)


def _chooses(item: Mapping[str, Any], said: str) -> bool:
    return item["kind"] == "poll" and said in map(str, range(len(item["poll"]["options"])))


def _is_desk(plan: DayPlan, desk: str) -> bool:
    return desk in {person.desk for person in plan.salespeople.values()} or DESK.fullmatch(desk) is not None
