"""The slip: byte for byte on a printer, the same on SVG and PDF; trouble is told, never raised."""

import base64
import re
import threading
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest
from pydantic import ValidationError

from kiosk.printer.agent import Agent
from kiosk.printer.device import Printer
from kiosk.printer.drawing import pdf, svg
from kiosk.printer.slip import Line, Slip, layout, picture
from tests.faces.paper import Paper

ORIGIN = "http://store.example"
SLIP = {
    "store": "Électro République", "number": "C-042", "service": "Conseil ordinateurs", "wait": "Attente : 6 à 11 minutes", "at": "15:42",
    "url": "https://queue.example/t/#abc-DEF_123", "lines": ["Scannez pour suivre votre tour.", "Votre numéro est affiché."],
}  # fmt: skip


@pytest.fixture
def paper() -> Iterator[Paper]:
    printer = Paper()
    yield printer
    assert printer.rubbish == []


@pytest.fixture
def agent(paper: Paper) -> Iterator[Agent]:
    running = Agent(Printer(paper.address), ORIGIN, port=0)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def ask(agent: Agent, method: str, path: str, origin: str = ORIGIN, **more: Any) -> httpx2.Response:
    address = f"http://127.0.0.1:{agent.server_address[1]}{path}"
    return httpx2.request(method, address, headers={"Origin": origin}, trust_env=False, timeout=10, **more)


def texts(slip: Slip) -> list[str]:
    return [item.text for item in layout(slip) if isinstance(item, Line)]


def test_the_printer_gets_the_layout_byte_for_byte(agent: Agent, paper: Paper) -> None:
    assert ask(agent, "POST", "/print", json=SLIP).json() == {"state": "ok"}
    (sheet,) = paper.sheets
    assert [line[0] for line in sheet.lines if set(line[0]) != {"-"}] == texts(Slip.model_validate(SLIP))
    assert ("C-042", 5, True) in sheet.lines
    assert sheet.codes == [SLIP["url"]]


def test_no_paper_and_no_printer_are_answers(agent: Agent, paper: Paper) -> None:
    paper.has_paper = False
    assert ask(agent, "POST", "/print", json=SLIP).json() == {"state": "paper"}
    assert ask(agent, "GET", "/status").json() == {"state": "paper"}
    assert paper.sheets == []
    paper.has_paper = True
    assert ask(agent, "POST", "/print", json=SLIP).json() == {"state": "ok"}
    paper.unplug()
    assert ask(agent, "POST", "/print", json=SLIP).json() == {"state": "printer"}


def test_a_silent_printer_and_a_wrong_device_are_in_trouble(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.printer.device.PATIENCE_S", 0.2)
    paper.answers = False
    assert Printer(paper.address).state() == "printer"
    assert Printer("/no/such/device").print(b"x") == "printer"
    with pytest.raises(ValueError, match="neither"):
        Printer("ftp://x")


def test_only_the_kiosks_own_page_may_print(agent: Agent, paper: Paper) -> None:
    assert ask(agent, "POST", "/print", "http://evil.example", json=SLIP).status_code == 400
    assert ask(agent, "OPTIONS", "/print", "http://evil.example").status_code == 403
    assert ask(agent, "OPTIONS", "/print").headers["Access-Control-Allow-Origin"] == ORIGIN
    assert ask(agent, "POST", "/print", content=b"x" * 17_000).status_code == 400
    assert ask(agent, "POST", "/print", json={**SLIP, "number": "\x1b@"}).status_code == 422
    assert paper.sheets == []


@pytest.mark.parametrize("wrong", [{"store": "a\x1bm"}, {"lines": ["x"] * 5}, {"url": "javascript:1"}, {"number": "hello"}, {"extra": 1}])
def test_nothing_in_a_slip_can_command_the_printer(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Slip.model_validate({**SLIP, **wrong})


def test_svg_and_pdf_show_the_same_in_the_same_order() -> None:
    slip = Slip.model_validate(SLIP)
    drawn = [element.text for element in ElementTree.fromstring(svg(slip)).iter("{http://www.w3.org/2000/svg}text")]
    written = [text.decode("cp1252") for text in re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", pdf(slip))]
    assert drawn == texts(slip) == written
    assert pdf(slip).startswith(b"%PDF-1.4")
    assert b" re" in pdf(slip)


def test_a_language_the_printer_cannot_write_keeps_number_and_code(agent: Agent, paper: Paper) -> None:
    slip = {**SLIP, "language": "ar", "service": "استشارة", "wait": "", "lines": ["امسح الرمز"]}
    assert ask(agent, "POST", "/print", json=slip).json() == {"state": "ok"}
    assert "C-042" in [line[0] for line in paper.sheets[0].lines]
    assert paper.sheets[0].codes == [SLIP["url"]]
    assert 'direction="rtl"' in svg(Slip.model_validate(slip))


LOGO = b"P4\n16 2\n\xff\x00\x00\xff"


def logo(pbm: bytes) -> dict[str, object]:
    return {**SLIP, "logo": base64.b64encode(pbm).decode()}


def test_the_logo_is_printed_first_and_drawn(agent: Agent, paper: Paper) -> None:
    assert ask(agent, "POST", "/print", json=logo(LOGO)).json() == {"state": "ok"}
    assert paper.sheets[0].picture == 4
    slip = Slip.model_validate(logo(LOGO))
    (image,) = ElementTree.fromstring(svg(slip)).iter("{http://www.w3.org/2000/svg}image")
    assert image.attrib["href"].startswith("data:image/png;base64,")
    assert b"/W 16 /H 2 /IM true /F /AHx ID 00ffff00> EI" in pdf(slip)


@pytest.mark.parametrize("pbm", [b"GIF89a", b"P4\n16 2\n\xff", b"P4\n999 2\n" + bytes(250), b"P4\n0 2\n"])
def test_a_logo_is_a_black_and_white_picture_that_fits(pbm: bytes) -> None:
    with pytest.raises(ValueError, match="PBM"):
        picture(base64.b64encode(pbm).decode())
    with pytest.raises(ValidationError):
        Slip.model_validate(logo(pbm))
