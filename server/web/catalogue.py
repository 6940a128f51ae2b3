"""Every command a client can send: its address, who may send it, its body, and the rules' command it becomes.

Routing, authorisation and the API description are all read from this one table, so they cannot disagree.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.rules import commands as rules
from server.web import bodies
from server.web.policies import Who

PHONE = "/api/v1/ticket"
STAFF = "/api/v1/stores/{store}/staff"
MANAGER = "/api/v1/stores/{store}/manager"


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: ``rule`` is what it becomes, with the fields of ``body`` and, as ``actor``, the one who asks."""

    path: str
    rule: Callable[..., rules.Command]
    body: type[bodies.Command] = bodies.Command
    who: Who = Who.STAFF
    actor: str | None = "salesperson"

    @property
    def name(self) -> str:
        """The last word of the address: "claim"."""
        return self.path.rpartition("/")[2]

    def command(self, body: bodies.Command, me: str) -> rules.Command:
        """The rules' command of a body sent by ``me``, a ticket or a salesperson."""
        values = {name: _plain(getattr(body, name)) for name in type(body).model_fields if name != "id"}
        return self.rule(**values, **({self.actor: me} if self.actor else {}))


def _phone(verb: str, rule: Callable[..., rules.Command], body: type[bodies.Command] = bodies.Command) -> Entry:
    return Entry(f"{PHONE}/{verb}", rule, body, Who.PHONE, "ticket")


def _staff(verb: str, rule: Callable[..., rules.Command], body: type[bodies.Command] = bodies.Command) -> Entry:
    return Entry(f"{STAFF}/{verb}", rule, body)


PHONE_COMMANDS = (
    _phone("leave", rules.Leave, bodies.Leave),
    _phone("away", rules.StepAway, bodies.Away),
    _phone("back", rules.ComeBack),
    _phone("seen", rules.AcknowledgeCall),
    _phone("coming", rules.SayOnMyWay),
    _phone("service", rules.ChangeService, bodies.Service),
    _phone("content", rules.SeeContent, bodies.Content),
    _phone("rate", rules.Rate, bodies.Rate),
)

STAFF_COMMANDS = (
    _staff("on", rules.SignOn, bodies.On),
    _staff("off", rules.SignOff),
    _staff("pause", rules.Pause, bodies.Pause),
    _staff("resume", rules.Resume),
    _staff("next", rules.ClaimNext),
    _staff("claim", rules.Claim, bodies.OnTicket),
    _staff("accept", rules.Accept, bodies.OnTicket),
    _staff("decline", rules.Decline, bodies.Decline),
    _staff("recall", rules.Recall, bodies.OnTicket),
    _staff("start", rules.Start, bodies.OnTicket),
    _staff("finish", rules.Finish, bodies.Finish),
    _staff("still", rules.ConfirmServing, bodies.OnTicket),
    _staff("transfer", rules.Transfer, bodies.Transfer),
    _staff("hand-back", rules.HandBack, bodies.OnTicket),
    _staff("no-show", rules.MarkNoShow, bodies.OnTicket),
    _staff("void", rules.Void, bodies.Void),
    _staff("undo", rules.Undo),
)

MANAGER_COMMANDS = (
    Entry(f"{MANAGER}/close", rules.CloseDay, bodies.Close, Who.MANAGER, None),
    Entry(f"{MANAGER}/end", rules.EndDay, bodies.Command, Who.MANAGER, None),
)
"""Opening needs the store's plan of the day, see ``api_manager``."""


def join(body: bodies.Join) -> rules.Join:
    """The rules' Join of a body: what is personal in it stays behind."""
    card = body.priority == "card"
    return rules.Join(
        ticket=ticket_of(str(body.id)),
        service=body.service,
        steps=tuple(body.steps),
        language=body.language,
        card=card,
        standing=None if card else body.priority,
        appointment_at=body.appointment_at.timestamp() if body.appointment_at else None,
        companions=body.companions,
        slip=body.slip,
        slip_at=body.slip_at.timestamp() if body.slip_at else None,
    )


def ticket_of(command_id: str) -> str:
    """The ticket that a join with this command id makes: the same for every repeat, and no way back.

    Salespeople see ticket ids. Whoever knows the id of a join could send it again and be given the
    phone's link, so the one must not tell the other.
    """
    return str(UUID(bytes=hashlib.sha256(f"ticket {command_id}".encode()).digest()[:16]))


def contact(body: bodies.Join) -> dict[str, str] | None:
    """What the shopper told about themselves, for the one erasable row; None when nothing."""
    told = {key: value for key, value in (("name", body.name), ("phone", body.phone)) if value}
    return told or None


def _plain(value: Any) -> Any:
    """A body's value as the rules have it: ids are texts, lists are tuples."""
    return str(value) if isinstance(value, UUID) else tuple(value) if isinstance(value, list) else value
