"""The fewest paid hours that keep every interval within its target: programmes that learn from the twin.

The search starts from a formula (modified offered load, Erlang-A) and then believes only the twin. The twin says, at a plan, the share of
every interval and what one person less in each would change; HiGHS finds the cheapest shifts of which that foretells that all targets
hold; the twin tries them, and the search goes on from there, warier wherever the foretelling was too bright. (Cutting planes from
simulation: Atlason, Epelman and Henderson, Annals of Operations Research 127, 2004; here with a trust region, because the shares
are not quite convex.) It sees what no formula does: who waits at the end of an interval is served in the next, so a thin interval
between two thicker ones holds. Effects of one person are local in time, so intervals far apart are tried in the same days.
"""

from dataclasses import dataclass, field

import numpy as np

from simulation.scenario.distributions import Floats
from simulation.staffing import textbook
from simulation.staffing.covering import Cut, Effort, cheapest
from simulation.staffing.problem import CHECK_SEED, Plan, Setting, StaffError, Tester, crew_for, shares
from simulation.staffing.shifts import HOUR_S, Shift, cover_with, presence
from simulation.twin.crew import Crew, Member

BOOK = "MOL max"  # the formula it starts from
ROUNDS_MAX = 12
GLANCE_SHOPPERS = 200_000  # in all days of a first check, so that a busy store takes no longer than a quiet one
SLOPE_SHOPPERS = (16_000, 10_000)  # of a look at one person less: at leisure, in a hurry
EFFORT = (Effort(10, 0.0), Effort(1, 0.03, looks=2))  # of HiGHS: at leisure, in a hurry
REACH_S = 6_300.0  # the effect of one person less is over this long after them
FADING = 0.4  # one person more changes this much of what one less does, as in Erlang-A around 5 %
NEAR = 0.02  # a plan that misses by no more is gone on from
CROWD = 3  # times the formula's people: as good as everybody being served at once
SURE = 3.0  # standard errors that a plan keeps below its targets, of its own check and of another of 10,000 days
ANOTHER = 10_000
DOUBT = 1.5  # standard errors by which a check must miss before it is given up early
FLATTERY = 0.7  # standard errors of the search's days
STRICTER = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.12)  # of the target, for the formula
WARY = (1.0, 2.0)  # times the flattery
CHECKS_MAX = 6
FILLED_MAX = 30

Shifts = tuple[tuple[Shift, ...], ...]
"""Shifts by kind of salesperson."""
ENOUGH = 0.004  # of the hours: no more is looked for


@dataclass(frozen=True, slots=True)
class Found:
    """Shifts per kind, the people they put into every interval, their hours, and what fresh days say of them."""

    shifts: tuple[tuple[Shift, ...], ...]
    plan: Plan
    hours: float
    days: Floats

    def moved(self, here: Setting, there: Setting) -> Plan:
        """The plan for another day of the same kinds and intervals: as many people above the formula's."""
        pairs = zip(self.plan, textbook.plan_of(here, BOOK), textbook.plan_of(there, BOOK), strict=True)
        return tuple(tuple(max(0, n + new - old) for n, old, new in zip(*rows, strict=True)) for rows in pairs)


@dataclass(slots=True)
class Search:
    """One search over ``patterns`` of presence. With ``pooled`` patterns people are interchangeable: headcount without shifts.

    ``hurry``: less effort of HiGHS, fewer days for what one person less would change. ``begin``: a plan to begin at, else the formula's.
    """

    tester: Tester
    patterns: list[list[Shift]]
    days: int
    pooled: bool = False
    hurry: bool = False
    begin: Plan | None = None
    cuts: dict[Plan, Cut] = field(default_factory=dict)
    known: dict[Shifts, Floats] = field(default_factory=dict)
    last: tuple[Plan, Floats] | None = None

    @property
    def setting(self) -> Setting:
        """What is being staffed."""
        return self.tester.setting

    def settle(self, rounds: int = ROUNDS_MAX) -> Found:
        """The cheapest shifts found that hold on days the search has not seen, surely enough that other days will say so too.

        The days of the search flatter what was chosen on them: by how much, the check says, and the search goes on knowing it.
        After so many checks people are simply added; the days say whether that holds.
        """
        targets, best = np.array(self.setting.targets)[:, None], None
        tighter = np.zeros((len(self.setting.targets), len(self.setting.starts_s)))
        shifts = self.best(tighter, None, rounds)
        for number in range(CHECKS_MAX):
            found = self._checked(shifts, targets)
            if _holds(found, targets):
                if best is not None and found.hours >= best.hours * (1 - ENOUGH):
                    break
                best = found
            share, margin = judged(found.days, self.tester.check_days)
            if number == 0:
                tighter = margin + share - self._share(shifts)
            else:
                tighter = tighter + (1 + number / 2) * np.maximum(share + margin - targets, 0)
            shifts = self.best(tighter, shifts, max(4, rounds // 2))
        if best is not None:
            return best
        return self._checked(self._filled(self.plan_of(shifts), targets - tighter - margin / 2), targets)

    def soon(self, rounds: int) -> Found:
        """The first shifts found that hold, in about a third of the time of ``settle``."""
        targets, shifts = np.array(self.setting.targets)[:, None], None
        asked, flattery = self._expected()
        tighter = asked + flattery
        for number in range(CHECKS_MAX):
            shifts = self.best(tighter, shifts, max(4, rounds // 2) if number else rounds)
            found = self._checked(shifts, targets)
            share, margin = judged(found.days, self.tester.check_days)
            if _holds(found, targets):
                return found
            over = np.maximum(share + margin - targets, 0)
            asked = np.where(over > 0, targets - self._share(shifts) + over, 0.0)  # no less than rules out these shifts
            # a little warier everywhere: who mends only what missed misses elsewhere
            tighter = np.maximum(tighter + (1 + number / 2) * over + flattery / 3, asked)
        return self._checked(self._filled(self.plan_of(found.shifts), targets - tighter - margin / 2), targets)

    def quick(self, rounds: int) -> Found:
        """Shifts that hold, soon: those that cover a formula's headcount, made stricter until fresh days say that it holds, and then the
        cheapest found near them. For stores of many sets of skills, where ``settle`` would take minutes. ``StaffError`` if none holds."""
        targets = np.array(self.setting.targets)[:, None]
        for factor in STRICTER:
            found = self._checked(self._covering(textbook.plan_of(self.setting, BOOK, factor)), targets)
            if _holds(found, targets):
                break
        else:
            raise StaffError("no formula's staffing holds; the nearest possible thing is a higher target")
        room = targets - self._share(found.shifts)  # whoever holds on fresh days may begin the search
        asked, flattery = self._expected()
        for wary in WARY:
            shifts = self.best(np.minimum(asked + wary * flattery, room), found.shifts, rounds)
            if shifts == found.shifts:
                break
            better = self._checked(shifts, targets)
            if better.hours < found.hours and _holds(better, targets):
                return better
        return found

    def _covering(self, plan: Plan) -> Shifts:
        return tuple(tuple(cover_with(own, counts, self.setting.step_s)) for own, counts in zip(self.patterns, plan, strict=True))

    def _expected(self) -> tuple[Floats, Floats]:
        """How far below its targets a plan must look on the search's days if its first check is to pass: what a check asks, and a part
        of the chance by which the search's own days flatter what was chosen on them. Sooner done, and some hours dearer than coming
        from below."""
        days = self._of_plan(textbook.plan_of(self.setting, BOOK))
        return judged(days, self.tester.check_days)[1], FLATTERY * shares(days)[1]

    def _of_plan(self, plan: Plan) -> Floats:
        """The search's days of a plan without shifts; the last is kept."""
        if self.last is None or self.last[0] != plan:
            self.last = plan, self.tester.days(crew_for(self.setting, plan), self.days, self.setting.seed)
        return self.last[1]

    def best(self, tighter: Floats, start: Shifts | None, rounds: int) -> Shifts:
        """The shifts with the fewest hours for which the targets less ``tighter`` hold on the search's days."""
        allowed, step_s = np.array(self.setting.targets)[:, None] - tighter, self.setting.step_s
        found: Shifts | None = None
        below, extra, tried = np.inf, np.zeros_like(allowed), set[Shifts]()
        here, worn = (self.begin or textbook.plan_of(self.setting, BOOK), None) if start is None else (self.plan_of(start), start)
        reach = 1 if self.hurry and (start is not None or self.begin is not None) else 3
        if start is not None and (self._share(start) <= allowed).all():
            found, below = start, paid_hours(start) - 0.9 * step_s / HOUR_S
        for number in range(2 * rounds if self.hurry else rounds):
            if number >= rounds and found is not None:
                break
            cut = self._cut(here, worn)
            often = cheapest(self.patterns, step_s, cut, allowed - extra, max(1, reach - number), below, EFFORT[self.hurry], number)
            chosen = self._shifts(often)
            if chosen in tried and found is not None:
                if not self.hurry:
                    break
                continue  # the next looks are other ones, and take little
            tried.add(chosen)
            over = self._share(chosen) - allowed
            if over.max() <= 0 and paid_hours(chosen) < below:
                found, below, extra = chosen, paid_hours(chosen) - 0.9 * step_s / HOUR_S, extra / 2
            elif over.max() <= NEAR and found is None:
                extra = extra + np.maximum(over, 0) / 2
            else:
                extra = np.maximum(extra, np.maximum(over, 0) * 0.7)
                continue
            here, worn = self.plan_of(chosen), chosen
        return self.best(tighter, self._filled(here, allowed), max(2, rounds // 2)) if found is None else found

    def _filled(self, plan: Plan, allowed: Floats) -> Shifts:
        """The slow and sure way to shifts that hold: one more of the widest skills wherever an interval misses, until none does."""
        widest = max(range(len(plan)), key=lambda k: (len(self.setting.kinds[k].skills), sum(plan[k])))
        for _ in range(FILLED_MAX):
            shifts = self._covering(plan)
            misses = (self._share(shifts) - allowed).max(axis=0) > 0
            if not misses.any():
                return shifts
            more = tuple(n + int(missed) for n, missed in zip(plan[widest], misses, strict=True))
            plan = (*plan[:widest], more, *plan[widest + 1 :])
        raise StaffError("the search did not find a plan that holds; the nearest possible thing is a higher --target-unanswered")

    def plan_of(self, shifts: Shifts) -> Plan:
        """People per kind and interval."""
        cells, step_s = len(self.setting.starts_s), self.setting.step_s
        return tuple(tuple(presence(kind, cells, step_s).sum(axis=0).astype(int).tolist()) for kind in shifts)

    def _shifts(self, often: list[list[int]]) -> Shifts:
        pairs = zip(self.patterns, often, strict=True)
        return tuple(tuple(p for p, n in zip(kind, counts, strict=True) for _ in range(n)) for kind, counts in pairs)

    def _crew(self, shifts: Shifts) -> Crew:
        return crew_for(self.setting, self.plan_of(shifts)) if self.pooled else crew_of_shifts(self.setting, shifts)

    def _checked(self, shifts: Shifts, targets: Floats) -> Found:
        """Fresh days of these shifts, as many as it takes to be sure either way."""
        crew, seed = self._crew(shifts), self.setting.seed + CHECK_SEED
        glance = self.setting.days_of(GLANCE_SHOPPERS, 300, 1500)
        stops = [n for n in (glance, 3 * glance) if n < self.tester.check_days] + [self.tester.check_days]
        days = self.tester.days(crew, stops[0], seed)
        for more in stops[1:]:
            share, wanted = judged(days, self.tester.check_days)
            if (share + wanted - DOUBT * shares(days)[1] > targets).any() or (share + judged(days, len(days))[1] <= targets).all():
                break
            days = np.concatenate([days, self.tester.days(crew, more, seed, len(days))])
        return Found(shifts, self.plan_of(shifts), paid_hours(shifts), days)

    def _share(self, shifts: Shifts) -> Floats:
        if shifts not in self.known:
            self.known[shifts] = shares(self.tester.days(self._crew(shifts), self.days, self.setting.seed))[0]
        return self.known[shifts]

    def _cut(self, plan: Plan, shifts: Shifts | None) -> Cut:
        """The shares at a plan, and what one person more or less would change."""
        if plan not in self.cuts:
            less = np.maximum(nudges(self.tester, plan, -1, SLOPE_SHOPPERS[self.hurry])[1], 0.0)
            share = self._share(shifts) if shifts else shares(self._of_plan(plan))[0]
            self.cuts[plan] = Cut(plan, share, -FADING * less, less)
        return self.cuts[plan]


def judged(days: Floats, of: int) -> tuple[Floats, Floats]:
    """Shares, and how far below a target they must be if ``of`` such days are to make sure that 10,000 others will say it holds."""
    share, error = shares(days)
    return share, SURE * error * np.sqrt(len(days) / of + len(days) / ANOTHER)


def _holds(found: Found, targets: Floats) -> bool:
    """Whether its days are sure that other days will say it holds."""
    share, margin = judged(found.days, len(found.days))
    return bool((share + margin <= targets).all())


def paid_hours(shifts: Shifts) -> float:
    """Hours paid for all of them."""
    return sum(shift.paid_hours for kind in shifts for shift in kind)


def crew_of_shifts(setting: Setting, shifts: Shifts) -> Crew:
    """The people of a roster, one per shift."""
    members = [
        Member(f"{kind.name}-{number:03d}", kind.skills, dict(kind.speeds), shift.spans())
        for kind, own in zip(setting.kinds, shifts, strict=True) for number, shift in enumerate(own, start=1)
    ]  # fmt: skip
    return Crew(tuple(members), {})


def nudges(tester: Tester, plan: Plan, by: int, shoppers: int = SLOPE_SHOPPERS[0]) -> tuple[Floats, Floats]:
    """What ``by`` people more in an interval change: (count, interval, kind, interval of the change) in shoppers a day, and in shares."""
    setting = tester.setting
    cells, apart = len(setting.starts_s), max(2, round(REACH_S / setting.step_s))
    trials = [(k, first) for k in range(len(plan)) for first in range(min(apart, cells))]
    plans = [_nudged(plan, k, range(first, cells, apart), by) for k, first in trials]
    found = tester.many([crew_for(setting, p) for p in (plan, *plans)], setting.days_of(shoppers, 20, 150), setting.seed)
    came = np.maximum(found[0][:, 0].mean(axis=0), 1e-9)
    effect = np.zeros((len(setting.targets), cells, len(plan), cells))
    for (k, first), days in zip(trials, found[1:], strict=True):
        change = (days - found[0])[:, 1:].mean(axis=0)
        for at in range(first, cells, apart):
            seen = slice(max(0, at - 1), min(cells, at + apart - 1))  # who came just before is still waiting
            effect[:, seen, k, at] = change[:, seen]
    return effect, effect / came[:, None, None]


def _nudged(plan: Plan, kind: int, intervals: range, by: int) -> Plan:
    counts = list(plan[kind])
    for i in intervals:
        counts[i] = max(0, counts[i] + by)
    return (*plan[:kind], tuple(counts), *plan[kind + 1 :])


def floor(tester: Tester) -> Floats:
    """The shares when somebody is always free: no staffing does better."""
    plan = textbook.plan_of(tester.setting, BOOK)
    most = max(max(counts) for counts in plan)
    crowd = tuple(tuple([CROWD * most + 5] * len(counts)) for counts in plan)
    return shares(tester.days(crew_for(tester.setting, crowd), tester.setting.days_of(SLOPE_SHOPPERS[0], 100, 150), tester.setting.seed))[0]


def possible(tester: Tester) -> None:
    """Raises ``StaffError`` with the best that can be reached when no number of people keeps the targets."""
    reached = floor(tester)
    for name, share, target in zip(("unanswered share", "share that waits too long"), reached, tester.setting.targets, strict=False):
        if share.max() > target:
            raise StaffError(f"no number of salespeople keeps the {name} within {target:g} in every interval: with somebody always "
                             f"free it is {share.max():.3f}; the nearest possible target is {share.max() + 0.005:.2f}")  # fmt: skip
