"""Another order on a recorded day: who gains and who pays, with the same shoppers."""

from datetime import date

from simulation.past.policy import Policy, compared, day_under
from simulation.past.replay import usual
from simulation.past.visits import parse

HEAD = "day,ticket,step,service,priority,joined_at,called_at,started_at,finished_at,left_at,outcome,salesperson"
DAY = date(2026, 11, 20)


def _log() -> list[str]:
    """One salesperson, a shopper every five minutes, ten minutes each; every third is a member."""
    rows = [HEAD]
    for n in range(12):
        joined, started = 600 + 5 * n, 600 + 10 * n
        at = [f"2026-11-20T{m // 60:02d}:{m % 60:02d}:00+01:00" for m in (joined, started, started, started + 10)]
        rows.append(f"2026-11-20,C-{n:03d},1,advice,{'member' if n % 3 == 2 else ''},{at[0]},{at[1]},{at[2]},{at[3]},,answered,lea")
    return rows


def _under(members_s: float) -> Policy:
    return Policy({"advice": 1}, {"advice": 0.0}, {"member": members_s}, {"lea": ("advice",)})


def test_a_head_start_is_paid_for_by_the_others() -> None:
    visits = parse(_log())
    before, after = day_under((_under(0.0), _under(3600.0)), DAY, visits.rows, usual(visits))
    report = compared(before, after, 1)
    groups = {(g["kind"], g["id"]): g for g in report["groups"]}
    assert groups["all", ""]["shoppers"] == 12
    member, anybody = groups["class", "member"], groups["class", ""]
    assert member["after"]["wait_mean_s"] < member["before"]["wait_mean_s"]
    assert anybody["after"]["wait_mean_s"] > anybody["before"]["wait_mean_s"]
    whole = groups["all", ""]
    assert abs(whole["after"]["wait_mean_s"] - whole["before"]["wait_mean_s"]) < 1.0, "one desk, equal visits: the sum stays"


def test_the_same_policy_changes_nothing() -> None:
    visits = parse(_log())
    before, after = day_under((_under(300.0), _under(300.0)), DAY, visits.rows, usual(visits))
    assert before == after
