"""The queue written down a second time, as plainly as possible: one list, sorted whenever anybody asks.

No lines, no keys kept, no events: each command changes dictionaries in place or says no. It knows what
the words of the design say, and nothing of how ``server/rules`` does it. Slow on purpose.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from server.rules import commands as c
from server.rules.plan import DayPlan


@dataclass
class Shopper:
    """One ticket."""

    id: str
    service: str
    todo: list[str]
    joined: float
    serial: int
    card: bool
    standing: str | None
    slot: float | None
    first_step: bool = True
    slot_passed: bool = False
    where: str = "waiting"
    who: str | None = None
    only: str | None = None
    due: float | None = None
    again_called: int = 0
    times_away: int = 0
    no_from: list[str] = field(default_factory=list)
    alarm: bool = False
    doubted: bool = False
    park_at: float = 0.0


@dataclass
class Seller:
    """One salesperson on the floor."""

    id: str
    skills: tuple[str, ...]
    doing: str = "idle"
    since: float = 0.0
    ignored: int = 0
    wants_break: bool = False
    wants_home: bool = False


class Naive:
    """The day, as lists."""

    def __init__(self, plan: DayPlan) -> None:
        self.plan, self.t = plan, plan.timings
        self.shoppers: list[Shopper] = []
        self.gone: dict[str, str] = {}
        self.floor: dict[str, Seller] = {}
        self.balked, self.serial, self.open, self.offers_again = 0, 0, True, None  # type: int, int, bool, float | None

    # --- the order ---------------------------------------------------------------------------------------

    def rank(self, s: Shopper) -> tuple[Any, ...]:
        """Cards, due appointments, then everybody by rank of service and joining minus head start."""
        if s.card:
            return (0, s.joined, s.serial)
        if s.slot is not None and s.first_step:
            return (1 if s.slot_passed else 1 + self.plan.services[s.service].rank, s.slot, s.serial)
        head = self.plan.services[s.service].head_start_s + self.plan.classes.get(s.standing or "", 0.0)
        return (1 + self.plan.services[s.service].rank, s.joined - head, s.serial)

    def line(self, seller: Seller | None = None) -> list[Shopper]:
        """Who waits, in order; for one seller, those they may serve."""
        waiting = [s for s in self.shoppers if s.where == "waiting" and (seller is None or self.may(seller, s))]
        return sorted(waiting, key=self.rank)

    def may(self, seller: Seller, s: Shopper) -> bool:
        """Skills, unless the shopper waits for one person."""
        return s.only == seller.id if s.only else s.service in seller.skills

    def find(self, ticket: str) -> Shopper | None:
        """The open ticket."""
        return next((s for s in self.shoppers if s.id == ticket), None)

    def held_by(self, seller: Seller) -> Shopper | None:
        """What this seller is offered, calls or serves."""
        return next((s for s in self.shoppers if s.who == seller.id), None)

    # --- small changes -----------------------------------------------------------------------------------

    def to_line(self, s: Shopper) -> None:
        s.where, s.who, s.due, s.again_called, s.doubted = "waiting", None, None, 0, False

    def free(self, seller_id: str | None, now: float) -> None:
        """A seller has nobody any more: idle, or the break or way home they asked for."""
        if seller_id is None:
            return
        seller = self.floor[seller_id]
        seller.doing, seller.since = "idle", now
        if seller.wants_home:
            seller.doing, seller.wants_home, seller.wants_break = "off", False, False
        elif seller.wants_break:
            seller.doing, seller.wants_break = "paused", True
            seller.ignored = 0

    def drop_offer(self, s: Shopper, now: float) -> None:
        """An offer is taken back."""
        if s.where == "offered" and s.who:
            seller = self.floor[s.who]
            self.to_line(s)
            seller.doing, seller.since = "idle", now

    def over(self, s: Shopper, how: str) -> None:
        self.shoppers.remove(s)
        self.gone[s.id] = how

    # --- commands ----------------------------------------------------------------------------------------

    def apply(self, command: c.Command, now: float) -> bool:
        """Do it, or say no; then the server makes its offers."""
        done: bool = getattr(self, f"on_{type(command).__name__.lower()}")(command, now)
        if done:
            self.make_offers(now)
        return done

    def on_join(self, m: c.Join, now: float) -> bool:
        services = (m.service, *m.steps)
        if not self.open or any(x not in self.plan.services for x in services) or len(services) > 6:
            return False
        if (m.standing and m.standing not in self.plan.classes) or self.find(m.ticket) or m.ticket in self.gone:
            return False
        slot = m.appointment_at
        if len(self.shoppers) >= self.plan.open_max or (slot is not None and now < slot - self.t.appointment_early_s):
            return False
        if slot is not None and now > slot + self.t.appointment_late_s:
            slot = None
        self.serial += 1
        s = Shopper(m.ticket, m.service, list(m.steps), now, self.serial, m.card, m.standing, slot)
        s.slot_passed = slot is not None and now >= slot
        self.shoppers.append(s)
        return True

    def on_balk(self, m: c.Balk, now: float) -> bool:
        self.balked += self.open and m.service in self.plan.services
        return self.open and m.service in self.plan.services

    def on_signon(self, m: c.SignOn, now: float) -> bool:
        seller = self.floor.get(m.salesperson)
        if m.salesperson not in self.plan.salespeople or (seller and seller.doing != "off"):
            return False
        self.floor[m.salesperson] = Seller(m.salesperson, self.plan.salespeople[m.salesperson].skills, since=now)
        self.forgive(m.salesperson)
        return True

    def forgive(self, seller_id: str) -> None:
        for s in self.shoppers:
            s.no_from = [x for x in s.no_from if x != seller_id]

    def here(self, seller_id: str) -> Seller | None:
        seller = self.floor.get(seller_id)
        return seller if seller and seller.doing != "off" else None

    def on_pause(self, m: c.Pause, now: float) -> bool:
        seller = self.here(m.salesperson)
        if not seller or seller.doing == "paused":
            return False
        if seller.doing in ("calling", "serving"):
            seller.wants_break = True
            return True
        if held := self.held_by(seller):
            self.drop_offer(held, now)
        seller.doing, seller.wants_break, seller.ignored = "paused", True, 0
        return True

    def on_resume(self, m: c.Resume, now: float) -> bool:
        seller = self.here(m.salesperson)
        if not seller or not (seller.doing == "paused" or seller.wants_break or seller.wants_home):
            return False
        if seller.doing == "paused":
            seller.doing, seller.since = "idle", now
            self.forgive(seller.id)
        seller.wants_break = seller.wants_home = False
        return True

    def on_signoff(self, m: c.SignOff, now: float) -> bool:
        seller = self.here(m.salesperson)
        if not seller:
            return False
        if seller.doing in ("calling", "serving"):
            seller.wants_home = True
            return True
        if held := self.held_by(seller):
            self.drop_offer(held, now)
        seller.doing, seller.wants_break, seller.wants_home = "off", False, False
        return True

    def take(self, seller: Seller, s: Shopper, now: float) -> bool:
        if s.who != seller.id:
            self.drop_offer(s, now)
            if held := self.held_by(seller):
                self.drop_offer(held, now)
        self.to_line(s)
        s.where, s.who, s.no_from, s.alarm = "called", seller.id, [], False
        s.due, s.park_at = now + self.t.recall_after_s, now + self.t.hold_s
        seller.doing, seller.ignored = "calling", 0
        return True

    def free_to_take(self, seller_id: str, now: float) -> Seller | None:
        seller = self.here(seller_id)
        if not seller or seller.doing == "paused":
            return None
        held = self.held_by(seller)
        if seller.doing == "serving" and held and held.doubted:
            self.next_or_over(held, held.todo)
            self.free_plainly(seller, now)
            return seller
        return None if seller.doing in ("calling", "serving") else seller

    def free_plainly(self, seller: Seller, now: float) -> None:
        seller.doing, seller.since = "idle", now

    def on_claimnext(self, m: c.ClaimNext, now: float) -> bool:
        seller = self.here(m.salesperson)
        held = self.held_by(seller) if seller else None
        doubted = bool(held and held.doubted and held.where == "serving")
        comes_next = bool(held and doubted and held.todo and held.todo[0] in (seller.skills if seller else ()))
        if not seller or not (self.line(seller) or comes_next or (held and held.where == "offered")):
            return False
        if seller.doing == "paused" or (seller.doing in ("calling", "serving") and not doubted):
            return False
        ready = self.free_to_take(m.salesperson, now)
        assert ready
        return self.take(ready, held if held and held.where == "offered" else self.line(ready)[0], now)

    def on_claim(self, m: c.Claim, now: float) -> bool:
        s, seller = self.find(m.ticket), self.here(m.salesperson)
        if not s or not seller or s.where not in ("waiting", "offered", "away", "parked") or not self.may(seller, s):
            return False
        held = self.held_by(seller)
        doubted = bool(held and held.doubted and held.where == "serving")
        if seller.doing == "paused" or (seller.doing in ("calling", "serving") and not doubted):
            return False
        queue = self.line(seller)
        if doubted and held and held.todo and held.todo[0] in seller.skills:
            return self.claim_after_finish(m, seller, s, now)
        first = next(iter(queue), None)
        if first and first.card and not s.card:
            return False
        if not (self.plan.pick_allowed or s.alarm or s.who == seller.id or s is first):
            return False
        ready = self.free_to_take(m.salesperson, now)
        assert ready
        return self.take(ready, s, now)

    def claim_after_finish(self, m: c.Claim, seller: Seller, s: Shopper, now: float) -> bool:
        """The forgotten visit goes on to a step this seller serves: it stands in line before we look who is first."""
        saved = deepcopy((self.shoppers, self.gone, self.floor))
        ready = self.free_to_take(m.salesperson, now)
        assert ready
        first = self.line(ready)[0]
        if (first.card and not s.card) or not (self.plan.pick_allowed or s.alarm or s is first):
            self.shoppers, self.gone, self.floor = saved
            return False
        return self.take(ready, s, now)

    def on_accept(self, m: c.Accept, now: float) -> bool:
        s = self.find(m.ticket)
        if not s or s.where != "offered" or s.who != m.salesperson:
            return False
        return self.take(self.floor[m.salesperson], s, now)

    def on_decline(self, m: c.Decline, now: float) -> bool:
        s = self.find(m.ticket)
        if not s or s.where != "offered" or s.who != m.salesperson:
            return False
        s.no_from.append(m.salesperson)
        self.drop_offer(s, now)
        self.floor[m.salesperson].ignored = 0
        return True

    def mine(self, m: Any, *where: str) -> Shopper | None:
        s = self.find(m.ticket)
        return s if s and s.who == m.salesperson and s.where in where else None

    def on_start(self, m: c.Start, now: float) -> bool:
        s = self.mine(m, "called")
        if not s:
            return False
        s.where, s.due = "serving", now + self.plan.services[s.service].doubt_after_s
        self.floor[m.salesperson].doing = "serving"
        return True

    def on_finish(self, m: c.Finish, now: float) -> bool:
        s = self.mine(m, "serving")
        if not s:
            return False
        todo = s.todo if m.steps is None else list(m.steps)
        if any(x not in self.plan.services for x in todo):
            return False
        self.next_or_over(s, todo)
        self.free(m.salesperson, now)
        return True

    def next_or_over(self, s: Shopper, todo: list[str]) -> None:
        if not todo:
            self.over(s, "answered")
            return
        self.to_line(s)
        s.service, s.todo, s.first_step, s.only, s.no_from, s.alarm = todo[0], todo[1:], False, None, [], False

    def on_recall(self, m: c.Recall, now: float) -> bool:
        s = self.mine(m, "called")
        if not s or s.again_called >= self.t.recalls_max:
            return False
        self.call_again(s, now)
        return True

    def call_again(self, s: Shopper, now: float) -> None:
        s.again_called += 1
        s.park_at = max(s.park_at, now + self.t.hold_s - self.t.recall_after_s)
        s.due = s.park_at

    def on_handback(self, m: c.HandBack, now: float) -> bool:
        s = self.mine(m, "called", "serving")
        if not s:
            return False
        self.to_line(s)
        s.no_from = [m.salesperson]
        self.free(m.salesperson, now)
        return True

    def on_marknoshow(self, m: c.MarkNoShow, now: float) -> bool:
        s = self.mine(m, "called")
        if not s:
            return False
        self.park(s, now)
        return True

    def park(self, s: Shopper, now: float) -> None:
        seller = s.who
        self.to_line(s)
        s.where, s.due = "parked", now + self.t.park_s
        self.free(seller, now)

    def on_leave(self, m: c.Leave, now: float) -> bool:
        s = self.find(m.ticket)
        if not s or s.where == "serving":
            return False
        seller = s.who if s.where == "called" else None
        self.drop_offer(s, now)
        self.over(s, "left")
        self.free(seller, now)
        return True

    def on_stepaway(self, m: c.StepAway, now: float) -> bool:
        s = self.find(m.ticket)
        if not s or s.where not in ("waiting", "offered", "called") or s.times_away >= self.t.aways_max:
            return False
        if not 0 < m.minutes * 60 <= self.t.away_max_s:
            return False
        seller = s.who if s.where == "called" else None
        self.drop_offer(s, now)
        self.to_line(s)
        s.where, s.due, s.times_away = "away", now + m.minutes * 60, s.times_away + 1
        self.free(seller, now)
        return True

    def on_comeback(self, m: c.ComeBack, now: float) -> bool:
        s = self.find(m.ticket)
        if not s or s.where not in ("away", "parked"):
            return False
        self.to_line(s)
        return True

    def on_changeservice(self, m: c.ChangeService, now: float) -> bool:
        s = self.find(m.ticket)
        if not s or m.service not in self.plan.services or s.where in ("called", "serving"):
            return False
        self.drop_offer(s, now)
        s.service, s.only, s.no_from, s.alarm = m.service, None, [], False
        s.slot_passed = s.slot is not None and now >= s.slot
        return True

    # --- the clock and the offers ------------------------------------------------------------------------

    def slots(self, now: float) -> list[Shopper]:
        early = [s for s in self.shoppers if s.where == "waiting" and s.slot is not None and s.first_step and not s.card]
        return [s for s in early if not s.slot_passed and s.slot is not None and s.slot <= now]

    def on_tick(self, m: c.Tick, now: float) -> bool:
        while True:
            due = [s for s in self.shoppers if s.due is not None and s.due <= now]
            for s in self.slots(now):
                s.slot_passed = True
            if not due:
                break
            self.ring(min(due, key=lambda s: (s.due, s.serial)), now)
        if self.offers_again is not None and self.offers_again <= now:
            self.offers_again = None
            for s in self.shoppers:
                s.no_from, s.alarm = ([], False) if s.alarm else (s.no_from, s.alarm)
        return True

    def ring(self, s: Shopper, now: float) -> None:
        """What the clock does to one shopper."""
        if s.where == "offered" and s.who:
            seller = self.floor[s.who]
            s.no_from.append(seller.id)
            self.drop_offer(s, now)
            seller.ignored += 1
            if seller.ignored >= self.t.offers_ignored_max:
                seller.doing, seller.wants_break, seller.ignored = "paused", True, 0
        elif s.where == "called" and s.again_called == 0 and now < s.park_at:
            self.call_again(s, now)
        elif s.where == "called":
            self.park(s, now)
        elif s.where == "away":
            self.to_line(s)
        elif s.where == "parked":
            self.over(s, "vanished")
        else:
            s.doubted, s.due = True, None

    def make_offers(self, now: float) -> None:
        """Each waiting shopper, in order, to the idle seller with the fewest skills, then idle longest."""
        if self.plan.mode == "claim":
            return
        again = False
        for s in self.line():
            able = [x for x in self.floor.values() if x.doing == "idle" and self.may(x, s)]
            asked = [x for x in able if x.id not in s.no_from]
            given_up = [x for x in self.floor.values() if x.doing == "offered" and self.may(x, s) and x.id not in s.no_from]
            given_up = [x for x in given_up if s.card and not asked and not self.offered_card(x)]
            if best := min(asked or given_up, key=self.preferred, default=None):
                if held := self.held_by(best):
                    self.drop_offer(held, now)
                    again = True
                best.doing, best.since = "offered", now
                s.where, s.who, s.due = "offered", best.id, now + self.t.offer_s
            elif able and not s.alarm:
                s.alarm = True
                later = now + self.t.escalate_s
                self.offers_again = later if self.offers_again is None else min(self.offers_again, later)
        if again:
            self.make_offers(now)

    def preferred(self, x: Seller) -> tuple[Any, ...]:
        """Fewest skills, the store's order, idle longest."""
        return (len(x.skills), self.plan.salespeople[x.id].order, x.since, x.id)

    def offered_card(self, x: Seller) -> bool:
        held = self.held_by(x)
        return bool(held and held.card)
