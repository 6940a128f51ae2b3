"""What a store's screens show at one moment, as JSON: the pure views of the rules, their seq counted on, first names filled in.

Ten thousand phones are told of every step of everybody, so what stays the same is kept as text: the part of a phone's
view, and of a line of the staff's list, that its ticket alone decides. What is put together is the plain view, byte for byte.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic_core import to_json

from server.live.messages import Screen, UnknownScreen
from server.rules import views
from server.rules.state import StoreDay, Ticket

View = dict[str, Any]


class Chapter(NamedTuple):
    """A business day of a store, and what the versions of the days before it add up to."""

    day: StoreDay
    base: int


class Shown(NamedTuple):
    """A view as JSON in two: ``seq`` and ``at``, which alone are not worth a message, and what a person could see."""

    seq: int
    head: bytes
    rest: bytes

    @property
    def json(self) -> bytes:
        """The whole view."""
        return self.head + self.rest


class Page:
    """Everything that the screens of a store show at one moment."""

    def __init__(self, now: Chapter, earlier: Iterable[Chapter], names: Mapping[str, str]) -> None:
        self._now, self._earlier, self._names = now, earlier, names
        self._day, self._around = now.day, views.Around(now.day)
        self._seq, self._head, self._store = _head(now)

    def show(self, screen: Screen) -> Shown:
        """What ``screen`` shows. A phone may still be about an earlier day's ticket. Raises UnknownScreen."""
        match screen:
            case ("phone", id):
                return self._phone(id)
            case ("staff", person):
                return Shown(self._seq, self._head, self._staff(person))
            case ("board",):
                view = views.board_view(self._day, self._day.at)
            case ("kiosk",):
                view = views.kiosk_view(self._day, self._day.at)
            case ("floor",):
                view = views.floor_view(self._day, self._day.at)
            case _:
                raise UnknownScreen(f"no screen {screen!r}")
        del view["seq"], view["at"]
        return Shown(self._seq, self._head, _fields(view))

    def sign(self, screen: Screen) -> object:
        """Equal signs, equal views, so that most need not be built; None for a screen that has to be looked at."""
        if screen[0] != "phone" or (ticket := self._day.tickets.get(screen[1])) is None:
            return None
        return self._around.sign(ticket)

    def _phone(self, id: str) -> Shown:
        ticket = self._day.ticket(id)
        if ticket is not None:
            around = self._waits(ticket) if ticket.phase in views.WAITS else to_json(self._around.of(ticket))[1:]
            return Shown(self._seq, self._head, b"%b%b,%b" % (self._store, _of_ticket(ticket), around))
        there = next((chapter for chapter in self._earlier if chapter.day.ticket(id) is not None), None)
        if there is None:
            raise UnknownScreen(f"no ticket {id}")
        return Page(there, (), {})._phone(id)

    def _waits(self, ticket: Ticket) -> bytes:
        """What others move in the view of somebody who waits: nearly all views are of these."""
        ahead, others, serving, behind, moment, aways_left = self._around.counts(ticket)
        return (
            b'"ahead":%d,"others":%d,"serving":%d,"behind":%d,"moment":"%b","call":null,"by":null,"aways_left":%d}'
            % (ahead, others, serving, behind, moment.encode(), aways_left)
        )  # fmt: skip

    def _staff(self, person: str) -> bytes:
        lead, waiting, rest = views.staff_parts(self._day, person)
        for card in (lead["card"], lead["offer"]):
            if card is not None:
                card["name"] = self._names.get(card["ticket"])
        rows = b",".join([b'{%b,"mine":%b,"place":%d}' % (_of_row(t), b"true" if mine else b"false", n) for t, mine, n in waiting])
        return b'%b%b,"waiting":[%b],%b' % (self._store, to_json(lead)[1:-1], rows, to_json(rest)[1:])


def _head(chapter: Chapter) -> tuple[int, bytes, bytes]:
    """(seq, ``seq`` and ``at``, the store) of every view of this day, the last two as the beginnings of JSON."""
    head = views.head(chapter.day)
    seq = head["seq"] + chapter.base
    return seq, to_json({"seq": seq, "at": head["at"]})[:-1], b',"store":%b,' % to_json(head["store"])


def _fields(view: View) -> bytes:
    """The end of a JSON object, after other fields."""
    return b"," + to_json(view)[1:]


@views.remembered
def _of_ticket(ticket: Ticket) -> bytes:
    return to_json(views.of_ticket(ticket))[1:-1]


@views.remembered
def _of_row(ticket: Ticket) -> bytes:
    return to_json(views.of_row(ticket))[1:-1]
