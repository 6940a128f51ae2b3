"""What is true in the store now: a value, never changed in place.

``StoreDay`` is what folding the day's events gives. The records are named tuples because replacing one
field of them costs a sixth of what a frozen dataclass costs, and that is what ``evolve`` does all day.
Two ideas keep it small: a ticket's place is a key that never changes while it waits (so lines are sorted
tuples, and coming back to one's place is an insertion), and tickets that ended leave the working set for
a shelf that is cheap to add to.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from server.rules.plan import DayPlan
from server.rules.waiting import Overtaking, Range

Key = tuple[int, float, int, str]
"""(tier, ranked_at, serial, ticket id): the one visible order, see ``dispatch``."""

LAYER_MAX = 64  # tickets that are copied to add one to those that ended

R = TypeVar("R", bound=tuple[Any, ...])


def quick(record: type[R]) -> type[R]:
    """The named tuple with a ``_replace`` that costs half: a list changed in place instead of a search for every field."""
    shape: Any = record  # a named tuple, which the type of a class cannot say
    places = {name: place for place, name in enumerate(shape._fields)}
    new = tuple.__new__

    def _replace(self: R, /, **changes: Any) -> R:
        values = [*self]
        for name in changes:
            values[places[name]] = changes[name]
        return new(record, values)

    shape._replace = _replace
    return record


class DayPhase(StrEnum):
    """Where the business day is."""

    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"  # nobody joins any more, those who wait are served
    ENDED = "ended"


class Phase(StrEnum):
    """Where a ticket is."""

    WAITING = "waiting"
    AWAY = "away"
    OFFERED = "offered"
    CALLED = "called"
    PARKED = "parked"
    SERVING = "serving"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a ticket ended; exactly one of these (a balked shopper never had a ticket)."""

    ANSWERED = "answered"
    LEFT = "left"
    VANISHED = "vanished"
    CLOSED = "closed"
    VOID = "void"


class Duty(StrEnum):
    """What a salesperson is doing."""

    OFF = "off"
    IDLE = "idle"
    OFFERED = "offered"
    CALLING = "calling"
    SERVING = "serving"
    PAUSED = "paused"


@quick
class Ticket(NamedTuple):
    """One shopper's place. ``steps[step]`` is the service waited for or being served."""

    id: str
    number: str
    serial: int
    steps: tuple[str, ...]
    step: int
    tier: int
    joined_at: float  # of the visit: a later step queues from here
    ranked_at: float
    queued_at: float  # when the wait for this step began
    phase: Phase
    since: float
    language: str
    card: bool
    standing: str | None
    appointment_at: float | None
    companions: int
    promise_s: float | None
    deadline: float | None = None  # what the clock does next to this ticket is due then
    salesperson: str | None = None  # who holds it: offered, called, serving
    wanted: str | None = None  # only this salesperson may serve it
    shown: Range | None = None
    called_at: float | None = None
    park_at: float | None = None
    seen_at: float | None = None
    coming_at: float | None = None
    invited_at: float | None = None  # asked to come closer, for this step
    started_at: float | None = None
    doubted: bool = False
    recalls: int = 0
    aways: int = 0
    passed: tuple[str, ...] = ()  # salespeople who declined or ignored it
    escalated: bool = False
    overtaken: tuple[Overtaking, ...] = ()  # by whom (their ticket) and why, the last few
    seen: tuple[str, ...] = ()  # content
    stars: int | None = None
    outcome: Outcome | None = None
    ended_at: float | None = None
    reason: str = ""

    @property
    def service(self) -> str:
        """The service waited for or being served now (the last one, once ended)."""
        return self.steps[self.step]

    @property
    def key(self) -> Key:
        """The ticket's place in the one visible order."""
        return (self.tier, self.ranked_at, self.serial, self.id)


class Tap(NamedTuple):
    """A salesperson's last tap, with what it changed, so that it can be taken back until ``until``."""

    kind: str
    until: float
    ticket: Ticket
    salesperson: "Salesperson"
    leaves: tuple[Phase, str | None]  # the ticket's phase and holder as the tap left them


@quick
class Salesperson(NamedTuple):
    """Somebody on the floor today."""

    id: str
    name: str
    skills: tuple[str, ...]
    desk: str
    duty: Duty = Duty.OFF
    since: float = 0.0
    ticket: str | None = None
    ready_at: float | None = None  # not offered anything before (a breather)
    pause: str | None = None  # reason of the break, running or asked for
    back_at: float | None = None
    leaving: bool = False
    ignored: int = 0  # offers in a row
    served: int = 0
    order: int = 0  # of two with as few skills, the lower one is offered a ticket first
    tap: Tap | None = None


class Crew(dict[str, Salesperson]):
    """Everybody on the floor, by id. Never changed in place, so what every view asks of all of them is worked out once."""

    __slots__ = ("_reach", "_with_duty")

    def __init__(self, people: Mapping[str, Salesperson] = MappingProxyType({})) -> None:
        super().__init__(people)
        self._reach: dict[tuple[str, str | None], frozenset[str]] = {}
        self._with_duty: dict[str, list[Salesperson]] = {}

    def put(self, person: Salesperson) -> "Crew":
        """The crew with this salesperson added or replaced."""
        crew = Crew(self)
        crew[person.id] = person
        return crew

    def with_duty(self, duty: Duty) -> list[Salesperson]:
        """Those who are doing this."""
        if duty not in self._with_duty:
            self._with_duty[duty] = [person for person in self.values() if person.duty is duty]
        return self._with_duty[duty]

    def reach(self, service: str, wanted: str | None) -> frozenset[str]:
        """The lines (see ``dispatch``) of everybody here who may serve ``service`` for somebody who asks for ``wanted``, or anybody."""
        key = (service, wanted)
        if key not in self._reach:
            able = [p for p in self.values() if p.duty is not Duty.OFF and (service in p.skills if wanted is None else wanted == p.id)]
            self._reach[key] = frozenset(line for p in able for line in (*p.skills, f"@{p.id}"))
        return self._reach[key]


@quick
class Counts(NamedTuple):
    """How many so far. joined = open + answered + left + vanished + closed + void, at any moment."""

    joined: int = 0
    balked: int = 0
    answered: int = 0
    left: int = 0
    vanished: int = 0
    closed: int = 0
    void: int = 0


class Shelf:
    """Tickets that ended, in the order they did, as layers each larger than the next: adding one copies the last, not the day.

    A ticket is looked for in a handful of layers however many there are, and lies in one of them.
    """

    __slots__ = ("_layers",)

    def __init__(self, layers: tuple[Mapping[str, Ticket], ...] = ()) -> None:
        self._layers = layers

    def put(self, ticket: Ticket) -> "Shelf":
        """The shelf with this ticket added or replaced."""
        if (place := self._place(ticket.id)) is not None:
            return self._with(place, {**self._layers[place], ticket.id: ticket})
        older, last = self._layers[:-1], self._layers[-1] if self._layers else {}
        if len(last) < LAYER_MAX:
            return Shelf((*older, {**last, ticket.id: ticket}))
        while older and len(older[-1]) < 2 * len(last):
            older, last = older[:-1], {**older[-1], **last}
        return Shelf((*older, last, {ticket.id: ticket}))

    def drop(self, ticket: Ticket) -> "Shelf":
        """The shelf without this ticket."""
        place = self._place(ticket.id)
        return self if place is None else self._with(place, {k: v for k, v in self._layers[place].items() if k != ticket.id})

    def _place(self, ticket: str) -> int | None:
        for place, layer in enumerate(self._layers):
            if ticket in layer:
                return place
        return None

    def _with(self, place: int, layer: Mapping[str, Ticket]) -> "Shelf":
        return Shelf((*self._layers[:place], layer, *self._layers[place + 1 :]))

    def get(self, ticket: str) -> Ticket | None:
        """The ticket with this id, or None."""
        for layer in reversed(self._layers):
            if ticket in layer:
                return layer[ticket]
        return None

    def __iter__(self) -> Iterator[Ticket]:
        for layer in self._layers:
            yield from layer.values()

    def __len__(self) -> int:
        return sum(map(len, self._layers))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shelf) and {t.id: t for t in self} == {t.id: t for t in other}


@quick
class StoreDay(NamedTuple):
    """One store's business day after ``version`` events; ``at`` is the instant of the last one."""

    plan: DayPlan
    version: int = 0
    at: float = 0.0
    phase: DayPhase = DayPhase.NEW
    serial: int = 0
    numbers: Mapping[str, int] = {}  # letter -> last number given
    tickets: Mapping[str, Ticket] = {}  # open ones
    ended: Shelf = Shelf()
    lines: Mapping[str, tuple[Key, ...]] = {}  # line (see dispatch.line_of) -> waiting, in order
    salespeople: Crew = Crew()
    counts: Counts = Counts()
    quotes: Mapping[str, Range] = {}  # service -> the wait somebody joining now is told
    quoted: int = 0  # ``serial`` when the quotes were said: a quote speaks for the next to join, not for a burst
    called: tuple[str, ...] = ()  # last calls, newest first, for the board
    offers_at: float | None = None  # an escalated ticket is offered again then

    def ticket(self, ticket: str) -> Ticket | None:
        """The ticket with this id, open or ended."""
        return self.tickets.get(ticket) or self.ended.get(ticket)

    @property
    def accounts(self) -> dict[str, int]:
        """Every shopper in exactly one place: open, balked, or one of the outcomes."""
        return {"open": len(self.tickets), **self.counts._asdict()}


def new_day(plan: DayPlan) -> StoreDay:
    """The state before the first event."""
    return StoreDay(plan)
