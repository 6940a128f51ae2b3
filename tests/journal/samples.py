"""Small batches to append: real events of a small store."""

from typing import Any

from server.journal.port import Append, ContactCard, Outgoing, PhoneLink, Receipt
from server.rules import commands as c
from server.rules import events as ev
from server.rules.effects import DropFact, KeepFact, Ring
from server.rules.plan import DayPlan, SalespersonPlan, ServicePlan

DAY = "2026-11-21"
PLAN = DayPlan(
    "volt", DAY, services={"advice": ServicePlan("advice", {"fr": "Conseil"})},
    salespeople={"lea": SalespersonPlan("lea", "Léa", ("advice",), "4")},
)  # fmt: skip


def receipt(id: str, command: c.Command, first: int = 1, last: int = 0, sender: str = "kiosk", **answer: Any) -> Receipt:
    return Receipt(id, sender, command, 1.5, first, last, answer or {"seq": last})


def opened(store: str = "volt", day: str = DAY, base: int = 0) -> Append:
    event = ev.DayOpened(1.0, PLAN)
    return Append(store, day, 0, base, [event], [receipt(f"open:{store}:{day}", c.OpenDay(PLAN), 1, 1)])


def signed_on(after: int, id: str, store: str = "volt", count: int = 1) -> Append:
    """``count`` events, so that versions move on."""
    events = [ev.SalespersonSignedOn(2.0 + n, "lea", ("advice",), "4") for n in range(count)]
    return Append(store, DAY, after, 0, events, [receipt(id, c.SignOn("lea"), after + 1, after + count)])


def fact(ticket: str, step: int = 1, outcome: str = "answered", salesperson: str | None = "lea") -> KeepFact:
    return KeepFact(ticket, "A-001", step, "advice", "", 10.0, 20.0, 30.0, 40.0, None, outcome, salesperson, False, 600.0)


def everything(after: int, ticket: str) -> Append:
    """A batch with a row for every table."""
    return Append(
        "volt", DAY, after, 0, [ev.CallSeen(3.0, ticket)], [receipt(f"seen:{ticket}", c.AcknowledgeCall(ticket), after + 1, after + 1)],
        facts=[fact(ticket)], outgoing=[Outgoing(f"volt:{ticket}", Ring(ticket, "lea", "4", 1), 50.0)],
        contacts=[ContactCard(ticket, "Zoé", "+33 6 00 00 00 00", 90.0)], links=[PhoneLink(f"hash of {ticket}", ticket)],
    )  # fmt: skip


__all__ = ["DAY", "PLAN", "DropFact", "everything", "fact", "opened", "receipt", "signed_on"]
