"""Random walks through the rules: a plain seeded generator of commands, sensible and absurd alike.

``python -m tests.rules.walk --commands 100000000 --seed 7`` is the long run; a failure prints the seed,
the episode and the command at which it broke.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator

from server.rules import commands as c
from server.rules.deadlines import next_deadline
from server.rules.decide import Refusal, decide
from server.rules.events import Event
from server.rules.evolve import evolve
from server.rules.plan import DayPlan, SalespersonPlan, ServicePlan, Timings
from server.rules.refusals import Code
from server.rules.state import StoreDay, new_day
from server.rules.waiting import Range
from tests.rules import invariants

EPISODE = 400  # commands in one store's day


def random_plan(rng: random.Random, name: str) -> DayPlan:
    """A store with one to four services, one to six people, and any of the three modes."""
    services = [f"s{n}" for n in range(rng.randint(1, 4))]
    people = [f"p{n}" for n in range(rng.randint(1, 6))]
    return DayPlan(
        store="walk", day=name, opens_at=0.0, closes_at=rng.choice((4e9, 6e3, 2e4)), ends_at=4e9,
        services={s: ServicePlan(s, letter=rng.choice("AB"), rank=rng.choice((1, 1, 2)), head_start_s=rng.choice((0.0, 0.0, 120.0)),
                                 typical_s=300.0, doubt_after_s=rng.choice((200.0, 900.0))) for s in services},
        salespeople={p: SalespersonPlan(p, p.upper(), tuple(rng.sample(services, rng.randint(1, len(services))))) for p in people},
        classes={"member": 300.0, "vip": 900.0}, mode=rng.choice(("offer", "claim", "both")),
        pick_allowed=rng.random() < 0.7, open_max=rng.choice((5, 30, 500)),
        timings=Timings(breather_s=rng.choice((0.0, 0.0, 30.0))),
    )  # fmt: skip


def random_command(rng: random.Random, day: StoreDay, serial: int) -> c.Command:
    """Mostly a command that makes sense now, sometimes one for a ticket or person that does not exist."""
    plan = day.plan
    person = rng.choice([*plan.salespeople, "nobody"]) if rng.random() < 0.05 else rng.choice(list(plan.salespeople))
    held = day.salespeople[person].ticket if person in day.salespeople else None
    ticket = held if held and rng.random() < 0.7 else _some_ticket(rng, day)
    service = rng.choice([*plan.services, "nothing"]) if rng.random() < 0.03 else rng.choice(list(plan.services))
    steps = tuple(rng.choices(list(plan.services), k=rng.choice((0, 0, 0, 1, 2))))
    slot_at = day.at + rng.uniform(-2000, 2000) if rng.random() < 0.1 else None
    standing = rng.choice((None, None, None, "member", "vip", "stranger"))
    colleague = rng.choice((None, rng.choice(list(plan.salespeople))))
    shown = Range(60.0, 300.0, day.at)
    card, again = rng.random() < 0.05, rng.choice((None, (service,)))
    other, voids = rng.choice((None, service)), rng.choice((None, person))
    pause_s, away_s = rng.choice((None, 5.0, -1.0)), rng.choice((5.0, 10.0, 500.0))
    stars, force = rng.randint(0, 6), rng.random() < 0.5
    choices: list[tuple[float, Callable[[], c.Command]]] = [  # only the chosen one is made: making all took half of a walk's time
        (14, lambda: c.Join(f"t{serial}", service, steps, card=card, standing=standing, appointment_at=slot_at)),
        (5, lambda: c.SignOn(person)), (9, lambda: c.ClaimNext(person)), (3, lambda: c.Claim(person, ticket)),
        (6, lambda: c.Accept(person, ticket)), (2, lambda: c.Decline(person, ticket, "busy")), (8, lambda: c.Start(person, ticket)),
        (8, lambda: c.Finish(person, ticket, again)), (1, lambda: c.Recall(person, ticket)), (2, lambda: c.MarkNoShow(person, ticket)),
        (1.5, lambda: c.HandBack(person, ticket)), (1, lambda: c.ConfirmServing(person, ticket)),
        (2, lambda: c.Transfer(person, ticket, other, colleague)), (0.5, lambda: c.Void(ticket, "test", voids)),
        (3, lambda: c.Undo(person)), (1, lambda: c.Pause(person, "break", pause_s)), (2.5, lambda: c.Resume(person)),
        (0.7, lambda: c.SignOff(person)), (1.5, lambda: c.Leave(ticket)), (1, lambda: c.StepAway(ticket, away_s)),
        (2, lambda: c.ComeBack(ticket)), (2, lambda: c.AcknowledgeCall(ticket)), (1.5, lambda: c.SayOnMyWay(ticket)),
        (0.7, lambda: c.ChangeService(ticket, service)), (0.7, lambda: c.SeeContent(ticket, "tip-1")), (0.7, lambda: c.Rate(ticket, stars)),
        (0.5, lambda: c.Balk(service)), (4, c.Tick), (1, lambda: c.ShowWaits({ticket: shown}, {service: shown})),
        (0.02, lambda: c.CloseDay(force)), (0.01, c.EndDay), (0.02, lambda: c.OpenDay(plan)), (0.05, lambda: c.ChangePlan(plan)),
    ]  # fmt: skip
    return rng.choices([command for _, command in choices], [weight for weight, _ in choices])[0]()


def _some_ticket(rng: random.Random, day: StoreDay) -> str:
    if day.tickets and rng.random() < 0.93:
        return rng.choice(list(day.tickets))
    ended = list(day.ended) if rng.random() < 0.5 else []
    return rng.choice(ended).id if ended else "no-such-ticket"


def moves(rng: random.Random) -> Iterator[float]:
    """How much time passes before each command: usually seconds, now and then a jump, also backwards."""
    while True:
        yield rng.choices((rng.expovariate(0.1), 0.0, rng.uniform(60, 2000), -rng.uniform(0, 3600)), (80, 15, 4, 1))[0]


def episode(seed: str, commands: int, seen: Counter[str]) -> StoreDay:
    """One random day with every invariant on; the final state."""
    rng = random.Random(seed)
    plan = random_plan(rng, seed)
    first = new_day(plan)
    day, now = first, 0.0
    events: list[Event] = []
    command: c.Command = c.OpenDay(plan)
    passing = moves(rng)
    for n in range(commands):
        result = decide(day, command, now)
        seen[type(command).__name__] += 1
        if isinstance(result, Refusal):
            assert isinstance(result.code, Code)
            seen[f"refused {result.code}"] += 1
        else:
            invariants.check_step(day, result)
            events += result.events
            day = result.day
            invariants.check_day(day)
        now += next(passing)
        due = next_deadline(day)
        command = c.Tick() if due is not None and due <= now else random_command(rng, day, n)
    invariants.check_ended(day)
    folded = first
    for event in events:
        folded = evolve(folded, event)
    assert folded == day, "fold(journal) differs from memory"
    return day


def walk(commands: int, seed: int) -> Counter[str]:
    """Episodes until ``commands`` are done; what was tried and refused. Names the episode that breaks."""
    seen: Counter[str] = Counter()
    for number in range(commands // EPISODE):
        try:
            episode(f"{seed}/{number}", EPISODE, seen)
        except Exception:
            print(f"broken episode: --episode {seed}/{number}", file=sys.stderr)
            raise
    return seen


def main() -> None:
    """The long run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--episode", help="replay one broken episode")
    chosen = parser.parse_args()
    seen: Counter[str] = Counter()
    if chosen.episode:
        episode(chosen.episode, EPISODE, seen)
    else:
        seen = walk(chosen.commands, chosen.seed)
    print(f"{chosen.commands} commands, seed {chosen.seed}: no invariant broken")
    for name, count in seen.most_common():
        print(f"{count:10d}  {name}")


if __name__ == "__main__":
    main()
