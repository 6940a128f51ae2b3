"""The page of roles: who may use which route and send which command, from the table that the doors themselves ask."""

from collections.abc import Iterable
from typing import Any

from server.web.policies import BY_SESSION, Policy, Who, policy_of
from server.web.roles import HOME_ONLY, RIGHTS, Reach, Role

REACHES = {
    Reach.STORE: "the home, and the stores named with the person",
    Reach.REGION: "also every store of the home's region",
    Reach.CHAIN: "every store of the server",
}


def table() -> list[tuple[str, ...]]:
    """Role, how far it reaches, which roles it may give."""
    return [
        (f"`{role}`", REACHES[rights.reach], ", ".join(f"`{r}`" for r in Role if r in rights.grants) or "none")
        for role, rights in RIGHTS.items()
    ]


def route_rows(doors: Iterable[Any]) -> list[tuple[str, ...]]:
    """One row a route that asks who is signed in: a mark a role."""
    return [(f"`{policy.way}`", *(mark(role, policy.who) for role in Role)) for door in doors if (policy := _by_session(door)) is not None]


def command_rows() -> list[tuple[str, ...]]:
    """One row a command: the rules' name, and a mark a role; those of phones are their ticket's holder's alone."""
    from server.web import catalogue

    entries = (*catalogue.PHONE_COMMANDS, *catalogue.STAFF_COMMANDS, *catalogue.MANAGER_COMMANDS)
    return [(f"`{entry.rule.__name__}`", f"`POST {entry.path}`", *(mark(role, entry.who) for role in Role)) for entry in entries]


def mark(role: Role, who: Who) -> str:
    """ "home": only where the person works; "reach": wherever the role reaches; "": nowhere."""
    if who not in RIGHTS[role].doors:
        return ""
    return "home" if who in HOME_ONLY else "own" if who is Who.SIGNED_IN else "reach"


def _by_session(door: Any) -> Policy | None:
    policy = policy_of(door)
    return policy if policy is not None and policy.who in BY_SESSION else None
