"""Offers: the server proposes each waiting ticket to the idle salesperson it suits best.

In the order of the ranking, every ticket goes to the salesperson with the fewest other skills (so that
people who can do everything stay free for what only they can do), then to the one idle longest. Who
declines or ignores it is not asked again; when everybody idle has passed, all are alerted and the ticket
is offered anew a minute later.
"""

from server.rules import dispatch
from server.rules import events as ev
from server.rules.state import Duty, Salesperson, Ticket
from server.rules.turn import Turn


def make_offers(turn: Turn) -> None:
    """Offer what can be offered now (in the modes "offer" and "both")."""
    if turn.day.plan.mode == "claim" or not turn.day.lines:
        return
    people, made_way = dispatch.idle(turn.day), False
    for ticket in dispatch.all_waiting(turn.day):
        if not people and not ticket.card:
            break
        made_way |= _propose(turn, ticket, people)
    if made_way:  # who had to give way is offered to somebody else, if anybody is free
        make_offers(turn)


def _propose(turn: Turn, ticket: Ticket, people: list[Salesperson]) -> bool:
    """Offer one ticket to the best of ``people``, who is then no longer idle; whether somebody's offer had to give way."""
    able = [p for p in people if dispatch.eligible(p.id, p.skills, ticket.service, ticket.wanted)]
    best = dispatch.best_salesperson((p for p in able if p.id not in ticket.passed), ticket)
    if best is not None:
        _offer(turn, ticket, best)
        people.remove(best)
    elif ticket.card and _make_way(turn, ticket):
        return True
    elif able:
        _escalate(turn, ticket)
    return False


def _make_way(turn: Turn, card: Ticket) -> bool:
    """A priority card waits for nobody's answer: with no one idle for it, the offer of another ticket is taken back."""
    offered = [p for p in turn.day.salespeople.values() if p.duty is Duty.OFFERED and p.id not in card.passed]
    best = dispatch.best_salesperson((p for p in offered if not turn.day.tickets[p.ticket or ""].card), card)
    if best is None:
        return False
    withdraw(turn, turn.day.tickets[best.ticket or ""], "card")
    _offer(turn, card, turn.day.salespeople[best.id])
    return True


def _offer(turn: Turn, ticket: Ticket, person: Salesperson) -> None:
    turn.emit(ev.OfferMade(turn.now, ticket.id, person.id, turn.now + turn.day.plan.timings.offer_s))


def _escalate(turn: Turn, ticket: Ticket) -> None:
    if not ticket.escalated:
        turn.emit(ev.OfferEscalated(turn.now, ticket.id, turn.now + turn.day.plan.timings.escalate_s))


def withdraw(turn: Turn, ticket: Ticket, reason: str) -> Ticket:
    """Take back the offer of this ticket, if there is one; the ticket as it then is."""
    if ticket.salesperson is not None and turn.day.salespeople[ticket.salesperson].duty is Duty.OFFERED:
        turn.emit(ev.OfferWithdrawn(turn.now, ticket.id, ticket.salesperson, reason))
    return turn.day.tickets[ticket.id]


def expire(turn: Turn, ticket: Ticket, person: Salesperson) -> None:
    """Nobody answered the offer. Who ignores several in a row is not at the desk: paused until they say so."""
    turn.emit(ev.OfferExpired(turn.now, ticket.id, person.id))
    if turn.day.salespeople[person.id].ignored >= turn.day.plan.timings.offers_ignored_max:
        turn.emit(ev.SalespersonPaused(turn.now, person.id, "unresponsive", None))
