"""What is put together from kept pieces is the plain view, byte for byte."""

import random
from typing import Any

import pytest
from pydantic_core import to_json

from server.live.messages import Screen, UnknownScreen
from server.live.screens import Chapter, Page
from server.rules import commands as c
from server.rules import views
from server.rules.decide import Refusal, decide
from server.rules.dispatch import line_of
from server.rules.state import Phase, StoreDay, Ticket, new_day
from tests.rules.walk import moves, random_command, random_plan

BASE, NAMES = 1000, {f"t{n}": f"Zoé {n}" for n in range(0, 300, 2)}


def plain(day: StoreDay, screen: Screen) -> bytes:
    """The view as the rules have it, its seq counted on, first names filled in."""
    view: dict[str, Any] = getattr(views, f"{screen[0]}_view")(day, *screen[1:], day.at)
    view["seq"] += BASE
    for card in (view.get("card"), view.get("offer")) if screen[0] == "staff" else ():
        if card:
            card["name"] = NAMES.get(card["ticket"])
    return to_json(view)


def screens(day: StoreDay) -> list[Screen]:
    """Every screen that there is."""
    tickets = [*day.tickets, *(ticket.id for ticket in day.ended)]
    people = [*day.plan.salespeople, "not of this store"]
    return [("board",), ("kiosk",), ("floor",), *(("staff", person) for person in people), *(("phone", ticket) for ticket in tickets)]


def counted(day: StoreDay, ticket: Ticket) -> tuple[int, int, int]:
    """Who goes before and after somebody who waits, counted one by one: (ahead, others, behind)."""
    own, reach = line_of(ticket), day.salespeople.reach(ticket.service, ticket.wanted)
    there = [(line_of(t), t.key, t.phase) for t in day.tickets.values() if t.phase in (Phase.WAITING, Phase.OFFERED)]
    before = [line for line, key, _ in there if key < ticket.key]
    behind = [line for line, key, phase in there if key > ticket.key and line == own and phase is Phase.WAITING]
    return before.count(own), sum(line in reach and line != own for line in before), len(behind)


@pytest.mark.parametrize("number", range(4))
def test_every_screen_of_a_random_day_is_the_plain_view(number: int) -> None:
    rng = random.Random(f"screens {number}")
    day, now, passing = new_day(random_plan(rng, f"{number}")), 0.0, moves(rng)
    command: c.Command = c.OpenDay(day.plan)
    signed: dict[tuple[Screen, Any], bytes] = {}
    for n in range(200):
        step = decide(day, command, now)
        if not isinstance(step, Refusal) and step.events:
            day = step.day
            page = Page(Chapter(day, BASE), (), NAMES)
            for screen in screens(day):
                sign, shown = page.sign(screen), page.show(screen)
                assert (shown.seq, shown.json) == (BASE + day.version, plain(day, screen)), screen
                if sign is not None:
                    assert signed.setdefault((screen, sign), shown.rest) == shown.rest, "equal signs, another view"
            for ticket in (t for t in day.tickets.values() if t.phase in (Phase.WAITING, Phase.OFFERED, Phase.AWAY)):
                view = views.phone_view(day, ticket.id, day.at)
                assert (view["ahead"], view["others"], view["behind"]) == counted(day, ticket)
        now, command = now + next(passing), random_command(rng, day, n)
    assert day.counts.joined > 5, "hardly anybody came"
    assert len(signed) > 20, "hardly anything was signed"


def test_a_phone_may_be_about_an_earlier_day() -> None:
    plan = random_plan(random.Random(1), "today")
    step = decide(day := new_day(plan), c.OpenDay(plan), 0.0)
    assert not isinstance(step, Refusal)
    joined = decide(step.day, c.Join("t1", next(iter(plan.services))), 1.0)
    assert not isinstance(joined, Refusal)
    page = Page(Chapter(day, 2 * BASE), [Chapter(joined.day, BASE)], {})
    assert page.show(("phone", "t1")).json == plain(joined.day, ("phone", "t1"))
    for unknown in (("phone", "t2"), ("nothing",)):
        with pytest.raises(UnknownScreen):
            page.show(unknown)
