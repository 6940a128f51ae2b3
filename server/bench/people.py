"""Who sends commands in a bench: salespeople who serve, shoppers who join, look, wander off and leave.

Each is a generator that yields a command and is sent the answer, so that the same people drive the bare
rules, the actor in this process and, through ``server.bench.http``, a server in another one. They hold no
socket; the same seed gives the same wishes.
"""

from collections.abc import Generator, Mapping
from random import Random
from time import time_ns
from typing import Any

from server.rules import commands as c

Told = Mapping[str, Any] | None
"""The body of the answer, or None for a refusal."""
Life = Generator[c.Command, Told, None]

SERVICES = ("advice", "payment")
ITEMS = ("receipt", "cables")
STAYS = 0.3  # share of shoppers who wait to be served: as many as 12 salespeople for 38 shoppers can keep up with
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def store_table(id: str, people: int, now: float) -> dict[str, Any]:
    """A store file's content: open day and night, two services, ``people`` salespeople p0, p1, … who serve both.

    Its zone is one where it is morning at ``now``: near the end of a day nobody may join any more.
    """
    person = {"skills": list(SERVICES)}
    return {
        "id": id, "name": id, "zone": morning(now), "mode": "claim", "open_max": 5000, "hours": {day: ["04:00", "04:00"] for day in DAYS},
        "services": {
            "advice": {"letter": "C", "typical_s": 600.0, "labels": {"fr": "Conseil"}},
            "payment": {"letter": "P", "typical_s": 240.0, "labels": {"fr": "Caisse"}},
        },
        "salespeople": {f"p{n}": {"name": f"P{n}", "desk": str(n), **person} for n in range(people)},
    }  # fmt: skip


def morning(now: float) -> str:
    """A zone in which it is ten in the morning at ``now`` (eleven at the most), by its IANA name, whose sign is the other way round."""
    ahead = max(10 - int(now // 3600) % 24, -12)
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def new_id(rng: Random) -> str:
    """A command id as our clients make them (a UUID of version 7): the time, then what is random, from the seed."""
    digits = f"{time_ns() // 1_000_000:012x}{rng.getrandbits(72):018x}"
    return f"{digits[:8]}-{digits[8:12]}-7{digits[12:15]}-a{digits[15:18]}-{digits[18:]}"


def new_ticket(rng: Random) -> str:
    """A ticket's id as the server makes them, which is a digest: all of it random."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def salesperson(id: str) -> Life:
    """Comes on duty, then takes, serves and finishes one shopper after the other; asks again when nobody waits."""
    yield c.SignOn(id)
    while True:
        told = yield c.ClaimNext(id)
        if told is None:
            continue
        ticket = str(told["ticket"])
        if (yield c.Start(id, ticket)) is not None:
            yield c.Finish(id, ticket)


def shopper(rng: Random) -> Life:
    """Takes a ticket and reads something; then stays until served, or wanders off, comes back and leaves. Again and again.

    Who stays needs nothing more from the phone, so the same client goes on as the next shopper.
    """
    while True:
        ticket = new_ticket(rng)
        if (yield c.Join(ticket, rng.choice(SERVICES))) is None:
            continue
        yield c.SeeContent(ticket, rng.choice(ITEMS))
        if rng.random() < STAYS:
            continue
        for command in (c.StepAway(ticket), c.ComeBack(ticket), c.Leave(ticket, "wait")):
            if (yield command) is None:
                break


def crowd(rng: Random, clients: int, people: int) -> list[tuple[str, Life]]:
    """(sender, life) of ``clients`` clients, ``people`` of them salespeople."""
    staff = [(f"person:p{n}", salesperson(f"p{n}")) for n in range(people)]
    return staff + [(f"shopper {n}", shopper(Random(rng.getrandbits(64)))) for n in range(clients - people)]
