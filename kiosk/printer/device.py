"""The printer at the end of a cable: a network address (``tcp://host:9100``) or a device file (``/dev/usb/lp0``)."""

import os
import select
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Final, Literal, Protocol
from urllib.parse import urlsplit

from kiosk.printer.escpos import ASK_PAPER, PAPER_END

State = Literal["ok", "paper", "printer"]
"""Ready; out of paper; not there, or silent."""

PATIENCE_S: Final = 2.0  # for connecting, for writing a slip, and for the answer about the paper


class Printer:
    """Prints bytes, and tells how the printer is. Each time it is opened anew, so that a cable put back works."""

    def __init__(self, address: str) -> None:
        """ValueError when ``address`` is neither ``tcp://host[:port]`` nor a path."""
        parts = urlsplit(address)
        if parts.scheme == "tcp" and parts.hostname:
            host, port = parts.hostname, parts.port or 9100
            self._open: Callable[[], _Wire] = lambda: _Network(host, port)
        elif address.startswith("/"):
            self._open = lambda: _File(address)
        else:
            raise ValueError(f"{address!r} is neither tcp://HOST:PORT nor the path of a device")

    def print(self, data: bytes) -> State:
        """Print, unless the printer says that it cannot; how it is afterwards. "ok" means that it has taken everything."""
        return self._with(data)

    def state(self) -> State:
        """How the printer is."""
        return self._with(b"")

    def _with(self, data: bytes) -> State:
        try:
            with closing(self._open()) as wire:
                before = _paper(wire)
                if not data or before != "ok":
                    return before
                wire.write(data)
                return _paper(wire)
        except OSError:
            return "printer"


class _Wire(Protocol):
    """Bytes out and bytes in; OSError when there is nobody."""

    def write(self, data: bytes) -> None: ...

    def read(self) -> bytes: ...

    def close(self) -> None: ...


class _Network:
    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), PATIENCE_S)

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read(self) -> bytes:
        return self._socket.recv(1)

    def close(self) -> None:
        self._socket.close()


class _File:
    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            if not select.select([], [self._file], [], PATIENCE_S)[1]:
                raise TimeoutError
            rest = rest[os.write(self._file, rest) :]

    def read(self) -> bytes:
        return os.read(self._file, 1) if select.select([self._file], [], [], PATIENCE_S)[0] else b""

    def close(self) -> None:
        os.close(self._file)


def _paper(wire: _Wire) -> State:
    wire.write(ASK_PAPER)
    told = wire.read()
    if not told:
        return "printer"
    return "paper" if told[0] & PAPER_END else "ok"
