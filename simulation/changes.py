"""Changes to a day in words: somebody more from 16 to 18, somebody less, somebody trained, more shoppers.

A ``Case`` is a day that can be played: a scenario with the shoppers it draws, or a recorded day with its own.
Every change makes another case of it. A change that cannot be is refused with one sentence that says the nearest
that can.
"""

from dataclasses import dataclass, replace

import numpy as np

from simulation.past.replay import Recorded, demand_of, scenario_of
from simulation.scenario import clock
from simulation.scenario.model import HOUR_S, Scenario, ShopperClass
from simulation.twin.crew import Crew, Member, crew_of, on_duty
from simulation.twin.demand import Demand, draw

QUARTER_S = 900.0
USUAL_OPENING_S = 10 * HOUR_S
LONGEST_FROM_TEN_S = 14 * HOUR_S


class ChangeError(ValueError):
    """The change cannot be made; the text says why and what could be."""


@dataclass(frozen=True, slots=True)
class Case:
    """A day to be played with this crew. ``opens_at_s`` is the time of day at which its seconds begin."""

    scenario: Scenario
    crew: Crew
    opens_at_s: float
    past: Recorded | None = None

    def demand(self, seed: int, replication: int) -> Demand:
        """The shoppers of one replication; the same for every crew."""
        if self.past is not None:
            return demand_of(self.past, seed, replication, censored=True)
        return draw(self.scenario, seed, replication)

    def on_duty(self, step_s: float = QUARTER_S) -> list[dict[str, float]]:
        """People on the floor in each quarter hour: ``start_min``, ``people``."""
        starts = np.arange(0.0, self.scenario.horizon_s, step_s).tolist()
        rows = on_duty(self.crew, starts, step_s)
        together = sum(rows.values(), np.zeros(len(starts))).tolist()
        return [{"start_min": start / 60, "people": round(n, 2)} for start, n in zip(starts, together, strict=True)]

    def paid_hours(self) -> float:
        """Hours of all shifts and pools."""
        shifts = sum(end - start for m in self.crew.members for start, end in m.shifts)
        horizon_s = self.scenario.horizon_s
        pools = 0.0
        for counts in self.crew.counts.values():
            ends = [start for start, _ in counts[1:]] + [horizon_s]
            pools += sum(count * (end - start) for (start, count), end in zip(counts, ends, strict=True))
        return (shifts + pools) / HOUR_S


def case_of(scenario: Scenario) -> Case:
    """A scenario as it is. One that does not say when it opens is taken to open at 10:00, or at midnight if too long for that."""
    usual = USUAL_OPENING_S if scenario.horizon_s <= LONGEST_FROM_TEN_S else 0.0
    return Case(scenario, crew_of(scenario), usual if scenario.opens_at_s is None else scenario.opens_at_s)


def case_of_day(past: Recorded) -> Case:
    """A recorded day as it was, its salespeople inferred."""
    return Case(scenario_of(past), Crew(past.crew.members, {}), 0.0, past)


def add(case: Case, words: str) -> Case:
    """One more salesperson: "16:00-18:00 advice,payment"."""
    span, _, skills_text = words.strip().partition(" ")
    start_text, dash, end_text = span.partition("-")
    skills = tuple(skill.strip() for skill in skills_text.split(",") if skill.strip())
    try:
        start_s, end_s = clock.parse(start_text) - case.opens_at_s, clock.parse(end_text) - case.opens_at_s
    except ValueError:
        raise ChangeError(f'--add must be like "16:00-18:00 advice"; it is "{words}"') from None
    if not dash or not skills:
        raise ChangeError(f'--add must be like "16:00-18:00 advice"; it is "{words}"')
    for skill in skills:
        _known_service(case, "--add", skill)
    if end_s <= start_s:
        raise ChangeError(f"--add {span} ends before it begins")
    _inside(case, span, start_s, end_s)
    taken = {m.id for m in case.crew.members}
    name = next(f"added-{k}" for k in range(1, len(taken) + 2) if f"added-{k}" not in taken)
    member = Member(name, skills, dict.fromkeys(skills, 1.0), ((start_s, end_s),))
    return replace(case, crew=replace(case.crew, members=(*case.crew.members, member)))


def _inside(case: Case, span: str, start_s: float, end_s: float) -> None:
    opens, closes = case.opens_at_s, case.opens_at_s + case.scenario.horizon_s
    if start_s < 0 or end_s > case.scenario.horizon_s:
        a, b = max(start_s, 0.0), min(end_s, case.scenario.horizon_s)
        nearest = f"{clock.show(opens + a)}-{clock.show(opens + b)}" if a < b else f"{clock.show(opens)}-{clock.show(closes)}"
        raise ChangeError(
            f"--add {span} is outside the day, {clock.show(opens)} to {clock.show(closes)}; the nearest possible is {nearest}"
        )


def remove(case: Case, name: str) -> Case:
    """Without this salesperson, or with one less in this pool."""
    crew = case.crew
    if name in crew.counts:
        fewer = tuple((start, max(0, count - 1)) for start, count in crew.counts[name])
        if fewer == crew.counts[name]:
            raise ChangeError(f"--remove {name}: the pool is empty already")
        return replace(case, crew=replace(crew, counts={**crew.counts, name: fewer}))
    _known_person(case, "--remove", name)
    return replace(case, crew=replace(crew, members=tuple(m for m in crew.members if m.id != name)))


def train(case: Case, name: str, skills: str) -> Case:
    """This salesperson, or everybody in this pool, can also serve these services, at their usual pace."""
    _known_person(case, "--train", name)
    new = tuple(skill.strip() for skill in skills.split(",") if skill.strip())
    for skill in new:
        _known_service(case, "--train", skill)
    members = tuple(_trained(m, new) if name in (m.id, m.pool) else m for m in case.crew.members)
    if members == case.crew.members:
        raise ChangeError(f"--train {name} {skills}: {name} can do that already")
    return replace(case, crew=replace(case.crew, members=members))


def _trained(member: Member, new: tuple[str, ...]) -> Member:
    pace = sum(member.speeds.values()) / len(member.speeds)
    more = {skill: pace for skill in new if skill not in member.skills}
    return replace(member, skills=(*member.skills, *more), speeds={**member.speeds, **more})


def head_start(case: Case, words: str) -> Case:
    """Shoppers of a class, or of a service, served as if they had come earlier: "members=5m" or "payment=90s"."""
    name, _, amount = words.partition("=")
    seconds = duration(amount)
    if seconds is None:
        raise ChangeError(f'--head-start must be like "members=5m" or "payment=90s"; it is "{words}"')
    scenario = case.scenario
    if name in scenario.classes:
        classes = {**scenario.classes, name: ShopperClass(scenario.classes[name].share, seconds)}
        return replace(case, scenario=replace(scenario, classes=classes))
    if name not in scenario.services:
        raise ChangeError(
            f"--head-start {name}: there is no such class or service; there are {', '.join([*scenario.classes, *scenario.services])}"
        )
    services = {**scenario.services, name: replace(scenario.services[name], head_start_s=seconds)}
    return replace(case, scenario=replace(scenario, services=services))


def arrivals(case: Case, words: str) -> Case:
    """More or fewer shoppers: "advice=+20%", or "all=-10%"."""
    name, _, change = words.partition("=")
    try:
        factor = 1 + float(change.removesuffix("%")) / 100 if change.endswith("%") else -1.0
    except ValueError:
        factor = -1.0
    if not 0 <= factor <= 100:
        raise ChangeError(f'--arrivals must be like "advice=+20%", at least -100%; it is "{words}"')
    if case.past is not None:
        raise ChangeError("--arrivals cannot change a recorded day, whose shoppers came when they came; use a scenario")
    if name != "all":
        _known_service(case, "--arrivals", name)
    services = {
        key: replace(s, rates=tuple((start, rate * factor) for start, rate in s.rates)) if name in (key, "all") else s
        for key, s in case.scenario.services.items()
    }
    return replace(case, scenario=replace(case.scenario, services=services))


def duration(text: str) -> float | None:
    """Seconds of "5m", "90s" or "1h"; None when it is none of these."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0, "min": 60.0}
    for unit in sorted(units, key=len, reverse=True):
        number = text.removesuffix(unit)
        if number != text and number.replace(".", "", 1).isdigit():
            return float(number) * units[unit]
    return None


def _known_service(case: Case, option: str, name: str) -> None:
    if name not in case.scenario.services:
        raise ChangeError(f'{option}: there is no service "{name}"; there are {", ".join(case.scenario.services)}')


def _known_person(case: Case, option: str, name: str) -> None:
    names = dict.fromkeys(m.pool or m.id for m in case.crew.members)
    if name not in names:
        raise ChangeError(f'{option}: there is nobody called "{name}"; there are {", ".join(names)}')
