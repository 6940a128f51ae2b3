"""An offer reaches the salesperson's own browsers while it stands, and a browser that is gone is forgotten."""

import asyncio
import json

from starlette.testclient import TestClient

from server.journal import staff_pushes
from server.journal.port import Journal
from server.notify.ladder import How, Note
from server.notify.offers import OfferPush
from server.rules.effects import OfferPing
from server.web import i18n
from tests.web.conftest import API, OURS, STORE, HandClock, is_problem, on_duty, state_of, uid

KEYS = {"p256dh": "B" + "A" * 86, "auth": "A" * 22}
PUSH = {"endpoint": "https://fcm.googleapis.com/fcm/send/abc", "keys": KEYS}


class Post:
    """A push service that writes down what it gets."""

    def __init__(self, how: How = How.SENT) -> None:
        self.how, self.sent = how, list[tuple[str, Note]]()

    async def send(self, to: str, note: Note) -> How:
        """As ``WebPush.send``."""
        self.sent.append((to, note))
        return self.how


def _ping(expires_at: float) -> OfferPing:
    return OfferPing("t", "lea", expires_at)


async def _delivered(journal: Journal, how: How, expires_at: float) -> Post:
    post = Post(how)
    await OfferPush(journal, HandClock(), post, i18n.t).deliver("volt", "k", _ping(expires_at))
    return post


async def test_an_offer_is_told_while_it_stands_and_to_nobody_else(journal: Journal) -> None:
    await staff_pushes.put(journal, "volt", "lea", json.dumps(PUSH))
    await staff_pushes.put(journal, "volt", "karim", json.dumps({**PUSH, "endpoint": "https://fcm.googleapis.com/other"}))
    now = HandClock().now()
    (told,) = (await _delivered(journal, How.SENT, now + 12)).sent
    assert told[1].url == "/staff"
    assert json.loads(told[0])["endpoint"] == PUSH["endpoint"]
    assert (await _delivered(journal, How.SENT, now)).sent == [], "the offer is over"
    await _delivered(journal, How.GONE, now + 12)
    assert await staff_pushes.of(journal, "volt", ["lea"]) == [], "the browser is gone"


async def test_an_offer_speaks_the_language_of_the_page_where_it_was_asked_for(journal: Journal) -> None:
    await staff_pushes.put(journal, "volt", "lea", json.dumps({**PUSH, "language": "de"}))
    (told,) = (await _delivered(journal, How.SENT, HandClock().now() + 12)).sent
    assert (told[1].title, told[1].body) == (i18n.t("de", "notify.offer_title"), i18n.t("de", "notify.offer"))
    assert told[1].title != i18n.t("fr", "notify.offer_title")


async def test_somebody_has_a_few_browsers_at_most(journal: Journal) -> None:
    for n in range(staff_pushes.PER_PERSON + 3):
        await staff_pushes.put(journal, "volt", "lea", json.dumps({**PUSH, "endpoint": f"https://fcm.googleapis.com/{n}"}))
        await asyncio.sleep(0)
    assert len(await staff_pushes.of(journal, "volt")) == staff_pushes.PER_PERSON


def test_a_browser_is_kept_and_forgotten_for_its_own_person(client: TestClient) -> None:
    on_duty(client)
    assert client.get(f"{API}/staff/push").json() == {"push_key": None}
    ask = {"id": uid(), "push": PUSH}
    assert client.post(f"{API}/staff/push", json=ask, headers={**OURS, "Accept-Language": "en-GB"}).json() == {"kept": ["push"]}
    assert client.portal is not None
    (kept,) = client.portal.call(staff_pushes.of, state_of(client).house.live.journal, STORE)
    assert staff_pushes.language_of(kept[1], "fr") == "en", "of the browser that asks"
    assert client.post(f"{API}/staff/push", json={**ask, "forget": True}, headers=OURS).json() == {"kept": []}
    bad = {**ask, "push": {**PUSH, "endpoint": "https://example.org/x"}}
    is_problem(client.post(f"{API}/staff/push", json=bad, headers=OURS), 422, "bad_field")
