"""An offer on a phone that lies dark in a pocket: a push to the salesperson's own browsers, while the offer still stands."""

from collections.abc import Callable, Mapping

from server.journal import staff_pushes
from server.journal.port import Journal
from server.live.clock import Clock
from server.notify.ladder import How, Note, Sender
from server.rules.effects import Effect, OfferPing


class OfferPush:
    """A channel of the outbox, in the language of the page where the salesperson asked for it.

    A repeat replaces the notification that is shown; an offer that is over tells nobody.
    """

    takes: Mapping[type, float] = {OfferPing: 0.0}

    def __init__(self, journal: Journal, clock: Clock, push: Sender, words: Callable[..., str]) -> None:
        self._journal, self._clock, self._push, self._words = journal, clock, push, words

    async def deliver(self, store: str, key: str, effect: Effect) -> None:
        """Push once to each browser; one that is gone is forgotten."""
        if not isinstance(effect, OfferPing) or self._clock.now() >= effect.expires_at:
            return
        for _, subscription in await staff_pushes.of(self._journal, store, [effect.salesperson]):
            language = staff_pushes.language_of(subscription, "fr")
            title, body = (self._words(language, f"notify.offer{end}") for end in ("_title", ""))
            if await self._push.send(subscription, Note("offer", title, body, "/staff")) is How.GONE:
                await staff_pushes.drop(self._journal, subscription)
