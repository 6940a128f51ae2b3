"""``decide(day, command, now)``: the one door through which anything happens in a store.

The live actor, the twin, the replay of a recorded day and the fault simulator all call this function
and nothing else. It returns events and effects, or a refusal; it never raises for a business reason,
reads no clock and changes nothing.
"""

from collections.abc import Callable
from typing import Any

from server.rules import commands as c
from server.rules import events as ev
from server.rules import floor_rules, serving_rules, shopper_rules
from server.rules.deadlines import tick
from server.rules.offers import make_offers
from server.rules.refusals import Code, Refusal
from server.rules.state import DayPhase, StoreDay
from server.rules.turn import Step, Turn, no

__all__ = ["Refusal", "Step", "decide"]


def decide(day: StoreDay, command: c.Command, now: float) -> Step | Refusal:
    """What ``command`` does to ``day`` at ``now`` (seconds since the epoch), or why it does nothing.

    Time never runs backwards inside a day, and never past its end: a ``now`` before the last event counts
    as that event's instant, one after ``ends_at`` (a server that slept through the night) as the end. The
    same three arguments always give the same result.
    """
    turn = Turn(day, max(min(now, day.plan.ends_at), day.at))
    refusal = _RULES[type(command)](turn, command)
    if refusal is not None:
        return refusal
    make_offers(turn)
    return turn.step()


def _show_waits(turn: Turn, command: c.ShowWaits) -> Refusal | None:
    """Keep what the estimator says of tickets that wait and services that exist; the rest is out of date."""
    day = turn.day
    if day.phase not in (DayPhase.OPEN, DayPhase.CLOSED):
        return no(Code.STORE_NOT_OPEN)
    tickets = {k: r for k, r in command.tickets.items() if k in day.tickets and day.tickets[k].shown != r}
    services = {k: r for k, r in command.services.items() if k in day.plan.services and day.quotes.get(k) != r}
    if tickets or services:
        turn.emit(ev.WaitsShown(turn.now, tickets, services))
    return None


_RULES: dict[type, Callable[[Turn, Any], Refusal | None]] = {
    **floor_rules.RULES, **shopper_rules.RULES, **serving_rules.RULES,
    c.ShowWaits: _show_waits, c.Tick: tick,
}  # fmt: skip
