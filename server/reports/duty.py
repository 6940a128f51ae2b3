"""Salespeople's time on duty: with shoppers, on breaks, and free; and how much of the free time somebody waited whom they could serve.

Out of the events of the floor. Days without them (an imported past) say nothing here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from server.reports.visits import Period
from server.rules import events as ev
from server.rules.effects import KeepFact

Span = tuple[float, float]
DUTY = ev.SalespersonSignedOn | ev.SalespersonPaused | ev.SalespersonResumed | ev.SalespersonSignedOff
HELD = ev.ShopperCalled | ev.VisitStarted
FREED = ev.StepFinished | ev.TicketParked | ev.TicketTransferred | ev.TicketHandedBack | ev.TicketEnded
KINDS: tuple[type, ...] = (*DUTY.__args__, *HELD.__args__, *FREED.__args__, ev.TapUndone, ev.DayEnded)
"""What happened on the floor that this asks for."""


class Duty(NamedTuple):
    """Seconds of one salesperson, or of several: the first is the sum of the next three, the last a part of ``idle_s``."""

    on_duty_s: float = 0.0
    with_shoppers_s: float = 0.0
    paused_s: float = 0.0
    idle_s: float = 0.0
    idle_while_waiting_s: float = 0.0

    def plus(self, other: "Duty") -> "Duty":
        """Both together."""
        return Duty(*(mine + more for mine, more in zip(self, other, strict=True)))


class _Times:
    """One kind of time of one salesperson: begun, ended, and the last end taken back."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._since: float | None = None

    def begin(self, at: float) -> None:
        self._since = at if self._since is None else self._since

    def end(self, at: float) -> None:
        if self._since is not None:
            self.spans.append((self._since, max(at, self._since)))
        self._since = None

    def turn(self, at: float) -> None:
        """A tap is taken back: what had begun never did, what had ended goes on."""
        if self._since is not None:
            self._since = None
        elif self.spans:
            self._since = self.spans.pop()[0]


class _Worked:
    """One salesperson's day, as the events tell it."""

    def __init__(self) -> None:
        self.skills: tuple[str, ...] = ()
        self.on, self.paused, self.busy = _Times(), _Times(), _Times()

    def take(self, event: DUTY) -> None:
        match event:
            case ev.SalespersonSignedOn():
                self.skills = event.skills
                self.on.begin(event.at)
            case ev.SalespersonPaused():
                self.paused.begin(event.at)
            case ev.SalespersonResumed():
                self.paused.end(event.at)
            case ev.SalespersonSignedOff():
                self.end(event.at)

    def end(self, at: float) -> None:
        """Whatever goes on ends here."""
        for times in (self.on, self.paused, self.busy):
            times.end(at)


class _Floor:
    """One day's floor."""

    def __init__(self) -> None:
        self.people: dict[str, _Worked] = {}
        self._holder: dict[str, str] = {}  # ticket -> who has it, or had it last

    def take(self, event: ev.Event) -> None:
        if isinstance(event, DUTY):
            self._of(event.salesperson).take(event)
        elif isinstance(event, HELD):
            self._holder[event.ticket] = event.salesperson
            self._of(event.salesperson).busy.begin(event.at)
        elif isinstance(event, FREED) and event.ticket in self._holder:
            self._of(self._holder[event.ticket]).busy.end(event.at)
        elif isinstance(event, ev.TapUndone) and event.ticket in self._holder:
            self._of(self._holder[event.ticket]).busy.turn(event.at)
        elif isinstance(event, ev.DayEnded):
            self.end(event.at)

    def end(self, at: float) -> None:
        """For everybody."""
        for worked in self.people.values():
            worked.end(at)

    def _of(self, person: str) -> _Worked:
        return self.people.setdefault(person, _Worked())


def duty(period: Period, now: float) -> dict[str, Duty]:
    """By salesperson; who is still on duty is counted up to ``now``."""
    floors: dict[str, _Floor] = {}
    for day, event in period.floor:
        floors.setdefault(day, _Floor()).take(event)
    facts: dict[str, list[KeepFact]] = {}
    for day, fact in period.facts:
        facts.setdefault(day, []).append(fact)
    found: dict[str, Duty] = {}
    for day, floor in floors.items():
        floor.end(now)
        for person, worked in floor.people.items():
            found[person] = found.get(person, Duty()).plus(_sums(worked, facts.get(day, ())))
    return found


def together(known: Mapping[str, Duty]) -> dict[str, float] | None:
    """The team's; None where nothing is known of anybody's duty."""
    sum_s = Duty()
    for one in known.values():
        sum_s = sum_s.plus(one)
    return {name: round(value, 1) for name, value in sum_s._asdict().items()} if sum_s.on_duty_s > 0.0 else None


def _sums(worked: _Worked, facts: Sequence[KeepFact]) -> Duty:
    on = union(worked.on.spans)
    busy = both(union(worked.busy.spans), on)
    paused = less(both(union(worked.paused.spans), on), busy)
    idle = less(less(on, busy), paused)
    waited = union(span for fact in facts if fact.service in worked.skills and (span := _waited(fact)) is not None)
    return Duty(total(on), total(busy), total(paused), total(idle), total(both(idle, waited)))


def _waited(fact: KeepFact) -> Span | None:
    ends = next((at for at in (fact.called_at, fact.started_at, fact.left_at) if at is not None), None)
    return None if ends is None or ends <= fact.joined_at else (fact.joined_at, ends)


# --- spans of time: sorted, and apart from each other


def union(spans: Iterable[Span]) -> list[Span]:
    """All instants that are in any of them."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def both(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The instants in both."""
    cut = [(max(a, c), min(b, d)) for a, b in one for c, d in other if c < b and a < d]
    return sorted(cut)


def less(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The instants of the one that are not in the other."""
    found: list[Span] = []
    for begins, ends in one:
        at = begins
        for c, d in other:
            if c < ends and at < d:
                if c > at:
                    found.append((at, c))
                at = max(at, d)
        if at < ends:
            found.append((at, ends))
    return found


def total(spans: Iterable[Span]) -> float:
    """Their seconds."""
    return sum(ends - begins for begins, ends in spans)
