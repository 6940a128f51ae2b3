"""The staffing lab over HTTP: days on the table, plans tried by the twin, who may, rosters to take away."""

import csv
import io
import time
import tomllib
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from server.app import build_app
from server.journal import facts
from server.journal.sqlite import SqliteJournal
from server.live.stores import parse_store
from server.settings import Settings
from server.startup import open_journal
from simulation import lab
from simulation.changes import case_of
from simulation.crowd import demand, past
from simulation.past import visits as files
from simulation.scenario import reading
from staff_app.lab import exports, runs

STORES = Path(__file__).parents[2] / "simulation" / "stores"
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 15, tzinfo=ZoneInfo("Europe/Paris")).timestamp()
API = "/api/v1/stores/volt"
OURS = {"X-Avous": "1"}
ANSWER_WITHIN_S = 100.0


class Clock:
    speed = 1.0

    def now(self) -> float:
        return NOW

    def real_s(self, duration_s: float) -> float:
        return duration_s


def volt() -> Any:
    return tomllib.loads((STORES / "volt.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The demonstration's store with four weeks behind it."""
    table = volt()
    database = f"sqlite:///{tmp_path_factory.mktemp('lab') / 'avous.db'}"
    settings = Settings(database=database, demo=True, rollouts=20, sign_ins_per_minute=10_000)
    skills = {name: tuple(person["skills"]) for name, person in table["salespeople"].items() if "skills" in person}
    days = past.past(demand.load(STORES / "volt.crowd.toml"), skills, TODAY, days=15)
    import asyncio

    asyncio.run(_keep(settings, days))
    with TestClient(build_app(settings, [parse_store(table)], Clock()), raise_server_exceptions=False) as client:
        yield client


async def _keep(settings: Settings, days: files.Visits) -> None:
    journal = open_journal(settings)
    assert isinstance(journal, SqliteJournal)
    await facts.put(journal, "volt", files.facts(days, "Europe/Paris"))
    await journal.close()


def sign_in(client: TestClient, person: str = "sarah", pin: str = "3001") -> TestClient:
    other = TestClient(client.app, raise_server_exceptions=False)
    other.portal = client.portal
    answer = other.post("/api/v1/session", json={"store": "volt", "salesperson": person, "pin": pin}, headers=OURS)
    assert answer.status_code == 201, answer.text
    return other


def ask(client: TestClient, **question: Any) -> Any:
    return client.post(f"{API}/lab/runs", json={"id": str(uuid.uuid4()), "what": "try", "language": "en", **question}, headers=OURS)


def answered(client: TestClient, view: Any) -> Any:
    until = time.monotonic() + ANSWER_WITHIN_S
    while view["state"] in ("waiting", "running") and time.monotonic() < until:
        time.sleep(0.1)
        view = client.get(f"{API}/lab/runs/{view['run']}").json()
    return view


def test_a_plan_is_tried_with_the_same_shoppers(server: TestClient) -> None:
    manager = sign_in(server)
    overview = manager.get(f"{API}/lab").json()
    assert [day["id"] for day in overview["days"][:2]] == ["plan-2026-11-23", "plan-2026-11-24"]
    assert overview["days"][-1]["recorded"]
    assert manager.get(f"{API}/lab/week").json()["spec"]["mark"]["type"] == "rect"
    choice = "plan-2026-11-28"
    desk = manager.get(f"{API}/lab/desks/{choice}").json()["desk"]
    assert (desk["starts"][0], desk["starts"][-1], len(desk["starts"])) == ("10:00", "19:45", 40)
    assert sum(map(sum, (kind["counts"] for kind in desk["kinds"]))) / 4 == desk["paid_hours"]
    same = answered(manager, ask(manager, choice=choice).json())
    assert same["state"] == "done"
    assert same["result"]["difference"]["unanswered"] == {"mean": 0.0, "ci95": [0.0, 0.0]}
    kind = max(desk["kinds"], key=lambda k: sum(k["counts"]))
    more = {kind["id"]: [n + 1 for n in kind["counts"]]}
    tried = answered(manager, ask(manager, choice=choice, counts=more).json())
    assert tried["state"] == "done", tried
    result = tried["result"]
    assert result["difference"]["unanswered"]["ci95"][1] < 0
    assert result["paid_hours"]["after"] - result["paid_hours"]["before"] == pytest.approx(10)
    assert set(result["charts"]) == {"waits", "unanswered", "demand", "roster"}
    assert sum(shift["paid_hours"] for shift in result["shifts"]) == pytest.approx(result["paid_hours"]["after"])


def test_yesterday_again_with_somebody_more(server: TestClient) -> None:
    manager = sign_in(server)
    choice = "past-2026-11-21"
    desk = manager.get(f"{API}/lab/desks/{choice}").json()["desk"]
    assert desk["recorded"]
    assert desk["expected"] == sum(map(sum, desk["services"].values()))
    kind = max(desk["kinds"], key=lambda k: sum(k["counts"]))
    tried = answered(manager, ask(manager, choice=choice, counts={kind["id"]: [n + 2 for n in kind["counts"]]}).json())
    assert tried["state"] == "done", tried
    assert tried["result"]["difference"]["unanswered"]["mean"] < 0
    refused = answered(manager, ask(manager, choice=choice, what="suggest").json())
    assert refused["state"] == "failed"
    assert "days to come" in refused["trouble"]


def test_a_new_run_stops_the_one_before_and_ids_repeat_harmlessly(server: TestClient) -> None:
    manager = sign_in(server)
    first = ask(manager, choice="plan-2026-11-28").json()
    body = {"id": str(uuid.uuid4()), "what": "try", "choice": "plan-2026-11-28"}
    second = manager.post(f"{API}/lab/runs", json=body, headers=OURS).json()
    assert manager.post(f"{API}/lab/runs", json=body, headers=OURS).json()["run"] == second["run"]
    assert answered(manager, manager.get(f"{API}/lab/runs/{first['run']}").json())["state"] in ("stopped", "done")
    stopped = manager.post(f"{API}/lab/runs/{second['run']}/stop", json={"id": str(uuid.uuid4())}, headers=OURS)
    assert stopped.status_code == 200
    assert answered(manager, stopped.json())["state"] in ("stopped", "done")


def test_what_cannot_be_is_refused_with_a_sentence(server: TestClient) -> None:
    manager = sign_in(server)
    for counts, words in (({"juggling": [1] * 40}, "nobody has the skills"), ({"computers+phones": [1]}, "has 40 quarter hours")):
        refused = ask(manager, choice="plan-2026-11-28", counts=counts)
        assert refused.status_code == 422
        assert words in refused.json()["facts"]["why"]
    assert ask(manager, choice="plan-2026-11-28", counts={"computers+phones": [-1] * 40}).status_code == 422
    assert manager.get(f"{API}/lab/desks/past-2020-01-01").json()["facts"]["why"] == "there is no visit on 2020-01-01"
    for wrong in ("yesterday", "plan-2026-13-40"):
        assert manager.get(f"{API}/lab/desks/{wrong}").status_code == 404
    assert manager.get(f"{API}/lab/runs/{uuid.uuid4()}").status_code == 404


def tried(client: TestClient, what: str, **timings: float) -> Any:
    """What the twin says of last week under the settings in force, with these timings changed."""
    found = client.get(f"{API}/manager/settings").json()
    found["settings"]["timings"] |= timings
    question = {"id": str(uuid.uuid4()), "after": found["version"], "settings": found["settings"], "what": what}
    asked = client.post(f"{API}/manager/settings/trial", json=question, headers=OURS)
    assert asked.status_code == 202, asked.text
    told = answered(client, asked.json())
    assert told["state"] == "done", told
    return told["result"]


def test_settings_are_tried_on_last_week(server: TestClient) -> None:
    manager = sign_in(server)
    order = tried(manager, "order")
    assert order["days"] == 7
    assert all(group["before"] == group["after"] for group in order["groups"]), "the settings in force on both sides"


def test_what_the_early_call_saves_on_last_week(server: TestClient) -> None:
    manager = sign_in(server)
    early = tried(manager, "early", early_from_s=1.0, early_s=30.0)
    assert (early["days"], len(early["by_day"]), early["off"]["invited"]) == (7, 7, 0)
    assert early["on"]["invited"] > 0
    assert early["difference"]["salesperson_waits_s"]["ci95"][1] < 0, "salespeople wait less, surely"
    never = tried(manager, "early", early_from_s=0.0)
    assert never["on"] == never["off"]


def test_salespeople_have_no_lab(server: TestClient) -> None:
    lea = sign_in(server, "lea", "2101")
    assert lea.get(f"{API}/lab").status_code == 403
    assert ask(lea, choice="plan-2026-11-28").status_code == 403
    assert server.get("/manager/lab").status_code == 200  # a shell


def test_the_drawing_script_is_ours_and_kept(server: TestClient) -> None:
    answer = server.get("/lab/vega.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "vegaEmbed" in answer.text
    assert server.get("/lab/vega.js", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_store_without_a_past_says_what_is_missing(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/avous.db", demo=True, rollouts=20)
    with TestClient(build_app(settings, [parse_store(volt())], Clock())) as client:
        assert sign_in(client).get(f"{API}/lab").json()["missing"] == "no_history"


SHIFTS: list[dict[str, Any]] = [
    {
        "name": "Léa, la grande",
        "kind": "a",
        "skills": ["Conseil"],
        "start_min": 0.0,
        "end_min": 420.0,
        "break_min": [180.0, 210.0],
        "paid_hours": 6.5,
    },
    {
        "name": "=cmd()",
        "kind": "a",
        "skills": ["Conseil", "Paiement"],
        "start_min": 360.0,
        "end_min": 600.0,
        "break_min": None,
        "paid_hours": 4.0,
    },
]


def test_a_roster_as_csv(server: TestClient) -> None:
    manager = sign_in(server)
    body = {"id": str(uuid.uuid4()), "choice": "plan-2026-11-28", "format": "csv", "shifts": SHIFTS}
    answer = manager.post(f"{API}/lab/roster", json=body, headers=OURS)
    assert answer.headers["content-disposition"] == 'attachment; filename="volt-2026-11-28.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [rows[0][key] for key in ("name", "start", "break_start", "break_end", "end")] == [
        "Léa, la grande",
        "10:00",
        "13:00",
        "13:30",
        "17:00",
    ]
    assert rows[1]["name"] == "'=cmd()"


def test_a_roster_as_calendar() -> None:
    text = exports.as_calendar(
        date(2026, 10, 24), 36_000.0, [*SHIFTS, {**SHIFTS[1], "name": "é" * 60, "end_min": 1020.0}], "Europe/Paris", "volt", NOW
    )
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = text.replace("\r\n ", "").split("\r\n")
    assert "SUMMARY:Léa\\, la grande" in unfolded
    assert "DTSTART:20261024T080000Z" in unfolded
    assert "DTEND:20261025T020000Z" in unfolded  # 03:00 of the night when summer time ends
    assert unfolded.count("BEGIN:VEVENT") == unfolded.count("END:VEVENT") == 3
    assert len({line for line in unfolded if line.startswith("UID:")}) == 3


def test_a_suggested_roster_gives_nobody_two_shifts_a_day() -> None:
    text = """
horizon_min = 600
[services.advice]
arrivals_per_hour = 6
service_time = {kind = "exponential", mean_min = 9}
[salespeople.lea]
skills = ["advice"]
"""
    case = case_of(reading.loads(text))
    kinds = lab.kinds_of(case.crew)
    desk = lab.Desk(case, 0.0, kinds, {"advice": (1,) * 40}, {"advice": (1.5,) * 40})
    shifts = [{"kind": "advice", "start_min": start, "end_min": start + 240} for start in (0, 300, 320)]
    assert [s["name"] for s in lab.named(desk, shifts)] == ["+1", "lea", "lea"]  # presence drawn by hand: who is free
    assert [s["name"] for s in lab.named(desk, shifts, once=True)] == ["+1", "+2", "lea"]


async def test_the_lab_is_bounded() -> None:
    import threading

    gate, made = threading.Event(), runs.Runs()

    def work(_: object, run: runs.Run) -> runs.Result:
        gate.wait(20)
        run.told(1)
        return {}

    try:
        for k in range(runs.RUNNING_MAX + runs.WAITING_MAX):
            made.start(f"run{k}", ("volt", f"person{k}"), 1, work)
        with pytest.raises(runs.TooManyRuns):
            made.start("one too many", ("volt", "somebody"), 1, work)
        made.start("instead", ("volt", "person0"), 1, work)  # one's own is given up for it
    finally:
        gate.set()
        await made.close()
    assert made.find("run1", ("volt", "somebody else")) is None
