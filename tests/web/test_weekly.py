"""The week by e-mail: once, in sentences whose shares add up, through a mail server of the test's own."""

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.testclient import TestClient

from server.app import build_app
from server.live.stores import parse_store
from server.reports.report import report
from server.reports.visits import Balked, Period
from server.settings import Settings
from server.web.weekly import tenths, text_of
from tests.web.conftest import API, TABLE, HandClock, bearer, join, on_duty, state_of, tap, uid

DAY_S = 86_400.0
TO = "chef@magasin.example"


class Mailbox:
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.got: list[tuple[list[str], Any]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # the library's name
        self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.original_content or b"", policy=default)))
        return "250 kept"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def client(settings: Settings, clock: HandClock, mailbox: tuple[Mailbox, int]) -> Iterator[TestClient]:
    url = f"mailto://127.0.0.1:{mailbox[1]}?from=avous@magasin.example&to={{to}}&mode=insecure"
    sending = Settings(**{**settings.model_dump(), "mail_url": url})
    config = parse_store({**TABLE, "languages": ["en", "fr"], "weekly": {"mail": [TO, "second@magasin.example"]}})
    with TestClient(build_app(sending, [config], clock), raise_server_exceptions=False) as client:
        yield client


def look(client: TestClient) -> None:
    assert client.portal is not None
    client.portal.call(state_of(client).weekly.look)


def served(client: TestClient, clock: HandClock) -> None:
    ticket = join(client)
    assert tap(client, "next").status_code == 200
    assert tap(client, "start", ticket=ticket["id"]).status_code == 200
    clock.at += 240
    assert tap(client, "finish", ticket=ticket["id"]).status_code == 200


@pytest.mark.filterwarnings("ignore:.*imghdr:DeprecationWarning")  # a library of Apprise's
def test_the_week_is_told_once_on_monday(client: TestClient, clock: HandClock, mailbox: tuple[Mailbox, int]) -> None:
    on_duty(client)
    for _ in range(3):
        served(client, clock)
    gone = join(client)
    client.post("/api/v1/ticket/leave", json={"id": uid()}, headers=bearer(gone["token"]))
    client.post(f"{API}/balks", json={"id": uid(), "service": "advice"})
    box, _ = mailbox
    clock.at += 2 * DAY_S - 7 * 3600  # Monday, a quarter past six in the morning
    look(client)
    assert [mail for _, mail in box.got if "16/11" in mail["Subject"]] == []  # not before seven
    clock.at += 6 * 3600
    for _ in range(3):
        look(client)
    week = [(to, mail) for to, mail in box.got if "16/11 – 22/11/2026" in mail["Subject"]]
    assert [to for to, _ in week] == [[TO], ["second@magasin.example"]]
    assert week[0][1].get_content_type() == "text/plain", "nothing of it is read as HTML"
    text = week[0][1].get_content()
    assert "  answered: 3 (60.0%)" in text.splitlines(), "a line is a line"
    assert "/manager/reports" not in text, "a link that leads nowhere where nobody said how the server is reached"
    assert "5 shoppers came (0 the week before)" in text
    assert "answered: 3 (60.0%)" in text
    assert "Unanswered: 40.0%" in text
    shares = [float(share) for share in re.findall(r": \d+ \(([\d.]+)%\)", text)]
    assert sum(shares) == pytest.approx(100.0, abs=1e-9)
    assert "Léa" not in text


@pytest.mark.parametrize("counts", [(1, 1, 1), (7, 11, 13, 0, 3), (0, 0), (1,), (999, 1, 1, 1, 1)])
def test_shares_add_up_to_a_hundred(counts: tuple[int, ...]) -> None:
    given = tenths({str(n): count for n, count in enumerate(counts)})
    assert sum(given.values()) == (1000 if sum(counts) else 0)
    assert all(abs(given[str(n)] - 1000 * count / max(1, sum(counts))) < 1 for n, count in enumerate(counts))


def test_french_numbers_have_a_comma() -> None:
    balked = tuple(Balked("2026-11-20", 1_795_190_400.0, service) for service in ("advice", "advice", "payment"))
    week = report(Period("Europe/Paris", ("2026-11-20",), (), balked))
    text = text_of(week, week, {"advice": "Conseil", "payment": "Paiement"}, "fr")
    assert "sans ticket\u00a0: 3 (100,0\u00a0%)" in text
    assert "  Paiement\u00a0: 1 client, sans réponse 100,0\u00a0%" in text
    assert "{" not in text
