"""``avous bench waits --shown``: how the number on a waiting shopper's phone behaves, minute by minute.

Simulated days run through the real rules, the estimator as a live store has it (learned beliefs, corrected by
outcomes) and the promise policy. Something is said whenever anything happened, and every minute; every minute a
person looks at every phone. The number shown is an instant ("by 15:42"): as_of + high.
"""

from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

from server.rules import commands as c
from server.rules import dispatch
from server.rules import events as ev
from server.rules.decide import decide
from server.rules.effects import KeepFact
from server.rules.plan import DayPlan
from server.rules.refusals import Refusal
from server.rules.state import Phase, Ticket
from server.rules.views import phone_view
from server.waits.forecaster import Beliefs, Forecaster
from simulation.scenario.model import Scenario
from simulation.twin.crew import FAR_S, crew_of, plan_of
from simulation.twin.demand import Demand, draw
from simulation.twin.dispatchers import RulesDispatcher
from simulation.twin.reference import Twin

LOOK_S = 60.0
LATER_S = 60.0
TRAINING_DAYS = 14
FIRST_SHOWN = 2000  # replication numbers of the days looked at
DAY_S = 86_400.0
INSTANT_S = 0.01


class Job(NamedTuple):
    """A day to look at."""

    scenario: Scenario
    seed: int
    number: int
    rollouts: int


@dataclass
class Looks:
    """Counts over shoppers and minutes. ``later``: the number shown moved later by more than a minute since the last look.

    ``updates``: a number shown was worked out again, at an event or by the minute, and could have changed. ``anew``: it did, and
    was said anew. ``near``: looks at phones that say "next" or "two ahead".
    """

    looks: int = 0
    later: int = 0
    later_unexplained: int = 0
    updates: int = 0
    anew: int = 0
    anew_later: int = 0
    anew_unexplained: int = 0
    moved_s: float = 0.0
    promises: int = 0
    kept: int = 0
    promises_waiting: int = 0
    kept_waiting: int = 0
    excess_s: float = 0.0
    judged: int = 0
    true: int = 0
    silent: int = 0
    near: int = 0
    wrong_moment: int = 0
    why: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Looks") -> None:
        """Add another day's counts."""
        for f in fields(self):
            mine, more = getattr(self, f.name), getattr(other, f.name)
            if isinstance(mine, dict):
                for reason, count in more.items():
                    mine[reason] = mine.get(reason, 0) + count
            else:
                setattr(self, f.name, mine + more)


class Store(RulesDispatcher):
    """The rules, with an estimator that speaks after everything that happens."""

    def __init__(self, plan: DayPlan, job: Job, demand: Demand, forecaster: Forecaster) -> None:
        self.forecaster, self.looks = forecaster, Looks()
        self.seen: dict[str, float] = {}  # ticket -> the instant on its phone at the last look
        self.said: list[tuple[str, float]] = []
        self.started: dict[str, float] = {}
        crew = crew_of(job.scenario)
        super().__init__(plan, crew.members, demand)

    def _do(self, command: c.Command, now: float) -> tuple[ev.Event, ...]:
        step = decide(self.day, command, now)
        if isinstance(step, Refusal):
            raise AssertionError(f"the rules refused {command} at {now}: {step}")
        self.day = step.day
        for effect in step.effects:
            if isinstance(effect, KeepFact):
                self.forecaster.ended(self.day.plan.day, effect)
        return step.events

    def start(self, visitor: int, person: int, now: float) -> None:
        """A visit begins: was the promise kept?"""
        super().start(visitor, person, now)
        ticket = self.day.tickets[str(visitor)]
        if ticket.step == 0:
            self.started[ticket.id] = now
            if ticket.promise_s is not None:
                held = now - ticket.joined_at <= ticket.promise_s + INSTANT_S
                self.looks.promises += 1
                self.looks.kept += held
                if now > ticket.joined_at:
                    self.looks.promises_waiting += 1
                    self.looks.kept_waiting += held
                self.looks.excess_s += max(now - ticket.joined_at - ticket.promise_s, 0.0)

    def speak(self, now: float) -> None:
        """Say what must be said anew."""
        now = max(now, self.day.at)
        self.looks.updates += sum(t.shown is not None and t.phase is Phase.WAITING and t.step == 0 for t in self.day.tickets.values())
        said = self.forecaster.show(self.day, now)
        if said is None:
            return
        for name, new in said.tickets.items():
            old = self.day.tickets[name].shown
            if old is not None and new is not None:
                moved = (new.as_of + new.high_s) - (old.as_of + old.high_s)
                self.looks.anew += 1
                self.looks.anew_later += moved > LATER_S
                self.looks.anew_unexplained += moved > INSTANT_S and not new.why
                if moved > LATER_S:
                    self.looks.why[new.why] = self.looks.why.get(new.why, 0) + 1
        self._do(said, now)

    def look(self, now: float) -> None:
        """A person looks at every phone that waits for its first step."""
        tally = self.looks
        for ticket in self.day.tickets.values():
            if ticket.phase is not Phase.WAITING or ticket.step > 0:
                continue
            tally.looks += 1
            self._moment(ticket, now)
            if ticket.shown is None:
                tally.silent += 1
                continue
            end = ticket.shown.as_of + ticket.shown.high_s
            self.said.append((ticket.id, end))
            before = self.seen.get(ticket.id, end)
            tally.moved_s += abs(end - before)
            tally.later += end - before > LATER_S
            tally.later_unexplained += end - before > INSTANT_S and not ticket.shown.why
            self.seen[ticket.id] = end

    def _moment(self, ticket: Ticket, now: float) -> None:
        """ "Next" means that nobody goes before, "two ahead" one or two: compared with the order of dispatch."""
        moment = phone_view(self.day, ticket.id, now)["moment"]
        able = [p for p in self.day.salespeople.values() if dispatch.eligible(p.id, p.skills, ticket.service, ticket.wanted)]
        served = {skill for p in able if p.duty != "off" for skill in p.skills} | {ticket.service}
        before = sum(1 for t in dispatch.all_waiting(self.day) if t.key < ticket.key and t.service in served)
        expected = "next" if before == 0 else "two_ahead" if before <= 2 else "wait"
        self.looks.near += moment != "wait"
        self.looks.wrong_moment += moment != expected

    def judge(self) -> None:
        """How often what was on a phone at a look turned out to be true, for those served in the end."""
        for name, end in self.said:
            if name in self.started:
                self.looks.judged += 1
                self.looks.true += self.started[name] <= end + INSTANT_S


class WatchedDay(Twin):
    """A twin in which the estimator speaks after every event and people look every minute."""

    def __init__(self, store: Store, job: Job, demand: Demand) -> None:
        self._store = store
        crew = crew_of(job.scenario)
        super().__init__(crew, demand, store, job.scenario.horizon_s, job.scenario.close, job.scenario.drift)
        self.env.call_at(LOOK_S, self._look)

    def _look(self, _: None) -> None:
        self._store.speak(self.env.now)
        self._store.look(self.env.now)
        if self.env.now < self._horizon_s or self._store.day.tickets:
            self.env.call_in(LOOK_S, self._look)

    def _queue(self, *given: Any) -> None:
        super()._queue(*given)
        self._store.speak(self.env.now)

    def _finish(self, pair: tuple[int, int]) -> None:
        super()._finish(pair)
        self._store.speak(self.env.now)

    def _patience_ends(self, nothing: None) -> None:
        super()._patience_ends(nothing)
        self._store.speak(self.env.now)


def live_plan(scenario: Scenario, day: str) -> DayPlan:
    """The plan a store file with this roster would give: the estimator knows shifts, and nobody is refused near the end."""
    crew = crew_of(scenario)
    plan = plan_of(scenario, crew, day)
    planned = {m.id: tuple((a, FAR_S if b >= scenario.horizon_s else b) for a, b in m.shifts) for m in crew.members}
    people = {id: replace(person, shifts=planned[id]) for id, person in plan.salespeople.items()}
    return replace(plan, salespeople=people, closes_at=FAR_S)


def play_day(job: Job, forecaster: Forecaster) -> Looks:
    """One day through the rules; the forecaster goes on learning."""
    demand = draw(job.scenario, job.seed, FIRST_SHOWN + job.number)
    store = Store(live_plan(job.scenario, f"day-{job.number:04d}"), job, demand, forecaster)
    WatchedDay(store, job, demand).run()
    store.judge()
    return store.looks


def play(job: Job) -> Looks:
    """One day, with beliefs learned from TRAINING_DAYS earlier ones."""
    known = deepcopy(_learned(job))
    return play_day(job, Forecaster(known.models, job.rollouts, follow=known.follow, day=f"day-{job.number:04d}"))


def _learned(job: Job) -> Beliefs:
    from simulation.bench.waits_days import trained

    return trained(job.scenario, job.seed).beliefs


def figures(looks: Looks, days: int) -> dict[str, Any]:
    """What the report says; shares of looks are per waiting phone and minute."""
    broken = looks.promises - looks.kept
    return {
        "days": days, "looks": looks.looks, "later_share": _share(looks.later, looks.looks), "later_unexplained": looks.later_unexplained,
        "updates": looks.updates, "updates_later_share": _share(looks.anew_later, looks.updates),
        "said_anew": looks.anew, "said_anew_later_share": _share(looks.anew_later, looks.anew),
        "said_anew_unexplained": looks.anew_unexplained, "why": dict(sorted(looks.why.items())),
        "stability_s_per_min": round(looks.moved_s / max(looks.looks, 1), 2),
        "promises": looks.promises, "kept_share": _share(looks.kept, looks.promises),
        "promises_waiting": looks.promises_waiting, "kept_share_waiting": _share(looks.kept_waiting, looks.promises_waiting),
        "broken_share": _share(broken, looks.promises), "broken_excess_s": round(looks.excess_s / max(broken, 1), 1),
        "true_share": _share(looks.true, looks.judged), "silent_share": _share(looks.silent, looks.looks),
        "moments": looks.near, "wrong_moments": looks.wrong_moment,
    }  # fmt: skip


def _share(part: int, whole: int) -> float:
    return round(part / max(whole, 1), 4)


def case(path: Any, days: int, rollouts: int, seed: int | None, workers: int | None) -> dict[str, Any]:
    """A scenario's days, on several processes."""
    from simulation import executors, progress
    from simulation.scenario import reading

    scenario = reading.load(path)
    jobs = [Job(scenario, scenario.seed if seed is None else seed, k, rollouts) for k in range(days)]
    whole = Looks()
    with executors.processes(workers) as executor, progress.bar(scenario.name, days) as done:
        for looks in executors.run_all(play, jobs, executor, done):
            whole.add(looks)
    return {"case": scenario.name, **figures(whole, days)}


_COLUMNS = (
    ("updates", "updates"), ("later", "updates_later_share"), ("of looks", "later_share"),
    ("of said anew", "said_anew_later_share"), ("no reason", "later_unexplained"),
    ("moves s/min", "stability_s_per_min"), ("promises", "promises_waiting"), ("kept", "kept_share_waiting"),
    ("broken by s", "broken_excess_s"), ("true", "true_share"),
)  # fmt: skip


def text(report: dict[str, Any]) -> str:
    """A row per scenario."""
    lines = [f"{'':24}" + "".join(f"{label:>13}" for label, _ in _COLUMNS)]
    lines += [f"{found['case']:24}" + "".join(f"{found[key]:>13}" for _, key in _COLUMNS) for found in report["cases"]]
    lines.append(
        "later: updates (the number was worked out again) after which it was later by over a minute; of looks: per phone and minute;"
    )
    lines.append("of said anew: of the updates that changed what is shown; kept: promises of those who had to wait")
    return "\n".join(lines)
