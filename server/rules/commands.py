"""Everything that can be asked of a store's day, in the imperative.

A command carries no time (the driver passes ``now``), no personal data and no authority: who may send
which command is decided in ``web``. ``ticket`` in ``Join`` is an id made by the client, so that a
repeat is recognised. Every command is answered by events or by one ``Refusal``.
"""

from dataclasses import dataclass

from server.rules.plan import DayPlan
from server.rules.waiting import Range


@dataclass(frozen=True, slots=True)
class OpenDay:
    """Begin a business day with this plan."""

    plan: DayPlan


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """Use other settings from now on; services still waited for must stay.

    ``settings`` is the version of the store's settings the plan was made from, ``by`` who decided it ("" for the store file).
    """

    plan: DayPlan
    by: str = ""
    settings: int = 0


@dataclass(frozen=True, slots=True)
class CloseDay:
    """Take no more shoppers. Those waiting are served, or with ``cut`` told that the store closed first."""

    cut: bool = False


@dataclass(frozen=True, slots=True)
class EndDay:
    """Finish the business day: whatever is still open is closed now, so that the accounts add up."""


@dataclass(frozen=True, slots=True)
class SignOn:
    """A salesperson comes on duty. ``skills`` None: those of the plan."""

    salesperson: str
    desk: str | None = None
    skills: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Take a break: at once when idle, else right after the visit in hand. No offers during it."""

    salesperson: str
    reason: str = "break"
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Back from the break, or from the breather after it or a visit; or never mind the break asked for."""

    salesperson: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """Go off duty: at once when free, else right after the visit in hand."""

    salesperson: str


@dataclass(frozen=True, slots=True)
class Join:
    """Take a place in line for ``service`` (and then ``steps`` without queueing again).

    ``slip`` is the number a kiosk gave out by itself at the instant ``slip_at`` because nobody answered: it
    stands, unless this is decided earlier or somebody has that number.
    """

    ticket: str
    service: str
    steps: tuple[str, ...] = ()
    language: str = "fr"
    card: bool = False
    standing: str | None = None
    appointment_at: float | None = None
    companions: int = 0
    slip: str | None = None
    slip_at: float | None = None


@dataclass(frozen=True, slots=True)
class Balk:
    """Somebody saw the wait and did not join. Counted as unanswered, like one who left."""

    service: str
    reason: str = "wait"


@dataclass(frozen=True, slots=True)
class Leave:
    """The shopper says they will not wait any longer."""

    ticket: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StepAway:
    """ "I need ten more minutes": keep my place, do not call me until I am back or the time is up."""

    ticket: str
    minutes: float = 10.0


@dataclass(frozen=True, slots=True)
class ComeBack:
    """ "I'm here": from away or parked, back into the same place."""

    ticket: str


@dataclass(frozen=True, slots=True)
class AcknowledgeCall:
    """The phone has shown the call (the phone says so by itself)."""

    ticket: str


@dataclass(frozen=True, slots=True)
class SayOnMyWay:
    """The shopper says they are coming."""

    ticket: str


@dataclass(frozen=True, slots=True)
class ChangeService:
    """The waiting shopper wants another service; the place in line follows the time of joining."""

    ticket: str
    service: str


@dataclass(frozen=True, slots=True)
class SeeContent:
    """The shopper finished reading or playing ``item`` while waiting."""

    ticket: str
    item: str


@dataclass(frozen=True, slots=True)
class Rate:
    """One to five stars, once the visit is over."""

    ticket: str
    stars: int


@dataclass(frozen=True, slots=True)
class Accept:
    """Take the ticket offered; the shopper is called."""

    salesperson: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Decline:
    """Not this one, with a reason; it is offered to the next."""

    salesperson: str
    ticket: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClaimNext:
    """Take the first ticket in the order that my skills can serve; the shopper is called."""

    salesperson: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Take this very ticket (the store may forbid it); exactly one of those who try gets it."""

    salesperson: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Recall:
    """Call the shopper again."""

    salesperson: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Start:
    """The shopper is here; the visit begins."""

    salesperson: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The step is over. ``steps`` None: go on with the visit's own next step; a tuple replaces what is left."""

    salesperson: str
    ticket: str
    steps: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ConfirmServing:
    """Asked about a long visit, the salesperson says it is still going on."""

    salesperson: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Somebody else should serve this shopper: another service, a given colleague, or both."""

    salesperson: str
    ticket: str
    service: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class HandBack:
    """Put the shopper back in their own place in line; I cannot serve them now."""

    salesperson: str
    ticket: str


@dataclass(frozen=True, slots=True)
class MarkNoShow:
    """Nobody came: park the ticket. "I'm here" puts it back in place."""

    salesperson: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Void:
    """Not a shopper: a duplicate or a test. Counted apart."""

    ticket: str
    reason: str
    salesperson: str | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back my last tap, within a few seconds of it."""

    salesperson: str


@dataclass(frozen=True, slots=True)
class ShowWaits:
    """What the estimator says now: a range per waiting ticket, and per service for somebody joining.

    None takes back what was said: nobody can tell any more.
    """

    tickets: dict[str, Range | None]
    services: dict[str, Range | None]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; do what was due."""


Command = (
    OpenDay | ChangePlan | CloseDay | EndDay | SignOn | Pause | Resume | SignOff | Join | Balk | Leave | StepAway | ComeBack
    | AcknowledgeCall | SayOnMyWay | ChangeService | SeeContent | Rate | Accept | Decline | ClaimNext | Claim | Recall | Start
    | Finish | ConfirmServing | Transfer | HandBack | MarkNoShow | Void | Undo | ShowWaits | Tick
)  # fmt: skip
