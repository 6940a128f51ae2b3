"""Commands that wait for their turn, and how whoever sent them is told."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.live.batch import Batch
from server.live.messages import Answer
from server.rules import commands as c

log = logging.getLogger(__name__)
SHOPPERS = (c.Join, c.Balk, c.Leave, c.StepAway, c.ComeBack, c.AcknowledgeCall, c.SayOnMyWay, c.ChangeService, c.SeeContent, c.Rate)
"""Commands of shoppers; every other one is of staff, and goes first."""


@dataclass(slots=True)
class Letter:
    """A command waiting for its turn."""

    id: str
    command: c.Command
    sender: str
    contact: Mapping[str, str] | None
    answer: "asyncio.Future[Answer]"

    def of_staff(self) -> bool:
        """Whether it goes in the lane of staff."""
        return not isinstance(self.command, SHOPPERS)


def answer(batch: Batch, letter: Letter) -> Answer | Exception:
    """One command's answer; a bug in the rules is that command's trouble alone."""
    try:
        return batch.ask(letter.id, letter.command, letter.sender, letter.contact)
    except Exception as bug:
        log.exception("deciding %s failed", type(letter.command).__name__)
        return bug


def deliver(letters: Sequence[Letter], answers: Sequence[Answer | Exception]) -> None:
    """Give everybody who still waits the answer to their letter."""
    for letter, result in zip(letters, answers, strict=True):
        if isinstance(result, Exception):
            refuse([letter.answer], result)
        elif not letter.answer.done():
            letter.answer.set_result(result)


def fail(letters: Sequence[Letter], trouble: Exception) -> None:
    """Nothing was done: say why to everybody who still waits."""
    refuse([letter.answer for letter in letters], trouble)


def settle(waiting: Iterable["asyncio.Future[None]"]) -> None:
    """It is done."""
    for asker in waiting:
        if not asker.done():
            asker.set_result(None)


def refuse(waiting: Iterable["asyncio.Future[Any]"], trouble: Exception) -> None:
    """It is not done, and ``trouble`` is why."""
    for asker in waiting:
        if not asker.done():
            asker.set_exception(trouble)
