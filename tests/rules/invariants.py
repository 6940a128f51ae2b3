"""What must hold after every command, whatever happened: pure checks over a day's state."""

from server.rules import events as ev
from server.rules.decide import Step
from server.rules.dispatch import eligible, line_of
from server.rules.evolve import evolve
from server.rules.state import Duty, Outcome, Phase, StoreDay, Ticket

HOLDING = {Phase.OFFERED: Duty.OFFERED, Phase.CALLED: Duty.CALLING, Phase.SERVING: Duty.SERVING}


def check_day(day: StoreDay) -> None:
    """Every invariant of one state."""
    check_accounts(day)
    check_holders(day)
    check_lines(day)
    check_deadlines(day)


def check_deadlines(day: StoreDay) -> None:
    """Nothing that must happen by itself is forgotten: every phase that ends by the clock has its deadline."""
    for ticket in day.tickets.values():
        slot = ticket.appointment_at is not None and ticket.step == 0 and not ticket.card
        if ticket.phase is Phase.WAITING:
            assert ticket.deadline == (ticket.appointment_at if slot and ticket.tier != 1 else None)
        elif ticket.phase is not Phase.SERVING:
            assert ticket.deadline is not None
        else:
            assert ticket.doubted or ticket.deadline is not None


def check_accounts(day: StoreDay) -> None:
    """Every ticket has exactly one place, open ones included."""
    n = day.counts
    assert n.joined == len(day.tickets) + n.answered + n.left + n.vanished + n.closed + n.void
    assert all(count >= 0 for count in n)
    assert n.joined == day.serial
    assert all(t.phase is not Phase.ENDED and t.outcome is None for t in day.tickets.values())


def check_ended(day: StoreDay) -> None:
    """The shelf holds what the counts say (costly: not after every command)."""
    ended = list(day.ended)
    for outcome in Outcome:
        assert sum(1 for t in ended if t.outcome is outcome) == getattr(day.counts, outcome.value)
    numbers = [t.number for t in (*ended, *day.tickets.values())]
    assert len(numbers) == len(set(numbers)), "two tickets have the same number"
    assert not {t.id for t in ended} & set(day.tickets)


def check_holders(day: StoreDay) -> None:
    """A ticket has at most one salesperson, a salesperson at most one ticket, and both know of each other."""
    held = {}
    for person in day.salespeople.values():
        if person.duty in HOLDING.values():
            assert person.ticket is not None
            assert person.ticket not in held, "two salespeople hold one ticket"
            held[person.ticket] = person
        else:
            assert person.ticket is None
    for ticket in day.tickets.values():
        if ticket.phase in HOLDING:
            assert held[ticket.id].id == ticket.salesperson
            assert held[ticket.id].duty is HOLDING[ticket.phase]
        else:
            assert ticket.id not in held
            assert ticket.salesperson is None
    assert set(held) <= set(day.tickets)


def check_lines(day: StoreDay) -> None:
    """Each line is sorted and holds exactly the waiting tickets that belong there."""
    assert all(list(line) == sorted(line) for line in day.lines.values())
    standing = {(name, key) for name, line in day.lines.items() for key in line}
    assert standing == {(line_of(t), t.key) for t in day.tickets.values() if t.phase is Phase.WAITING}
    assert sum(map(len, day.lines.values())) == len(standing)


def check_step(before: StoreDay, step: Step) -> None:
    """Events lead to the state the step says, time never runs back, and every claim is explained."""
    day = before
    for event in step.events:
        assert event.at >= day.at
        if isinstance(event, ev.TicketClaimed):
            check_claim(day, event)
        day = evolve(day, event)
    assert day == step.day, "folding the events gives another state"


def check_claim(day: StoreDay, event: ev.TicketClaimed) -> None:
    """The winner is first in the order, or the salesperson picked; whoever came earlier has a reason."""
    chosen, person = day.tickets[event.ticket], day.salespeople[event.salesperson]
    waiting = [t for t in day.tickets.values() if t.phase is Phase.WAITING and t.id != chosen.id]
    able = {t.id for t in waiting if _able(person.id, person.skills, t)}
    earlier = [t for t in waiting if t.joined_at < chosen.joined_at or (t.id in able and t.key < chosen.key)]
    told = {o.ticket: o.reason for o in event.overtook}
    assert len(told) == min(len(earlier), 16)
    for ticket_id, reason in told.items():
        check_reason(day.tickets[ticket_id], chosen, reason, able=_able(person.id, person.skills, day.tickets[ticket_id]))


def _able(person: str, skills: tuple[str, ...], ticket: Ticket) -> bool:
    return eligible(person, skills, ticket.service, ticket.wanted)


def check_reason(passed: Ticket, chosen: Ticket, reason: str, *, able: bool) -> None:
    """The reason given is the one that is true."""
    if reason in ("skill", "wanted"):
        assert not able
    elif reason == "picked":
        assert able
        assert passed.key < chosen.key
    else:
        assert able
        assert chosen.key < passed.key
        assert (reason == "head_start") == (passed.tier == chosen.tier)
        assert reason != "card" or chosen.card
