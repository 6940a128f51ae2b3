"""What a scenario says twice and must say alike: skills and services, steps that lead somewhere, visits that end."""

from simulation.scenario.model import Scenario


class Trouble(ValueError):
    """The entry at ``path`` cannot be; ``expected`` completes the sentence that begins with its name."""

    def __init__(self, path: tuple[str, ...], expected: str) -> None:
        super().__init__(expected)
        self.path, self.expected = path, expected


def check(scenario: Scenario) -> None:
    """Raises ``Trouble`` for the first contradiction between the parts of a scenario."""
    _people_known(scenario)
    _skills_known(scenario)
    _steps_known(scenario)
    _visits_end(scenario)
    _somebody_serves(scenario)
    _absent_known(scenario)


def _people_known(scenario: Scenario) -> None:
    if not scenario.salespeople and not scenario.pools:
        raise Trouble(("salespeople",), "must have at least one table like [salespeople.lea], or a pool like [pools.cashiers]")
    for name in scenario.pools:
        if name in scenario.salespeople:
            raise Trouble(("pools", name), "has the name of a salesperson; every name may be used once")


def _skills_known(scenario: Scenario) -> None:
    for table, people in (("salespeople", scenario.salespeople), ("pools", scenario.pools)):
        for name, person in people.items():
            for skill in person.skills:
                if skill not in scenario.services:
                    raise Trouble(
                        (table, name, "skills"), f'has "{skill}", which is not one of the services {", ".join(scenario.services)}'
                    )


def _steps_known(scenario: Scenario) -> None:
    for name, service in scenario.services.items():
        for step in service.next:
            if step not in scenario.services:
                raise Trouble(("services", name, "next", step), f"is not one of the services {', '.join(scenario.services)}")


def _visits_end(scenario: Scenario) -> None:
    """Every service must lead to one after which a visit may end."""
    ending = {name for name, s in scenario.services.items() if sum(s.next.values()) < 1 - 1e-9}
    while more := {n for n, s in scenario.services.items() if n not in ending and ending & set(s.next)}:
        ending |= more
    for name in scenario.services:
        if name not in ending:
            raise Trouble(
                ("services", name, "next"), "leads to visits that never end; let the probabilities add up to less than 1 somewhere"
            )


def _somebody_serves(scenario: Scenario) -> None:
    able = {skill for p in scenario.salespeople.values() if p.shifts for skill in p.skills}
    able |= {skill for p in scenario.pools.values() if p.largest > 0 for skill in p.skills}
    wanted = {n for n, s in scenario.services.items() if s.arrives} | set(scenario.appointments)
    while more := {step for n in wanted for step in scenario.services[n].next} - wanted:
        wanted |= more
    if not wanted:
        raise Trouble(("services",), "has nobody coming: give at least one service arrivals_per_hour above 0")
    for name in sorted(wanted - able):
        raise Trouble(("services", name), f'is a skill nobody has: the nearest possible is to add "{name}" to somebody\'s skills, '
                                          "or to take the service out")  # fmt: skip


def _absent_known(scenario: Scenario) -> None:
    for name in scenario.drift.absent if scenario.drift else ():
        if name not in scenario.salespeople:
            raise Trouble(("drift", "absent"), f'has "{name}", who is not one of the salespeople')
