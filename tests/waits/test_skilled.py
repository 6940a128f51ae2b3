"""Who serves what, told from whom they took and whom they passed over."""

from simulation.past.recorded import RecordedDay, Visit, log_plan
from simulation.past.skilled import Skills


def taught(person: str, pattern: str, start: float = 0.0) -> Skills:
    """One service; + served it, - passed it over, every ten minutes."""
    skills = Skills()
    for i, sign in enumerate(pattern):
        (skills.served if sign == "+" else skills.passed)(person, "repair", start + 600.0 * i)
    return skills


def test_serving_shows_a_skill_and_passing_over_takes_it_away() -> None:
    assert taught("ana", "++++").of("ana", 2400.0) == ("repair",)
    assert taught("ana", "+++++---").of("ana", 4800.0) == ()
    assert taught("ana", "+++---++").of("ana", 4800.0) == ("repair",), "switched back"


def test_one_slip_is_forgiven() -> None:
    assert taught("ana", "++++++-").of("ana", 4200.0) == ("repair",)


def test_what_was_seen_long_ago_says_less_than_the_usual() -> None:
    skills = taught("ana", "+" * 30 + "---")
    before, later = skills.chance("ana", "repair", 19_300.0), skills.chance("ana", "repair", 19_300.0 + 12 * 3600.0)
    assert before < 0.4 < 0.6 < later


def test_a_new_colleague_is_like_the_others() -> None:
    skills = Skills()
    for i in range(40):
        skills.served(f"p{i % 4}", "repair", 60.0 * i)
        skills.passed(f"p{i % 4}", "stock", 60.0 * i)
    assert skills.of("new", 3000.0) == ("repair",)


def test_a_night_keeps_half() -> None:
    skills = taught("ana", "+" * 20 + "---")
    evening = skills.chance("ana", "repair", 13_800.0)
    skills.new_day(86_400.0)
    assert evening < skills.chance("ana", "repair", 86_400.0)


def test_a_recorded_day_sees_who_is_passed_over() -> None:
    """Ana takes three later shoppers for payment while one for repair waits; then Ben takes that one."""
    visits = [
        Visit("pay", "", 0.0, 0.0, 300.0, None, "answered", "ana"),
        Visit("repair", "", 10.0, 1300.0, 1400.0, None, "answered", "ben"),
    ]
    visits += [Visit("pay", "", 60.0 * k, 310.0 * k, 310.0 * k + 300.0, None, "answered", "ana") for k in (1, 2, 3)]
    visits.append(Visit("repair", "", -500.0, -500.0, -400.0, None, "answered", "ana"))
    visits.sort(key=lambda v: v.joined)
    skills = Skills()
    RecordedDay(log_plan("log", [visits]), visits, skills).run()
    assert "repair" not in skills.of("ana", 1400.0)
    assert "repair" in skills.of("ben", 1400.0)
