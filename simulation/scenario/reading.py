"""Scenario files: read, checked, and when something cannot be, said in one sentence with file, line and field.

The file is the one of ``docs/reference/scenario.md``. Every entry is checked before anything runs: unknown
entries, wrong types, numbers out of range, skills nobody has, shifts outside the day, visits without end.
"""

import tomllib
from pathlib import Path
from typing import cast

from simulation.scenario import clock, toml_lines
from simulation.scenario.checks import Trouble, check
from simulation.scenario.law_tables import MINUTE_S, shown
from simulation.scenario.model import (
    HOUR_S,
    NO_WALK,
    Appointments,
    Close,
    Drift,
    Pool,
    Salesperson,
    Scenario,
    Service,
    ShopperClass,
    Steps,
    cumulated,
)
from simulation.scenario.toml_node import Node, is_number

FILE_MAX = 1_000_000  # characters in a scenario file
HORIZON_MAX_MIN = 10_000_000.0
POOL_MAX = 1_000  # salespeople in one pool
SHOPPERS_MAX = 5_000_000  # expected arrivals of one simulated day


class ScenarioError(ValueError):
    """The scenario cannot be simulated. ``str(error)`` is one sentence: file, line, field, what was expected."""

    def __init__(self, file: str, line: int, field: str, expected: str) -> None:
        super().__init__(f"{file}, line {line}: {field} {expected}" if field else f"{file}, line {line}: {expected}")
        self.file, self.line, self.field, self.expected = file, line, field, expected


def load(path: Path | str) -> Scenario:
    """The scenario in a file. Raises ``ScenarioError``, also when there is no such file."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else f"cannot be read ({error.strerror or error})"
        raise ScenarioError(str(path), 1, "", f"the scenario file {why}") from error
    return loads(text, str(path))


def loads(text: str, file: str = "scenario") -> Scenario:
    """The scenario in a text; ``file`` is how errors name it."""
    if len(text) > FILE_MAX:
        raise ScenarioError(file, 1, "", f"the file must have at most {FILE_MAX} characters; it has {len(text)}")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(file, text, error) from error
    found = toml_lines.lines(text)
    try:
        scenario = _scenario(Node((), tables))
        check(scenario)
    except Trouble as trouble:
        raise ScenarioError(file, toml_lines.line_of(found, trouble.path), ".".join(trouble.path), trouble.expected) from trouble
    return scenario


def _syntax(file: str, text: str, error: tomllib.TOMLDecodeError) -> ScenarioError:
    """tomllib says "... (at line 3, column 5)" or "(at end of document)"."""
    what, _, where = str(error).partition(" (at ")
    number = where.removeprefix("line ").split(",")[0]
    line = int(number) if number.isdigit() else max(1, len(text.splitlines()))
    return ScenarioError(file, line, "", f"this is not TOML: {what[:1].lower()}{what[1:]}")


def _scenario(root: Node) -> Scenario:
    root.only(
        "name",
        "horizon_min",
        "warmup_min",
        "seed",
        "max_in_system",
        "close",
        "opens_at",
        "day_cv",
        "card_share",
        "classes",
        "services",
        "salespeople",
        "pools",
        "drift",
    )
    horizon_s = root.number("horizon_min", low=0, high=HORIZON_MAX_MIN, above=True) * MINUTE_S
    services = {node.path[-1]: _service(node, horizon_s) for node in root.children("services")}
    if not services:
        raise root.fail("services", "must have at least one table like [services.advice]")
    return Scenario(
        name=_name(root),
        horizon_s=horizon_s,
        warmup_s=_warmup(root, horizon_s),
        seed=cast(int, root.whole("seed", 1, 0, 2**63 - 1)),
        max_in_system=root.whole("max_in_system", None, 1, 1_000_000),
        close=_close(root),
        opens_at_s=_opens_at(root),
        day_cv=root.number("day_cv", 0.0, high=5),
        card_share=root.number("card_share", 0.0, high=1),
        classes=_classes(root),
        services=services,
        salespeople={node.path[-1]: _salesperson(node, horizon_s) for node in root.children("salespeople")},
        pools={node.path[-1]: _pool(node, horizon_s) for node in root.children("pools")},
        appointments={n.path[-1]: _appointments(a, horizon_s) for n in root.children("services") if (a := n.child("appointments"))},
        drift=_drift(drift, horizon_s) if (drift := root.child("drift")) else None,
    )


def _name(root: Node) -> str:
    value = root.table.get("name", "")
    if not isinstance(value, str):
        raise root.fail("name", f'must be text like "Saturday, electronics"; it is {shown(value)}, the nearest possible is "{value}"')
    return value


def _warmup(root: Node, horizon_s: float) -> float:
    warmup_s = root.number("warmup_min", 0.0) * MINUTE_S
    if warmup_s >= horizon_s:
        raise root.fail("warmup_min", f"must be less than horizon_min = {horizon_s / MINUTE_S:g}; it is {warmup_s / MINUTE_S:g}")
    return warmup_s


def _close(root: Node) -> Close:
    value = root.table.get("close", "drain")
    if value not in ("drain", "cut"):
        raise root.fail("close", f'must be "drain" or "cut"; it is {shown(value)}')
    return cast(Close, value)


def _opens_at(root: Node) -> float | None:
    text = root.table.get("opens_at")
    if text is None:
        return None
    try:
        return clock.parse(text)
    except ValueError as error:
        raise root.fail("opens_at", f'must be a time of day like "10:00"; it is {shown(text)}') from error


def _classes(root: Node) -> dict[str, ShopperClass]:
    classes = {}
    for node in root.children("classes"):
        node.only("share", "head_start_min")
        classes[node.path[-1]] = ShopperClass(node.number("share", high=1), node.number("head_start_min", 0.0) * MINUTE_S)
    if sum(c.share for c in classes.values()) > 1 + 1e-9:
        raise root.fail("classes", "must have shares that add up to at most 1")
    return classes


def _service(node: Node, horizon_s: float) -> Service:
    node.only("arrivals_per_hour", "interarrival", "service_time", "patience", "walking", "rank", "head_start_min", "next", "appointments")
    rates = tuple((start, per_hour / HOUR_S) for start, per_hour in node.steps("arrivals_per_hour", 0, "of 0 or more"))
    _inside(node, "arrivals_per_hour", rates, horizon_s)
    if (shoppers := cumulated(rates, horizon_s)) > SHOPPERS_MAX:
        raise node.fail("arrivals_per_hour", f"brings {shoppers:.7g} shoppers in the day; the nearest possible is {SHOPPERS_MAX:,}")
    service_time = node.law("service_time")
    if service_time is None:
        raise node.fail("service_time", 'is missing; it must be a table like {kind = "exponential", mean_min = 9}')
    return Service(
        id=node.path[-1], rates=rates, service_time=service_time, interarrival=node.interarrival(),
        patience=node.law("patience"), walking=node.law("walking") or NO_WALK,
        rank=cast(int, node.whole("rank", 1, 1, 1000)), head_start_s=node.number("head_start_min", 0.0) * MINUTE_S, next=_next(node),
    )  # fmt: skip


def _next(node: Node) -> dict[str, float]:
    follow = node.child("next")
    if follow is None:
        return {}
    chances = {name: follow.number(name, low=0, high=1) for name in follow.table}
    if sum(chances.values()) > 1 + 1e-9:
        raise node.fail("next", f"must add up to at most 1; the probabilities add up to {sum(chances.values()):g}")
    return {name: chance for name, chance in chances.items() if chance > 0}


def _speeds(node: Node, skills: tuple[str, ...]) -> dict[str, float]:
    value = node.table.get("speed", 1.0)
    if not isinstance(value, dict):
        speed = node.number("speed", 1.0, above=True)
        return dict.fromkeys(skills, speed)
    speeds = Node((*node.path, "speed"), value)
    for name in value:
        if name not in skills:
            raise speeds.fail(name, f"is a speed for something that is not among the skills {', '.join(skills)}")
    return {skill: speeds.number(skill, 1.0, above=True) for skill in skills}


def _salesperson(node: Node, horizon_s: float) -> Salesperson:
    node.only("skills", "speed", "shifts")
    skills = node.names("skills")
    return Salesperson(node.path[-1], skills, _speeds(node, skills), _shifts(node, horizon_s))


def _shifts(node: Node, horizon_s: float) -> tuple[tuple[float, float], ...]:
    value = node.table.get("shifts")
    if value is None:
        return ((0.0, horizon_s),)
    if not isinstance(value, list) or not all(isinstance(s, list) and len(s) == 2 and all(map(is_number, s)) for s in value):
        raise node.fail("shifts", f"must be a list of [start, end] minutes like [[0, 240], [300, 600]]; it is {shown(value)}")
    day_min, before = horizon_s / MINUTE_S, 0.0
    for start, end in value:
        if end <= start:
            raise node.fail("shifts", f"has [{start:g}, {end:g}], which ends before it begins; the nearest possible is [{end:g}, {start:g}]"
                            if end < start else f"has [{start:g}, {end:g}], which has no length")  # fmt: skip
        if start < 0 or end > day_min:
            raise node.fail("shifts", f"has [{start:g}, {end:g}], outside the day of {day_min:g} minutes; "
                                      f"the nearest possible is [{min(max(start, 0), day_min):g}, {min(end, day_min):g}]")  # fmt: skip
        if start < before:
            raise node.fail("shifts", f"has [{start:g}, {end:g}], which begins before the shift in front of it ends at {before:g}")
        before = end
    return tuple((float(start) * MINUTE_S, float(end) * MINUTE_S) for start, end in value)


def _pool(node: Node, horizon_s: float) -> Pool:
    node.only("count", "skills", "speed")
    skills = node.names("skills")
    counts = node.steps("count", 1, "of people", high=POOL_MAX)
    for _, count in counts:
        if count != int(count):
            raise node.fail("count", f"must be whole numbers of people; one is {count:g}, the nearest possible is {round(count)}")
    _inside(node, "count", counts, horizon_s)
    return Pool(node.path[-1], skills, _speeds(node, skills), tuple((start, int(count)) for start, count in counts))


def _inside(node: Node, key: str, steps: Steps, horizon_s: float) -> None:
    """A step after the day is a mistake: nothing would ever come of it. (One at its very end says where it ends.)"""
    for start, _ in steps:
        if start > horizon_s:
            raise node.fail(key, f"has a step at minute {start / MINUTE_S:g}, after the day of {horizon_s / MINUTE_S:g} minutes; "
                                 f"the nearest possible is {horizon_s / MINUTE_S:g}, or to leave the step out")  # fmt: skip


def _appointments(node: Node, horizon_s: float) -> Appointments:
    node.only("every_min", "from_min", "to_min", "show_up", "early_min", "early_sd_min", "patience")
    between = (node.number("from_min", 0.0) * MINUTE_S, node.number("to_min", horizon_s / MINUTE_S) * MINUTE_S)
    if not between[0] < between[1] <= horizon_s:
        raise node.fail("to_min", f"must be after from_min and inside the day of {horizon_s / MINUTE_S:g} minutes")
    return Appointments(
        every_s=node.number("every_min", above=True) * MINUTE_S, between=between, show_up=node.number("show_up", 1.0, high=1),
        early_s=node.number("early_min", 0.0, low=-60, high=60) * MINUTE_S, early_sd_s=node.number("early_sd_min", 0.0, high=60) * MINUTE_S,
        patience=node.law("patience"),
    )  # fmt: skip


def _drift(node: Node, horizon_s: float) -> Drift:
    node.only("from_min", "service_factor", "absent", "absent_from_min")
    from_min = node.number("from_min", high=horizon_s / MINUTE_S)
    return Drift(
        from_min * MINUTE_S,
        node.number("service_factor", 1.0, above=True),
        node.names("absent") if "absent" in node.table else (),
        node.number("absent_from_min", from_min, high=horizon_s / MINUTE_S) * MINUTE_S,
    )
