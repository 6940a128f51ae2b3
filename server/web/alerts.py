"""What the machines at the entrance have to tell the people of the store: somebody needs help, the printer is out of paper.

Kept in memory only: an alert is about this minute. A device repeats what still holds, with the same id, and an alert
nobody repeats or takes is forgotten. Nothing personal is in one.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from server.rules.views import iso
from server.web.problems import Problem

Kind = Literal["help", "paper", "printer", "slip", "unreached", "colleague"]
"""Somebody cannot use the screen; no paper; the printer does not answer; a slip shows another number than its ticket has;
a shopper was called, and neither push nor message could be delivered; a salesperson needs a colleague."""

KEPT_S: Final = 900.0  # after this an alert that nobody repeated is forgotten
ALERTS_MAX: Final = 30  # of one store; the oldest gives way


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to see to. ``by`` is the name of the salesperson who does; ``slip`` and ``number`` belong to kind "slip".

    Of kind "colleague" are ``asks``, the name of the ``asker``, and ``to``, the one who is asked ("" for everybody).
    """

    id: str
    kind: Kind
    place: str
    at: float
    slip: str = ""
    number: str = ""
    by: str = ""
    asks: str = ""
    asker: str = ""
    to: str = ""

    def concerns(self, person: str) -> bool:
        """Whether this salesperson should see it: what another one is asked is theirs alone."""
        return not self.to or person in (self.to, self.asker)

    def shown(self) -> dict[str, Any]:
        """As screens get it."""
        return {**asdict(self), "at": iso(self.at)}


@dataclass(slots=True)
class Alerts:
    """The alerts of every store of this process."""

    _stores: dict[str, dict[str, Alert]] = field(default_factory=dict)

    def tell(self, store: str, alert: Alert) -> Alert:
        """Add an alert, or keep up one that is known: its first instant and who sees to it stay."""
        known = self._of(store, alert.at)
        before = known.pop(alert.id, None)
        if before is None and len(known) >= ALERTS_MAX:
            known.pop(next(iter(known)))
        known[alert.id] = replace(alert, by=before.by) if before else alert
        return known[alert.id]

    def every(self, store: str, now: float) -> Iterator[Alert]:
        """What there is to see to, oldest first."""
        yield from self._of(store, now).values()

    def get(self, store: str, id: str, now: float) -> Alert:
        """One alert; Problem when it is over."""
        try:
            return self._of(store, now)[id]
        except KeyError:
            raise Problem("not_found") from None

    def take(self, store: str, id: str, name: str, now: float) -> Alert:
        """Somebody sees to it; who was first stays."""
        alert = self.get(store, id, now)
        self._stores[store][id] = taken = replace(alert, by=alert.by or name)
        return taken

    def over(self, store: str, id: str) -> None:
        """Seen to, or never mind."""
        self._stores.get(store, {}).pop(id, None)

    def _of(self, store: str, now: float) -> dict[str, Alert]:
        known = self._stores.setdefault(store, {})
        for id in [id for id, alert in known.items() if now - alert.at > KEPT_S]:
            del known[id]
        return known
