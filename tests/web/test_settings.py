"""Settings over HTTP: looked at and changed by who may, with a history, and the first store of an empty server."""

import copy
from typing import Any

from starlette.testclient import TestClient

from server.app import build_app
from server.settings import Settings
from server.web import i18n
from tests.web.conftest import API, OURS, HandClock, is_problem, join, on_duty, sign_in, state_of, uid

SETTINGS = f"{API}/manager/settings"


def _now(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(SETTINGS).json()
    return found


def _change(client: TestClient, **values: Any) -> Any:
    found = _now(client)
    settings = copy.deepcopy(found["settings"])
    for path, value in values.items():
        *way, last = path.split("__")
        place = settings
        for step in way:
            place = place[step]
        place[last] = value
    return client.post(SETTINGS, json={"id": uid(), "after": found["version"], "settings": settings}, headers=OURS)


def test_a_change_shows_at_once_and_in_the_history_with_who_and_when(client: TestClient) -> None:
    sign_in(client, "sarah")
    assert _change(client, services__advice__labels={"fr": "Conseil photo"}, timings__offer_s=20.0).json()["version"] == 2
    assert client.get(f"{API}/views/kiosk").json()["services"][0]["labels"] == {"fr": "Conseil photo"}
    first, begun = client.get(f"{SETTINGS}/history").json()
    assert (first["by"], first["version"], begun["by"]) == ("Sarah", 2, "")
    assert {"field": "timings.offer_s", "before": None, "after": 20.0} in first["changes"]
    assert {"field": "services.advice.labels.en", "before": "Advice", "after": None} in first["changes"]


def test_a_class_of_the_stores_own_has_a_name_for_people(client: TestClient) -> None:
    sign_in(client, "sarah")
    named = {"fr": "Cliente Or", "en": "Gold"}
    assert _change(client, classes={"member": 300.0, "gold": 600.0}, class_labels={"gold": named}).status_code == 200
    assert "&#34;classes&#34;: {&#34;gold&#34;: {&#34;en&#34;: &#34;Gold&#34;" in client.get("/staff").text
    assert {"field": "class_labels.gold.en", "before": None, "after": "Gold"} in client.get(f"{SETTINGS}/history").json()[0]["changes"]
    left = is_problem(_change(client, classes={"member": 300.0}), 422, "bad_field")["facts"]
    assert (left["field"], left["reason"]) == ("class_labels.gold", "no_class")


def test_what_a_class_without_a_name_of_its_own_is_called_is_told_in_every_language_of_the_store(client: TestClient) -> None:
    sign_in(client, "sarah")
    languages = _now(client)["settings"]["languages"]
    assert _now(client)["class_names"] == {"member": {language: i18n.t(language, "staff.class_member") for language in languages}}
    assert _now(client)["class_names"]["member"]["fr"] == "Fidélité"
    assert _change(client, classes={"gold": 600.0}).json()["class_names"] == {}, "there are no words for a class of the store's own"


def test_who_works_here_changes_with_the_settings(client: TestClient) -> None:
    sign_in(client, "sarah")
    assert _change(client, salespeople__zoe={"name": "Zoé", "skills": ["payment"]}).status_code == 200
    assert {"id": "zoe", "name": "Zoé", "role": "salesperson"} in client.get(f"{API}/people").json()


def test_bad_settings_are_refused_whole_with_the_field(client: TestClient) -> None:
    sign_in(client, "sarah")
    for path, value, field in (
        ("services__advice__letter", "é", "services.advice.letter"),
        ("hours__mon", ["20:00", "08:00"], "hours.mon"),
        ("id", "autre", "id"),
        ("strange", 1, "strange"),
        ("salespeople__sarah__role", "salesperson", "salespeople"),
    ):
        assert is_problem(_change(client, **{path: value}), 422, "bad_field").get("facts", {})["field"] == field
    assert _now(client)["version"] == 1


def test_a_fault_has_a_reason_and_a_limit_that_screens_have_words_for(client: TestClient) -> None:
    sign_in(client, "sarah")
    for path, value, reason, limit in (
        ("open_max", 0, "greater_than_equal", 1),
        ("name", "", "string_too_short", 1),
        ("zone", "Mars/Olympe", "no_zone", None),
        ("hours__mon", ["20:00", "08:00"], "closes_early", None),
        ("look", {"colour": "", "logo": "data:image/gif;base64,AAAA"}, "logo_kind", None),
        ("texts", {"welcome": {"fr": "x" * 201}}, "string_too_long", 200),
        ("salespeople__sarah__role", "salesperson", "nobody_runs", None),
    ):
        facts = is_problem(_change(client, **{path: value}), 422, "bad_field")["facts"]
        assert (facts["reason"], facts.get("limit")) == (reason, limit), path
        assert has_words(reason), reason


def has_words(reason: str) -> bool:
    return i18n.t("fr", f"settings.fault_{reason}") != f"settings.fault_{reason}"


def test_texts_of_its_own_show_on_the_shoppers_screens(client: TestClient) -> None:
    sign_in(client, "sarah")
    texts = {"welcome": {"fr": "Bonjour !"}, "slip": {"fr": "À bientôt", "en": "See you"}}
    assert _change(client, texts=texts).status_code == 200
    assert client.get(API).json()["texts"] == texts


def test_what_somebody_waits_for_stays(client: TestClient) -> None:
    on_duty(client)
    join(client, service="payment")
    sign_in(client, "sarah")
    settings = _now(client)["settings"]
    people = {id: {**p, "skills": [s for s in p["skills"] if s != "payment"]} for id, p in settings["salespeople"].items()}
    refused = is_problem(_change(client, services={"advice": settings["services"]["advice"]}, salespeople=people), 422, "bad_plan")
    assert refused["facts"]["in_use"] == "payment"


def test_the_second_of_two_at_once_has_to_look_again(client: TestClient) -> None:
    sign_in(client, "sarah")
    seen = _now(client)
    one, two = copy.deepcopy(seen["settings"]), copy.deepcopy(seen["settings"])
    one["name"], two["name"] = "Un", "Deux"
    ask = {"after": seen["version"]}
    assert client.post(SETTINGS, json={"id": uid(), "settings": one, **ask}, headers=OURS).status_code == 200
    assert client.post(SETTINGS, json={"id": uid(), "settings": one, **ask}, headers=OURS).json()["version"] == 2, "sent again"
    is_problem(client.post(SETTINGS, json={"id": uid(), "settings": two, **ask}, headers=OURS), 409, "changed_meanwhile")


def test_a_salesperson_sees_and_changes_no_settings(client: TestClient) -> None:
    on_duty(client)
    is_problem(client.get(SETTINGS), 403, "not_allowed")
    is_problem(client.post(SETTINGS, json={"id": uid(), "after": 1, "settings": {}}, headers=OURS), 403, "not_allowed")


def test_an_empty_server_gets_its_first_store_from_a_code(settings: Settings, clock: HandClock) -> None:
    empty = settings.model_copy(update={"demo": False})
    with TestClient(build_app(empty, [], clock)) as client:
        code = state_of(client).setup_codes[""]
        assert client.post("/api/v1/codes", json={"code": code}, headers=OURS).json()["profile"] == "found"
        is_problem(client.post("/api/v1/device", json={"code": code}, headers=OURS), 401, "wrong_code")
        ask = {"code": code, "store_name": "Électro République", "name": "Ana", "pin": "271828", "service": "Conseil"}
        is_problem(client.post("/api/v1/found", json={**ask, "pin": "111111"}, headers=OURS), 422, "weak_pin")
        is_problem(client.post("/api/v1/found", json={**ask, "zone": "Mars/Olympe"}, headers=OURS), 422, "bad_field")
        told = client.post("/api/v1/found", json=ask, headers=OURS)
        assert told.json() == {"salesperson": "ana", "name": "Ana", "role": "admin", "store": "electro-republique"}
        assert client.get("/api/v1/stores/electro-republique/manager/settings").json()["version"] == 1
        is_problem(client.post("/api/v1/found", json=ask, headers=OURS), 401, "wrong_code")
    with TestClient(build_app(empty, [], clock)) as client:
        assert client.get("/api/v1/stores").json()["stores"][0]["name"] == "Électro République"
        assert state_of(client).setup_codes == {}
