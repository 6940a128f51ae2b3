"""A live store with estimates whose people and shoppers do what they are told, one after the other."""

import itertools

from server.journal.sqlite import SqliteJournal
from server.live.live import Live
from server.rules import commands as c
from server.rules.commands import Command
from server.rules.effects import KeepFact
from tests.live.support import HandClock
from tests.live.test_live import _until

MINUTE, YESTERDAY = 60.0, "2026-11-20"


class Shop:
    """A live store whose people and shoppers do what they are told, one after the other."""

    def __init__(self, live: Live, clock: HandClock, journal: SqliteJournal) -> None:
        self.live, self.clock, self.journal = live, clock, journal
        self._ids = itertools.count()

    async def do(self, command: Command) -> None:
        answer = await self.live.submit("volt", f"c{next(self._ids)}", command, "test")
        assert answer.refusal is None, (command, answer.refusal)

    async def shown(self, ticket: str) -> None:
        await _until(lambda: self.live.day("volt").tickets[ticket].shown is not None)

    async def visit(self, ticket: str, minutes: float) -> None:
        """Join, wait so long, be served for five minutes."""
        await self.do(c.Join(ticket, "advice"))
        await self.shown(ticket)
        self.clock.at += minutes * MINUTE
        await self.do(c.ClaimNext("lea"))
        await self.do(c.Start("lea", ticket))
        self.clock.at += 5 * MINUTE
        await self.do(c.Finish("lea", ticket, ()))


def visited(ticket: str, at: float) -> KeepFact:
    """A visit of the past that began at ``at``."""
    return KeepFact(
        ticket=ticket, number="C1", step=1, service="advice", priority="none", joined_at=at, called_at=at + 60, started_at=at + 70,
        finished_at=at + 300, left_at=None, outcome="answered", salesperson="lea", estimated=False, promise_s=None,
    )  # fmt: skip
