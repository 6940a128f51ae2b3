"""The week in plain words by e-mail, on Monday morning, to whom the store's settings name: once, whichever node comes first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from babel.numbers import format_decimal

from server import log
from server.journal import claims
from server.live.live import Live
from server.live.stores import StoreConfig
from server.notify.ladder import How, Note
from server.notify.ways import Message
from server.reports.report import UNANSWERED, report
from server.reports.visits import Period
from server.web import i18n

AT_HOUR: Final = 7  # of the store's Monday, or whenever the server next runs in that week
LOOK_S: Final = 600.0
KEEP_S: Final = 60 * 86_400.0
WITHIN: Final = "600"
SIGN: Final = {"fr": "\u00a0%"}  # a mail breaks its lines where it likes, but not there
Reader = Callable[[StoreConfig, list[date]], Awaitable[Period]]


class Weekly:
    """``read(config, days)`` gives the period's records; ``base`` is how the server is reached, empty where nobody said."""

    def __init__(self, live: Live, message: Message, read: Reader, base: str) -> None:
        self._live, self._message, self._read, self._base = live, message, read, base

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.look()
            except Exception as trouble:
                log.get().warning("weekly_failed", **log.failure(trouble))
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Send what is due in every store."""
        for config in self._live.stores():
            here = datetime.fromtimestamp(self._live.clock.now(), config.zoneinfo)
            if config.weekly.mail and (here.weekday() > 0 or here.hour >= AT_HOUR):
                await self._send_once(config, here.date())

    async def _send_once(self, config: StoreConfig, today: date) -> None:
        monday = today - timedelta(days=today.weekday())
        year, week, _ = (monday - timedelta(days=1)).isocalendar()
        to = [address for address in config.weekly.mail if self._message.can(address)]
        now = self._live.clock.now()
        if to and await claims.first(self._live.journal, f"weekly {config.id} {year}-{week:02d}", now, now - KEEP_S):
            note = await self.note(config, monday)
            for address in to:
                if await self._message.send(address, note) is not How.SENT:
                    log.get().warning("weekly_failed", store=config.id)

    async def note(self, config: StoreConfig, monday: date) -> Note:
        """The week before ``monday``, and the one before that."""
        periods = [await self._read(config, [monday - timedelta(days=back) for back in range(end, end - 7, -1)]) for end in (7, 14)]
        now, before = [await asyncio.to_thread(report, period) for period in periods]
        language = config.languages[0] if config.languages[0] in i18n.languages("weekly") else "en"
        words = partial(i18n.t, language)
        span = f"{monday - timedelta(days=7):%d/%m} – {monday - timedelta(days=1):%d/%m/%Y}"
        names = {id: service.labels.get(language) or next(iter(service.labels.values())) for id, service in config.services.items()}
        title = words("weekly.title", store=config.name, span=span)
        more = f"\n\n{words('weekly.more')} {self._base}/manager/reports" if self._base else ""
        return Note("weekly", title, f"{text_of(now, before, names, language)}{more}\n")


def text_of(now: Mapping[str, Any], before: Mapping[str, Any], names: Mapping[str, str], language: str) -> str:
    """Two weeks' reports in sentences; the shares of the outcomes add up to 100.0 %."""
    words, percent = partial(i18n.t, language), partial(_percent, language=language)
    came = _came(now)
    if came == 0:
        return words("weekly.nobody")
    parts = tenths({name: count for name, count in now["accounts"].items() if name != "void"})
    lines = [words("weekly.came", n=came, before=_came(before)), ""]
    lines += [words(f"weekly.{name}", n=now["accounts"][name], share=_tenths(parts[name], language)) for name in ("answered", *UNANSWERED)]
    lines += ["", words("weekly.unanswered", now=percent(now["unanswered_share"]), before=percent(before["unanswered_share"]))]
    waits, promise = now["waits"], now["promise"]
    lines += [words("weekly.within", share=percent(waits["within"][WITHIN]), before=percent(before["waits"]["within"][WITHIN]))]
    if waits["p50_s"] is not None:
        lines += [words("weekly.waits", median=_min(waits["p50_s"]), p90=_min(waits["p90_s"]))]
    if promise["decided"]:
        lines += [words("weekly.promise", share=percent(promise["kept_share"]), n=promise["decided"])]
    lines += ["", words("weekly.services")]
    lines += [
        words("weekly.service", name=names.get(id, id), n=cell["came"], share=percent(cell["unanswered_share"]))
        for id, cell in sorted(now["services"].items(), key=lambda item: -item[1]["came"]) if cell["came"]
    ]  # fmt: skip
    worst = max(now["hours"].items(), key=lambda item: sum(item[1][reason] for reason in UNANSWERED))
    lost = sum(worst[1][reason] for reason in UNANSWERED)
    return "\n".join([*lines, *(["", words("weekly.worst", hour=worst[0], n=lost)] if lost else [])])


def tenths(counts: Mapping[str, int]) -> dict[str, int]:
    """Shares in tenths of a percent by the largest remainder: they add up to 1000 wherever anybody came."""
    total = sum(counts.values())
    if not total:
        return dict.fromkeys(counts, 0)
    given = {name: 1000 * count // total for name, count in counts.items()}
    most = sorted(counts, key=lambda name: (-(1000 * counts[name] % total), name))
    for name in most[: 1000 - sum(given.values())]:
        given[name] += 1
    return given


def _came(found: Mapping[str, Any]) -> int:
    return sum(count for name, count in found["accounts"].items() if name != "void")


def _tenths(share: int, language: str) -> str:
    return _percent(share / 1000, language)


def _percent(share: float | None, language: str) -> str:
    return "–" if share is None else f"{format_decimal(100 * share, '0.0', language)}{SIGN.get(language, '%')}"


def _min(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds / 60:.0f}\u00a0min"
