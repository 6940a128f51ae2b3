"""A screen's view out of a store's days: the pure view of the rules, its seq counted on, first names filled in."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from server.live.messages import Screen, UnknownScreen
from server.rules import views
from server.rules.state import StoreDay

View = dict[str, Any]


class Chapter(NamedTuple):
    """A business day of a store, and what the versions of the days before it add up to."""

    day: StoreDay
    base: int


def build(screen: Screen, now: Chapter, earlier: Iterable[Chapter], names: Mapping[str, str]) -> View:
    """What ``screen`` shows. A phone may still be about an earlier day's ticket. Raises UnknownScreen."""
    match screen:
        case ("phone", ticket):
            there = now if now.day.ticket(ticket) is not None else next((c for c in earlier if c.day.ticket(ticket) is not None), None)
            if there is None:
                raise UnknownScreen(f"no ticket {ticket}")
            return _counted_on(views.phone_view(there.day, ticket, there.day.at), there.base)
        case ("staff", person):
            view = views.staff_view(now.day, person, now.day.at)
            for card in (view["card"], view["offer"]):
                if card is not None:
                    card["name"] = names.get(card["ticket"])
        case ("board",):
            view = views.board_view(now.day, now.day.at)
        case ("kiosk",):
            view = views.kiosk_view(now.day, now.day.at)
        case ("floor",):
            view = views.floor_view(now.day, now.day.at)
        case _:
            raise UnknownScreen(f"no screen {screen!r}")
    return _counted_on(view, now.base)


def _counted_on(view: View, base: int) -> View:
    view["seq"] += base
    return view
