"""Every table there is. The journal proper is ``event``; everything else can be rebuilt, expires, or is settings.

Personal data lives in ``contact`` and nowhere else. ``event`` and ``receipt`` keep an integer row id and a
separate unique index because that appends twice as fast as a clustered key.
"""

from sqlalchemy import Column, Float, Index, MetaData, Text, UniqueConstraint
from sqlmodel import Field, SQLModel, col, delete, select, update

__all__ = ["SQLModel", "col", "delete", "metadata", "select", "update"]


class Event(SQLModel, table=True):
    """One event of one store's business day; ``version`` counts from 1 without gaps."""

    __table_args__ = (UniqueConstraint("store", "day", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    store: str
    day: str
    version: int
    body: str = Field(sa_column=Column(Text, nullable=False))


class Day(SQLModel, table=True):
    """A stream: ``base`` is the sum of the versions of the store's earlier days."""

    store: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    base: int
    ended: bool = False


class ReceiptRow(SQLModel, table=True):
    """One decided command, with its answer; ``seq`` is the order they were decided in."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("id"), Index("ix_receipt_store_day", "store", "day"))
    seq: int | None = Field(default=None, primary_key=True)
    id: str
    store: str
    day: str
    sender: str
    command: str = Field(sa_column=Column(Text, nullable=False))
    now: float = Field(sa_column=Column(Float, nullable=False))
    first: int
    last: int
    answer: str = Field(sa_column=Column(Text, nullable=False))
    refused: bool


class OutboxRow(SQLModel, table=True):
    """An effect to deliver at least once; ``key`` makes a repeat harmless."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_due_at", "state", "due_at"),)
    key: str = Field(primary_key=True)
    store: str
    effect: str = Field(sa_column=Column(Text, nullable=False))
    state: str = "waiting"  # waiting, done, given_up
    tries: int = 0
    due_at: float
    trouble: str = ""


def _text() -> "Column[str]":
    return Column(Text, nullable=False, server_default="")


class Contact(SQLModel, table=True):
    """What a shopper told us about themselves, for one visit; erased at ``erase_at`` at the latest."""

    ticket: str = Field(primary_key=True)
    store: str
    name: str = ""
    phone: str = ""
    erase_at: float = Field(index=True)
    push: str = Field(default="", sa_column=_text())  # the browser's push subscription, JSON
    address: str = Field(default="", sa_column=_text())  # a telephone number or e-mail address for messages
    needs: str = Field(default="", sa_column=_text())  # what the visit is about, as chosen from lists, JSON
    told: str = Field(default="", sa_column=_text())  # which messages were sent and how that went, JSON
    note: str = Field(default="", sa_column=_text())  # what a salesperson wrote for the next one who serves


class PhoneLinkRow(SQLModel, table=True):
    """Which ticket a phone's token opens; the token itself is not kept."""

    __tablename__ = "phone_link"
    token_hash: str = Field(primary_key=True)
    store: str
    day: str
    ticket: str


class Fact(SQLModel, table=True):
    """One finished step of a visit: the columns of the Visits CSV, with instants, and what was promised."""

    store: str = Field(primary_key=True)
    day: str = Field(primary_key=True)  # before the ticket: a day's rows lie together, and only they change
    ticket: str = Field(primary_key=True)
    step: int = Field(primary_key=True)
    number: str
    service: str
    priority: str
    joined_at: float
    called_at: float | None
    started_at: float | None
    finished_at: float | None
    left_at: float | None
    outcome: str
    salesperson: str | None
    estimated: bool
    promise_s: float | None


class ForecastRow(SQLModel, table=True):
    """What was believed about a wait when it began: seconds (mean, then quantiles) before and after the correction, as JSON."""

    __tablename__ = "forecast"
    store: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    ticket: str = Field(primary_key=True)
    service: str
    at: float
    raw: str = Field(sa_column=Column(Text, nullable=False))
    said: str = Field(sa_column=Column(Text, nullable=False))


class SettingRow(SQLModel, table=True):
    """One version of a store's settings, the newest being in force: decided by ``by`` ("" for the store file), nobody's PIN in it."""

    __tablename__ = "setting"
    store: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: float
    by: str
    changes: str = Field(sa_column=Column(Text, nullable=False))
    config: str = Field(sa_column=Column(Text, nullable=False))


class PersonRow(SQLModel, table=True):
    """Somebody who can sign in; only the hash of the PIN is kept."""

    __tablename__ = "person"
    store: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    name: str
    role: str
    pin_hash: str | None = None


class SessionRow(SQLModel, table=True):
    """A signed-in browser; only the hash of its token is kept."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_store_person", "store", "person"),)
    token_hash: str = Field(primary_key=True)
    store: str
    person: str
    role: str
    created_at: float
    seen_at: float
    expires_at: float
    device: str | None = Field(default=None, index=True)  # where it was begun; it ends with the device


class StaffPushRow(SQLModel, table=True):
    """A browser in which a salesperson asked to be told of offers: its push subscription, JSON."""

    __tablename__ = "staff_push"
    __table_args__ = (Index("ix_staff_push_store_person", "store", "person"),)
    endpoint_hash: str = Field(primary_key=True)
    store: str
    person: str
    subscription: str = Field(sa_column=Column(Text, nullable=False))


class DoorCountRow(SQLModel, table=True):
    """How many people came in by the door in an hour of a business day, as a counter there says."""

    __tablename__ = "door_count"
    store: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    hour: int = Field(primary_key=True)
    came: int


class PinTryRow(SQLModel, table=True):
    """Wrong PINs of one account since the last right one; kept, so that a restart forgives nothing."""

    __tablename__ = "pin_try"
    store: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    wrong: int
    locked_until: float


class Device(SQLModel, table=True):
    """An enrolled kiosk, board or tablet; ``profile`` says which routes it may use."""

    id: str = Field(primary_key=True)
    store: str = Field(index=True)
    profile: str
    name: str
    token_hash: str = Field(unique=True)
    created_at: float
    revoked_at: float | None = None


class EnrolmentRow(SQLModel, table=True):
    """A code, by its hash, that makes one browser or program a device of a store, once and soon."""

    __tablename__ = "enrolment"
    code_hash: str = Field(primary_key=True)
    store: str
    profile: str
    name: str
    expires_at: float


class Secret(SQLModel, table=True):
    """A key this server made for itself."""

    name: str = Field(primary_key=True)
    value: str


class BookingRow(SQLModel, table=True):
    """An appointment. Name and address go when it is over; the token of its link is kept as a hash."""

    __tablename__ = "booking"
    __table_args__ = (Index("ix_booking_store_day", "store", "day"), Index("ix_booking_store_code", "store", "code"))
    id: str = Field(primary_key=True)
    store: str
    day: str
    service: str
    at: float
    until: float
    language: str
    companions: int = 0
    state: str = "booked"  # booked, here, no_show, cancelled
    code: str  # what is typed at the kiosk
    token_hash: str = Field(unique=True)
    ticket: str | None = None
    moves: int = 0
    made_at: float
    erase_at: float = Field(index=True)
    name: str = Field(default="", sa_column=_text())
    address: str = Field(default="", sa_column=_text())


class ApiKeyRow(SQLModel, table=True):
    """A program that may ask; ``shown`` is how its key begins, the rest is kept as a hash."""

    __tablename__ = "api_key"
    id: str = Field(primary_key=True)
    store: str = Field(index=True)
    name: str
    shown: str
    key_hash: str = Field(unique=True)
    scopes: str
    created_at: float
    used_at: float | None = None
    revoked_at: float | None = None


class WebhookRow(SQLModel, table=True):
    """An address that is told what happens, in order: everything up to ``cursor`` was taken or given up."""

    __tablename__ = "webhook"
    id: str = Field(primary_key=True)
    store: str = Field(index=True)
    url: str
    secret: str  # signs what is sent, so it cannot be a hash
    kinds: str
    created_at: float
    cursor: int = 0
    tries: int = 0
    due_at: float = Field(default=0.0, index=True)
    paused: bool = False
    trouble: str = ""
    taken_at: float | None = None


class HappeningRow(SQLModel, table=True):
    """Something that webhooks tell, numbered without gaps in each store; ``key`` makes a second telling harmless."""

    __tablename__ = "happening"
    __table_args__ = (UniqueConstraint("store", "key"),)
    store: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    key: str
    kind: str
    at: float = Field(index=True)
    body: str = Field(sa_column=Column(Text, nullable=False))


class ClaimRow(SQLModel, table=True):
    """Something that is done once, by whichever node comes first."""

    __tablename__ = "claim"
    key: str = Field(primary_key=True)
    at: float


metadata: MetaData = SQLModel.metadata
