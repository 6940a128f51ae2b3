"""Decisions about the day and about who is on the floor."""

from collections.abc import Callable
from typing import Any

from server.rules import commands as c
from server.rules import events as ev
from server.rules.dispatch import eligible
from server.rules.offers import withdraw
from server.rules.plan import DayPlan
from server.rules.refusals import Code, Refusal
from server.rules.state import DayPhase, Duty, Outcome, Phase, Salesperson
from server.rules.turn import Turn, known_person, no

PAUSE_MINUTES_MAX = 240.0


# --- the day ---------------------------------------------------------------------------------------------


def _open_day(turn: Turn, command: c.OpenDay) -> Refusal | None:
    if turn.day.phase is not DayPhase.NEW:
        return no(Code.ALREADY_OPEN)
    if fault := plan_fault(command.plan):
        return no(Code.BAD_PLAN, why=fault)
    turn.emit(ev.DayOpened(turn.now, command.plan))
    return None


def plan_fault(plan: DayPlan) -> str | None:
    """What is impossible in a plan, in one clause; None when it can be used."""
    if not plan.services:
        return "no services"
    if not plan.opens_at <= plan.closes_at <= plan.ends_at:
        return "opens_at, closes_at and ends_at are not in order"
    for person in plan.salespeople.values():
        if unknown := set(person.skills) - set(plan.services):
            return f"{person.id} has the unknown skill {min(unknown)}"
    if any(seconds < 0 for seconds in plan.classes.values()):
        return "a head start is negative"
    return None


def _change_plan(turn: Turn, command: c.ChangePlan) -> Refusal | None:
    day, plan = turn.day, command.plan
    if refused := _running(turn):
        return refused
    waited_for = {step for t in day.tickets.values() for step in t.steps}
    here = {person.id for person in day.salespeople.values() if person.duty is not Duty.OFF}
    missing = sorted(waited_for - set(plan.services)) + sorted(here - set(plan.salespeople))
    fault = plan_fault(plan) or (f"{missing[0]} is still in use" if missing else None)
    if fault or plan.store != day.plan.store or plan.day != day.plan.day:
        return no(Code.BAD_PLAN, why=fault or "another store or day", **({"in_use": missing[0]} if missing else {}))
    for person in tuple(day.salespeople.with_duty(Duty.OFFERED)):
        ticket = day.tickets[person.ticket or ""]
        if not eligible(person.id, plan.salespeople[person.id].skills, ticket.service, ticket.wanted):
            withdraw(turn, ticket, "skill")
    turn.emit(ev.PlanChanged(turn.now, plan, command.by, command.settings))
    return None


def _close_day(turn: Turn, command: c.CloseDay) -> Refusal | None:
    if refused := _running(turn):
        return refused
    if turn.day.phase is DayPhase.CLOSED and not command.cut:
        return no(Code.STORE_CLOSED)
    close(turn)
    if command.cut:
        _turn_away(turn)
    return None


def _end_day(turn: Turn, command: c.EndDay) -> Refusal | None:
    if refused := _running(turn):
        return refused
    end(turn)
    return None


def close(turn: Turn) -> None:
    """Nobody joins from now on."""
    if turn.day.phase is DayPhase.OPEN:
        turn.emit(ev.DayClosed(turn.now))


def end(turn: Turn) -> None:
    """Bring every ticket and salesperson to an end, so that the accounts add up with nothing open."""
    close(turn)
    for ticket in tuple(turn.day.tickets.values()):
        if ticket.phase is Phase.SERVING:
            finish_forgotten(turn, turn.day.salespeople[ticket.salesperson or ""], ())
    _turn_away(turn)
    for person in tuple(turn.day.salespeople.values()):
        if person.duty is not Duty.OFF:
            turn.emit(ev.SalespersonSignedOff(turn.now, person.id))
    turn.emit(ev.DayEnded(turn.now))


def _turn_away(turn: Turn) -> None:
    """Everybody not being served is told that the store closed first."""
    for ticket in tuple(turn.day.tickets.values()):
        if ticket.phase is not Phase.SERVING:
            withdraw(turn, ticket, "closed")
            turn.emit(ev.TicketEnded(turn.now, ticket.id, Outcome.CLOSED, "closed", None))
            if ticket.phase is Phase.CALLED and ticket.salesperson:
                after_visit(turn, ticket.salesperson)


def finish_forgotten(turn: Turn, person: Salesperson, steps: tuple[str, ...]) -> None:
    """End a step nobody tapped to the end: its finish is the usual length of the service, marked estimated."""
    ticket = turn.day.tickets[person.ticket or ""]
    started_at = ticket.started_at if ticket.started_at is not None else turn.now
    finished_at = min(turn.now, started_at + turn.day.plan.services[ticket.service].typical_s)
    turn.emit(ev.StepFinished(turn.now, ticket.id, person.id, finished_at, True, steps))


def _running(turn: Turn) -> Refusal | None:
    """Why the day cannot be changed now, if so."""
    if turn.day.phase is DayPhase.NEW:
        return no(Code.STORE_NOT_OPEN)
    return no(Code.DAY_ENDED) if turn.day.phase is DayPhase.ENDED else None


# --- salespeople -----------------------------------------------------------------------------------------


def _sign_on(turn: Turn, command: c.SignOn) -> Refusal | None:
    if refused := _running(turn):
        return refused
    planned = turn.day.plan.salespeople.get(command.salesperson)
    if planned is None:
        return no(Code.UNKNOWN_SALESPERSON, salesperson=command.salesperson)
    person = turn.day.salespeople.get(command.salesperson)
    if person is not None and person.duty is not Duty.OFF:
        return no(Code.ALREADY_ON_DUTY)
    skills = planned.skills if command.skills is None else command.skills
    if unknown := set(skills) - set(turn.day.plan.services):
        return no(Code.UNKNOWN_SERVICE, service=min(unknown))
    desk = planned.desk if command.desk is None else command.desk
    turn.emit(ev.SalespersonSignedOn(turn.now, command.salesperson, skills, desk))
    return None


def _pause(turn: Turn, command: c.Pause) -> Refusal | None:
    person = on_duty(turn, command.salesperson)
    if isinstance(person, Refusal):
        return person
    if person.duty is Duty.PAUSED:
        return no(Code.ON_BREAK)
    if command.minutes is not None and not 0 < command.minutes <= PAUSE_MINUTES_MAX:
        return no(Code.BAD_VALUE, field="minutes", most=PAUSE_MINUTES_MAX)
    back_at = None if command.minutes is None else turn.now + command.minutes * 60
    if person.duty in (Duty.CALLING, Duty.SERVING):
        turn.emit(ev.PauseAsked(turn.now, person.id, command.reason, back_at))
        return None
    free_of_offer(turn, person, "paused")
    turn.emit(ev.SalespersonPaused(turn.now, person.id, command.reason, back_at))
    return None


def _resume(turn: Turn, command: c.Resume) -> Refusal | None:
    person = on_duty(turn, command.salesperson)
    if isinstance(person, Refusal):
        return person
    if person.duty is Duty.IDLE and person.ready_at is not None:
        turn.emit(ev.SalespersonReady(turn.now, person.id))
        return None
    if person.duty is not Duty.PAUSED and person.pause is None and not person.leaving:
        return no(Code.NOT_ON_BREAK)
    turn.emit(ev.SalespersonResumed(turn.now, person.id))
    return None


def _sign_off(turn: Turn, command: c.SignOff) -> Refusal | None:
    person = on_duty(turn, command.salesperson)
    if isinstance(person, Refusal):
        return person
    if person.duty in (Duty.CALLING, Duty.SERVING):
        turn.emit(ev.SignOffAsked(turn.now, person.id))
        return None
    free_of_offer(turn, person, "signed_off")
    turn.emit(ev.SalespersonSignedOff(turn.now, person.id))
    return None


def on_duty(turn: Turn, person_id: str) -> Salesperson | Refusal:
    """The salesperson, if on duty (perhaps on a break)."""
    person = known_person(turn.day, person_id)
    if isinstance(person, Salesperson) and person.duty is Duty.OFF:
        return no(Code.NOT_ON_DUTY, salesperson=person_id)
    return person


def free_of_offer(turn: Turn, person: Salesperson, reason: str) -> None:
    """Take back what is being offered to this salesperson, if anything."""
    if person.duty is Duty.OFFERED and person.ticket:
        withdraw(turn, turn.day.tickets[person.ticket], reason)


def after_visit(turn: Turn, person_id: str) -> None:
    """A salesperson has just become free: the break or the way home they asked for begins now."""
    person = turn.day.salespeople[person_id]
    if person.duty is not Duty.IDLE:
        return
    if person.leaving:
        turn.emit(ev.SalespersonSignedOff(turn.now, person_id))
    elif person.pause is not None:
        turn.emit(ev.SalespersonPaused(turn.now, person_id, person.pause, person.back_at))


RULES: dict[type, Callable[[Turn, Any], Refusal | None]] = {
    c.OpenDay: _open_day, c.ChangePlan: _change_plan, c.CloseDay: _close_day, c.EndDay: _end_day,
    c.SignOn: _sign_on, c.Pause: _pause, c.Resume: _resume, c.SignOff: _sign_off,
}  # fmt: skip
