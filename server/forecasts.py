"""Connects the stores to their wait estimates: one model per store, taught by its own finished visits."""

from collections.abc import Sequence

from server.journal import facts
from server.journal.port import Journal
from server.live.stores import StoreConfig, plan_for
from server.rules.commands import ShowWaits
from server.rules.effects import KeepFact
from server.rules.state import StoreDay
from server.waits.estimator import Estimator
from server.waits.models import Models
from server.waits.promise import show


class Forecasts:
    """What ``Live`` asks for ranges and tells about visits."""

    def __init__(self, rollouts: int) -> None:
        self._rollouts = rollouts
        self._estimators: dict[str, Estimator] = {}
        self._models: dict[str, Models] = {}

    async def learn(self, journal: Journal, configs: Sequence[StoreConfig], now: float) -> None:
        """Learn from what the journal knows of each store: earlier days as history, today's visits as news."""
        for config in configs:
            today = config.business_day(now)
            rows = await facts.read(journal, config.id)
            models = Models.prior(plan_for(config, today)).learn(fact for day, fact in rows if day < today.isoformat())
            for day, fact in rows:
                if day >= today.isoformat():
                    models.observe(fact)
            self._models[config.id] = models
            self._estimators[config.id] = Estimator(models, self._rollouts)

    def estimate(self, day: StoreDay, now: float) -> ShowWaits | None:
        """The ranges to show anew, or None; the day's version is the seed, so that a replay sees the same."""
        estimator = self._estimators.get(day.plan.store)
        return show(day, estimator.estimate(day, now, day.version), now) if estimator else None

    def observe(self, store: str, fact: KeepFact) -> None:
        """One more step is over."""
        if store in self._models:
            self._models[store].observe(fact)
