"""Who may do what, where: one table for people, and the doors ask it.

A person has one role, written in the store's settings where they work (their *home*): what they may do there, and how
far it reaches. A region manager runs the stores of the home's region, an admin every store of this server, anybody
else their own and those that are named with them (``stores``). Away from home one looks and manages, but serves
nobody: the people on a floor are its own. What somebody may is looked up at each request, so a role that was
taken away is gone at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from server.live.live import Live
from server.live.messages import UnknownStore
from server.live.stores import PersonConfig, StoreConfig
from server.web.policies import Who
from server.web.problems import Problem


class Role(StrEnum):
    """What somebody is in a store, from the least to the most."""

    SALESPERSON = "salesperson"
    READ_ONLY = "read_only"
    MANAGER = "manager"
    REGION = "region"
    ADMIN = "admin"


class Reach(StrEnum):
    """How far a role goes without naming stores."""

    STORE = "store"
    REGION = "region"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Rights:
    """Which kinds of door open, how far from home, and which roles one may give to others."""

    doors: frozenset[Who]
    reach: Reach
    grants: frozenset[Role] = frozenset()


_OWN: Final = frozenset({Who.SIGNED_IN})
_RUN: Final = frozenset({Who.SIGNED_IN, Who.STAFF, Who.VIEWER, Who.MANAGER})
_IN_STORE: Final = frozenset({Role.SALESPERSON, Role.READ_ONLY, Role.MANAGER})

RIGHTS: Final[Mapping[Role, Rights]] = {
    Role.SALESPERSON: Rights(_OWN | {Who.STAFF}, Reach.STORE),
    Role.READ_ONLY: Rights(_OWN | {Who.VIEWER}, Reach.STORE),
    Role.MANAGER: Rights(_RUN, Reach.STORE, _IN_STORE),
    Role.REGION: Rights(_RUN, Reach.REGION, _IN_STORE | {Role.REGION}),
    Role.ADMIN: Rights(_RUN, Reach.CHAIN, frozenset(Role)),
}
"""The table. The pages of docs/reference and the tests of every route and command are made from it."""

MANAGES: Final = frozenset(role for role, rights in RIGHTS.items() if Who.MANAGER in rights.doors)
DESK: Final = frozenset(role for role, rights in RIGHTS.items() if Who.VIEWER in rights.doors)
"""Who has a manager's desk at all; they sign in with a long PIN, or with the company's account."""
HOME_ONLY: Final = frozenset({Who.STAFF})


def employed(live: Live, store: str, person: str) -> PersonConfig | None:
    """Somebody who works in a store, by its settings of now; None for anybody else."""
    try:
        return live.store(store).salespeople.get(person)
    except UnknownStore:
        return None


def may(live: Live, home: str, person: str, who: Who, store: str | None) -> bool:
    """Whether ``person`` of ``home`` may use a door for ``who`` at ``store`` (None: at no store in particular)."""
    known = employed(live, home, person)
    if known is None or who not in RIGHTS[Role(known.role)].doors:
        return False
    if store in (None, home):
        return True
    return who not in HOME_ONLY and store in {config.id for config in reached(live, home, known)}


def reached(live: Live, home: str, person: PersonConfig) -> list[StoreConfig]:
    """The stores that somebody runs or may look at, home first."""
    reach = RIGHTS[Role(person.role)].reach
    at_home = live.store(home)

    def within(config: StoreConfig) -> bool:
        near = reach is Reach.REGION and bool(config.region) and config.region == at_home.region
        return reach is Reach.CHAIN or near or config.id in person.stores

    return [at_home, *(config for config in live.stores() if config.id != home and within(config))]


def check_grants(live: Live, home: str, giver: str, before: StoreConfig, after: StoreConfig) -> None:
    """Problem ``not_allowed`` where ``giver`` gives or takes more than they hold: a role, a store, an account, a region.

    Whoever is changed must have had, and must get, only what the giver may give. Which region a store is in says who else
    runs it, and where its own region managers get: that is for those who run them all.
    """
    mine = employed(live, home, giver)
    if mine is None:
        raise Problem("not_allowed")
    if before.region != after.region and RIGHTS[Role(mine.role)].reach is not Reach.CHAIN:
        raise Problem("not_allowed", {"field": "region"})
    stores = {config.id for config in reached(live, home, mine)}
    for id in {*before.salespeople, *after.salespeople}:
        old, new = before.salespeople.get(id), after.salespeople.get(id)
        if _power(old) != _power(new) and not all(_may_give(mine, stores, person) for person in (old, new) if person is not None):
            raise Problem("not_allowed", {"field": f"salespeople.{id}"})


def check_over(live: Live, home: str, giver: str, role: str) -> None:
    """Problem ``not_allowed`` unless ``giver`` could give ``role``: who sets somebody's PIN can sign in as them."""
    mine = employed(live, home, giver)
    if mine is None or Role(role) not in RIGHTS[Role(mine.role)].grants:
        raise Problem("not_allowed")


def _power(person: PersonConfig | None) -> tuple[str, frozenset[str], str | None] | None:
    return None if person is None else (person.role, frozenset(person.stores), person.sso)


def _may_give(mine: PersonConfig, stores: Iterable[str], person: PersonConfig) -> bool:
    return Role(person.role) in RIGHTS[Role(mine.role)].grants and set(person.stores) <= set(stores)
