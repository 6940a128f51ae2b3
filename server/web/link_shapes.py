"""What the routes of keys and webhooks take and give."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from server.hooks.happenings import Kind
from server.web.bodies import Command
from server.web.keys import Scope
from server.web.view_shapes import Instant, Shape

Url = Annotated[str, StringConstraints(min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")]
ScopeName = Annotated[str, StringConstraints(pattern=f"^({'|'.join(Scope)})$")]
KindName = Annotated[str, StringConstraints(pattern=f"^({'|'.join(kind.replace('.', '[.]') for kind in Kind)})$")]


class NewKey(Command):
    """A key for one program, with what it is for."""

    name: Label
    scopes: list[ScopeName] = Field(min_length=1, max_length=len(Scope))


class OneKey(Command):
    """Which key."""

    key: str = Field(max_length=40)


class NewHook(Command):
    """An address, and what it wants to be told."""

    url: Url
    kinds: list[KindName] = Field(min_length=1, max_length=len(Kind))


class Replay(Command):
    """From where to tell again: everything with a greater number."""

    after: int = Field(ge=0, le=10**15)


class Key(Shape):
    """A key, as far as it is kept."""

    id: str
    name: str
    shown: str
    scopes: list[str]
    created_at: Instant
    used_at: Instant | None
    revoked_at: Instant | None


class FreshKey(Key):
    """The key itself, this once."""

    key: str


class Hook(Shape):
    """A webhook. ``after`` is the last number it took; ``trouble`` one word about the last failure, "" when all is well."""

    id: str
    url: str
    kinds: list[str]
    created_at: Instant
    after: int
    tries: int
    paused: bool
    trouble: str
    taken_at: Instant | None


class FreshHook(Hook):
    """With the secret that signs its deliveries, this once."""

    secret: str


class Tried(Shape):
    """How a test went: the receiver's status (0: none), and one word of trouble, "" when it was taken."""

    status: int
    trouble: str
    took_s: float


class Happening(Shape):
    """What happened, as webhooks tell it."""

    seq: int
    kind: str
    store: str
    at: Instant
    data: dict[str, Any]


class Happenings(Shape):
    """In order; ``next`` is where to ask on, null at the end."""

    happenings: list[Happening]
    next: int | None
