"""Deciding what waits, one command after the other, on immutable states: no I/O, no clock, nothing to await.

A ``Batch`` collects everything one transaction will hold. Until the journal has it, nothing outside knows:
if writing fails the batch is thrown away and the store is where it was.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.journal.port import Append, ContactCard, Farewell, Kept, Outgoing, PhoneLink, Receipt
from server.live import limits
from server.live.links import Links
from server.live.messages import Answer
from server.live.outbox import Delays, outgoing
from server.rules.answers import answer
from server.rules.commands import Command, Join
from server.rules.decide import decide
from server.rules.effects import DropFact, EraseContact, KeepFact
from server.rules.events import Event
from server.rules.refusals import Code, Refusal
from server.rules.state import DayPhase, StoreDay

log = logging.getLogger(__name__)
Known = Receipt | Kept
"""A command that was decided: just now, or as the journal gives it back."""


@dataclass(slots=True)
class Batch:
    """Decisions on top of ``day``, not yet durable; ``day`` moves along with them."""

    day: StoreDay
    base: int
    now: float
    links: Links
    delays: Delays
    recent: Mapping[str, Known]
    contact_s: float  # a contact goes this long after the visit
    after: int = field(init=False)
    events: list[Event] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    kept: dict[str, Known] = field(default_factory=dict)
    facts: list[KeepFact | DropFact] = field(default_factory=list)
    parcels: list[Outgoing] = field(default_factory=list)
    contacts: list[ContactCard] = field(default_factory=list)
    farewells: list[Farewell] = field(default_factory=list)
    phone_links: list[PhoneLink] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.after = self.day.version

    def ask(self, id: str, command: Command, sender: str, contact: Mapping[str, str] | None) -> Answer:
        """Decide a command that came from outside, or say again what was decided the first time."""
        known = self.kept.get(id) or self.recent.get(id)
        if known is not None:
            return repeat(known, command, sender)
        result = self._decide(id, command, sender)
        if result.status == "ok" and isinstance(command, Join):
            self._welcome(command, contact or {})
        return result

    def run(self, name: str, command: Command) -> bool:
        """Decide a command of the server's own (the clock, the estimator); kept only if anything came of it."""
        step = decide(self.day, command, self.now)
        if isinstance(step, Refusal) or not step.events:
            return False
        self._advance(f"{name}:{self.day.plan.store}:{self.day.plan.day}:{self.day.version}", name, command, step, {})
        return True

    def append(self) -> Append:
        """What to write: everything or nothing of it."""
        return Append(
            store=self.day.plan.store, day=self.day.plan.day, after=self.after, base=self.base, events=self.events,
            receipts=self.receipts, facts=self.facts, outgoing=self.parcels, contacts=self.contacts, farewells=self.farewells,
            links=self.phone_links, ended=self.day.phase is DayPhase.ENDED,
        )  # fmt: skip

    def _decide(self, id: str, command: Command, sender: str) -> Answer:
        step = decide(self.day, command, self.now)
        if isinstance(step, Refusal):
            body = {"code": step.code.value, "facts": step.facts}
            self._keep(id, sender, command, self.day.version, body, refused=True)
            return Answer("refused", body, step)
        body = answer(command, step.day, step.events)
        _lift(body, self.base)
        self._advance(id, sender, command, step, body)
        return Answer("ok", body)

    def _advance(self, id: str, sender: str, command: Command, step: Any, body: dict[str, Any]) -> None:
        before = self.day.version
        self.events.extend(step.events)
        self.day = step.day
        for index, effect in enumerate(step.effects):
            if isinstance(effect, KeepFact | DropFact):
                self.facts.append(effect)
            elif isinstance(effect, EraseContact):
                self.farewells.append(Farewell(effect.ticket, self.now + self.contact_s))
            elif (parcel := outgoing(effect, self.day, before, index, self.now, self.delays)) is not None:
                self.parcels.append(parcel)
        self._keep(id, sender, command, before, body, refused=False)

    def _keep(self, id: str, sender: str, command: Command, before: int, body: dict[str, Any], *, refused: bool) -> None:
        receipt = Receipt(id, sender, command, self.now, before + 1, self.day.version, body, refused)
        self.receipts.append(receipt)
        self.kept[id] = receipt

    def _welcome(self, command: Join, contact: Mapping[str, str]) -> None:
        """A new ticket has a link, and maybe somebody's name and number."""
        self.phone_links.append(self.links.made(command.ticket))
        name, phone = contact.get("name", "")[: limits.NAME_MAX], contact.get("phone", "")[: limits.PHONE_MAX]
        if name or phone:
            self.contacts.append(ContactCard(command.ticket, name, phone, self.now + limits.CONTACT_MAX_S))


def repeat(known: Known, command: Command, sender: str) -> Answer:
    """The first answer again; refused when the id belongs to somebody else or to another command."""
    if known.sender != sender or known.command != command:
        facts = {"field": "id", "why": "used for another command"}
        return Answer("refused", {"code": Code.BAD_VALUE.value, "facts": facts}, Refusal(Code.BAD_VALUE, dict(facts)), repeated=True)
    if known.refused:
        refusal = Refusal(Code(known.answer["code"]), known.answer["facts"])
        return Answer("refused", known.answer, refusal, repeated=True)
    return Answer("ok", known.answer, repeated=True)


def _lift(body: dict[str, Any], base: int) -> None:
    """Count ``seq`` on from the store's earlier days, so that a screen's seq never goes back overnight."""
    for part in (body, body.get("view")):
        if part is not None and "seq" in part:
            part["seq"] += base
