"""Why a command was not done. A refusal is a value with a code and facts; the screens put it in words."""

from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """Every refusal there is; web maps each to an HTTP status, docs/reference lists them all."""

    ALREADY_OPEN = "already_open"
    STORE_NOT_OPEN = "store_not_open"
    STORE_CLOSED = "store_closed"
    DAY_ENDED = "day_ended"
    BAD_PLAN = "bad_plan"
    CLOSING_SOON = "closing_soon"
    STORE_FULL = "store_full"
    UNKNOWN_SERVICE = "unknown_service"
    UNKNOWN_SALESPERSON = "unknown_salesperson"
    UNKNOWN_TICKET = "unknown_ticket"
    UNKNOWN_CLASS = "unknown_class"
    DUPLICATE_TICKET = "duplicate_ticket"
    APPOINTMENT_TOO_EARLY = "appointment_too_early"
    BAD_VALUE = "bad_value"
    ALREADY_ON_DUTY = "already_on_duty"
    NOT_ON_DUTY = "not_on_duty"
    ON_BREAK = "on_break"
    NOT_ON_BREAK = "not_on_break"
    ALREADY_BUSY = "already_busy"
    ALREADY_CLAIMED = "already_claimed"
    ALREADY_ENDED = "already_ended"
    ALREADY_RATED = "already_rated"
    NOT_YOURS = "not_yours"
    NO_SUCH_OFFER = "no_such_offer"
    NOBODY_WAITING = "nobody_waiting"
    WRONG_SKILL = "wrong_skill"
    WRONG_PHASE = "wrong_phase"
    CARD_FIRST = "card_first"
    PICKING_NOT_ALLOWED = "picking_not_allowed"
    RECALL_LIMIT = "recall_limit"
    AWAY_LIMIT = "away_limit"
    NOTHING_TO_UNDO = "nothing_to_undo"


Fact = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The command was understood and not done; nothing changed."""

    code: Code
    facts: dict[str, Fact] = field(default_factory=dict)
