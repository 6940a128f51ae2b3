"""Reports over HTTP: the manager's figures and files, a salesperson's own, and nobody else's."""

import csv
import io
from typing import Any

import pytest
from pyarrow import parquet
from starlette.testclient import TestClient

from tests.web.conftest import API, OURS, HandClock, is_problem, join, sign_in, tap, uid


def some_visits(client: TestClient, clock: HandClock, count: int = 5) -> None:
    """``count`` visits answered by Léa, one shopper who left and one who did not join."""
    sign_in(client)
    tap(client, "on")
    for _ in range(count):
        ticket = join(client)
        clock.at += 120
        tap(client, "next")
        tap(client, "start", ticket=ticket["id"])
        clock.at += 300
        tap(client, "finish", ticket=ticket["id"])
    leaver = join(client)
    clock.at += 60
    client.post("/api/v1/ticket/leave", json={"id": uid(), "reason": "wait"}, headers={"Authorization": f"Bearer {leaver['token']}"})
    client.post(f"{API}/balks", json={"id": uid(), "service": "payment"}, headers=OURS)


def manager(client: TestClient) -> TestClient:
    sign_in(client, "sarah")
    return client


def test_the_manager_sees_a_week_that_adds_up(client: TestClient, clock: HandClock) -> None:
    some_visits(client, clock)
    found = manager(client).get(f"{API}/report").json()
    now, before = found["now"], found["before"]
    assert now["accounts"] == {"answered": 5, "left": 1, "vanished": 0, "closed": 0, "void": 0, "balked": 1}
    assert now["unanswered_share"] == pytest.approx(2 / 7)
    assert sum(cell["came"] for cell in now["hours"].values()) == 7
    assert now["services"]["payment"]["balked"] == 1
    assert now["services"]["advice"]["service"]["mean_s"] == pytest.approx(300)
    assert (len(now["days"]), len(before["days"]), before["unanswered_share"]) == (7, 7, None)
    assert found["people"]["each"] == {}, "salespeople are shown together"


def test_files_hold_what_the_report_counts(client: TestClient, clock: HandClock) -> None:
    some_visits(client, clock)
    answer = manager(client).get(f"{API}/report/visits.csv?from=2026-11-21&to=2026-11-21")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["outcome"] for row in rows] == ["answered"] * 5 + ["left"]
    table: Any = parquet.read_table(io.BytesIO(client.get(f"{API}/report/visits.parquet").content))
    assert table.column("outcome").to_pylist() == [row["outcome"] for row in rows]
    assert str(table.schema.field("joined_at").type) == "timestamp[ms, tz=UTC]"
    assert table.column("step").to_pylist() == [1] * 6
    assert {row["salesperson"] for row in rows} | set(table.column("salesperson").to_pylist()) <= {"", None}, (
        "nobody's work, visit by visit"
    )


def test_no_days_no_rows(client: TestClient) -> None:
    answer = manager(client).get(f"{API}/report/visits.parquet?from=2026-01-01&to=2026-01-02")
    assert parquet.read_table(io.BytesIO(answer.content)).num_rows == 0
    assert client.get(f"{API}/report?from=2026-01-01&to=2026-01-02").json()["now"]["waits"]["p50_s"] is None


@pytest.mark.parametrize("query", ["from=yesterday", "from=2026-11-22&to=2026-11-01", "from=2020-01-01", "to=9999-99-99"])
def test_odd_days_are_refused(client: TestClient, query: str) -> None:
    is_problem(manager(client).get(f"{API}/report?{query}"), 422, "bad_field")


def test_a_salesperson_sees_their_own_and_no_more(client: TestClient, clock: HandClock) -> None:
    some_visits(client, clock, 4)
    assert client.get(f"{API}/staff/report").json()["own"] is None, "four visits are too few to be told apart"
    some_visits(client, clock, 1)
    own = client.get(f"{API}/staff/report").json()["own"]
    assert (own["steps"], own["service"]["mean_s"]) == (5, pytest.approx(300))
    is_problem(client.get(f"{API}/report"), 403, "not_allowed")
    is_problem(client.get(f"{API}/report/visits.csv"), 403, "not_allowed")


def test_door_counts_are_taken_in_by_a_manager_and_say_who_never_asked(client: TestClient, clock: HandClock) -> None:
    some_visits(client, clock)
    day = "2026-11-21"
    file = {"id": uid(), "text": f"day,hour,came\n{day},14,9\n{day},15,12\n"}
    is_problem(client.post(f"{API}/manager/doors", json=file, headers=OURS), 403, "not_allowed")
    assert manager(client).get(f"{API}/report").json()["now"]["doors"] is None, "nobody counted"
    assert client.post(f"{API}/manager/doors", json=file, headers=OURS).json() == {"hours": 2, "first_day": day, "last_day": day}
    again = {"id": uid(), "text": f"day,hour,came\n{day},15,11\n"}
    assert client.post(f"{API}/manager/doors", json=again, headers=OURS).status_code == 200
    assert client.get(f"{API}/report").json()["now"]["doors"] == {"days": 1, "came": 20, "asked": 7, "never_asked": 13}
    bad = client.post(f"{API}/manager/doors", json={"id": uid(), "text": "day,hour,came\nsoon,1,2\n"}, headers=OURS)
    assert is_problem(bad, 422, "bad_field")["facts"]["field"] == "line 2"


def test_time_on_duty_is_told_together_and_to_oneself(client: TestClient, clock: HandClock) -> None:
    some_visits(client, clock)
    own = client.get(f"{API}/staff/report").json()["own"]["duty"]
    assert own["with_shoppers_s"] == pytest.approx(5 * 300)
    assert own["on_duty_s"] == pytest.approx(own["with_shoppers_s"] + own["paused_s"] + own["idle_s"])
    assert manager(client).get(f"{API}/report").json()["people"]["duty"] == own, "she was alone"
