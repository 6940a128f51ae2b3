"""The agent on a kiosk's own machine: the kiosk's page asks it, over loopback, to print a slip or how the printer is.

``python -m kiosk.printer tcp://192.0.2.7:9100 --origin https://queue.example.org``. It answers one page only, the one
of ``--origin``, and prints nothing but slips. A printer in trouble is an answer, not an error: the kiosk tells staff.
"""

import json
import logging
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from pydantic import ValidationError

from kiosk.printer.device import Printer, State
from kiosk.printer.escpos import encode
from kiosk.printer.slip import Slip

HOST: Final = "127.0.0.1"
PORT: Final = 9163  # server/web/security.py lets the kiosk's page talk to it
BODY_BYTES: Final = 16 * 1024  # texts, and a logo of 384 by 160 dots
log = logging.getLogger(__name__)


class Agent(ThreadingHTTPServer):
    """Serves one kiosk's page; one thing at a time reaches the printer."""

    daemon_threads = True

    def __init__(self, printer: Printer, origin: str, port: int = PORT) -> None:
        super().__init__((HOST, port), _Request)
        self.printer, self.origin = printer, origin.rstrip("/")
        self._one_at_a_time = threading.Lock()

    def print_slip(self, slip: Slip) -> State:
        """Print it; how the printer is."""
        with self._one_at_a_time:
            state = self.printer.print(encode(slip))
        log.info("slip %s: %s", slip.number, state)
        return state

    def state(self) -> State:
        """How the printer is."""
        with self._one_at_a_time:
            return self.printer.state()


class _Request(BaseHTTPRequestHandler):
    server: Agent
    timeout = 10

    def do_GET(self) -> None:
        """``/status``."""
        if self._foreign() or self.path != "/status":
            return self._answer(HTTPStatus.NOT_FOUND, {"state": "printer"})
        self._answer(HTTPStatus.OK, {"state": self.server.state()})

    def do_POST(self) -> None:
        """``/print``: a slip as JSON."""
        length = self.headers.get("Content-Length", "")
        if self._foreign() or self.path != "/print" or not length.isdecimal() or int(length) > BODY_BYTES:
            return self._answer(HTTPStatus.BAD_REQUEST, {"state": "printer"})
        try:
            slip = Slip.model_validate_json(self.rfile.read(int(length)))
        except ValidationError as trouble:
            return self._answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"state": "printer", "problem": trouble.errors()[0]["msg"]})
        self._answer(HTTPStatus.OK, {"state": self.server.print_slip(slip)})

    def do_OPTIONS(self) -> None:
        """A browser asks first whether this page may talk to this machine."""
        self._answer(HTTPStatus.FORBIDDEN if self._foreign() else HTTPStatus.OK, {})

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was printed is logged, who asked for the state is not."""

    def _foreign(self) -> bool:
        return self.headers.get("Origin") != self.server.origin

    def _answer(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (
            ("Content-Type", "application/json"), ("Content-Length", str(len(data))), ("Cache-Control", "no-store"), ("Vary", "Origin"),
            ("Access-Control-Allow-Origin", self.server.origin), ("Access-Control-Allow-Methods", "GET, POST"),
            ("Access-Control-Allow-Headers", "Content-Type"), ("Access-Control-Allow-Private-Network", "true"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
