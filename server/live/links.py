"""Phone links: a token opens one ticket, and only its hash is kept.

The token is derived from the ticket's id with the server's secret, so that a repeated join gives the same
link, and a copy of the tables without the secret opens nothing.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

from server.journal import links as kept
from server.journal.port import Journal, PhoneLink
from server.live import limits

TOKEN_BYTES = 16
TOKEN_CHARS = 22


class Link(NamedTuple):
    """Where a token leads."""

    store: str
    day: str
    ticket: str


class Links:
    """Makes tokens and finds the tickets behind them; a bounded memory in front of the journal."""

    def __init__(self, journal: Journal, secret: bytes | None = None) -> None:
        self._journal, self._secret = journal, secret
        self._known: OrderedDict[str, Link] = OrderedDict()

    async def start(self) -> None:
        """Have a secret: the one given, or the journal's own, made the first time."""
        if self._secret is None:
            self._secret = await kept.server_secret(self._journal)

    def token(self, ticket: str) -> str:
        """128 bits that only this server can make for this ticket, base64url without padding."""
        assert self._secret, "start() comes first"
        digest = hmac.digest(self._secret, b"phone " + ticket.encode(), "sha256")
        return urlsafe_b64encode(digest[:TOKEN_BYTES]).rstrip(b"=").decode()

    def made(self, ticket: str) -> PhoneLink:
        """The row to keep with a ticket that joins."""
        return PhoneLink(token_hash(self.token(ticket)), ticket)

    def remember(self, store: str, day: str, links: Iterable[PhoneLink]) -> None:
        """These are in the journal: their phones will come in a moment, and need not look there."""
        for link in links:
            self._keep(link.token_hash, Link(store, day, link.ticket))

    async def find(self, token: str) -> Link | None:
        """Where the token leads, or None."""
        if len(token) != TOKEN_CHARS:
            return None
        key = token_hash(token)
        if (link := self._known.get(key)) is None:
            row = await kept.find(self._journal, key)
            if row is None:
                return None
            link = Link(*row)
        self._keep(key, link)
        return link

    def _keep(self, key: str, link: Link) -> None:
        self._known[key] = link
        self._known.move_to_end(key)
        if len(self._known) > limits.LINKS_MAX:
            self._known.popitem(last=False)


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()
