"""Were the waits that were told true? For the manager: promises kept, and how good the forecasts behind them were."""

from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.journal.accounts import Session
from server.web import answers
from server.web.api_shopper import STORE
from server.web.policies import About, Who, door
from server.web.view_shapes import Shape


class PromisesKept(Shape):
    """Promises and forecasts of shoppers whose visit has begun; shares are null before the first.

    ``broken_excess_s``: by how much broken promises were broken, on average. ``coverage_p80``: the share of visits
    that began within the forecast's 80 % quantile; ``pinball_…_s``: the mean pinball loss of a quantile, in seconds.
    """

    promises: int
    kept: int
    kept_share: float | None
    broken_excess_s: float | None
    forecasts: int
    coverage_p50: float | None
    coverage_p80: float | None
    coverage_p90: float | None
    pinball_p50_s: float | None
    pinball_p80_s: float | None
    pinball_p90_s: float | None


class PromiseFigures(Shape):
    """``month``: the last thirty business days, today included. ``visits``: how many each service's estimate has learned from;
    ``prior``: services with too few, whose estimate rests on what is believed of any store; ``sampled``: false while
    estimates are made without sampling, because that failed or took too long."""

    day: str
    today: PromisesKept
    month: PromisesKept
    visits: dict[str, int]
    prior: list[str]
    sampled: bool


class Reporter(Protocol):
    """Who keeps the figures (``server.forecasts``)."""

    def report(self, name: str) -> dict[str, Any]:
        """The figures of this store."""
        ...


async def promises(request: Request) -> Response:
    """How often the wait told at joining was kept, today and in the last thirty days."""
    current: Session = request.state.session
    reporter: Reporter = request.app.state.forecasts
    return answers.json(reporter.report(current.store))


def routes() -> list[BaseRoute]:
    """The one route."""
    return [door(f"{STORE}/promises", promises, Who.VIEWER, about=About(PromiseFigures))]
