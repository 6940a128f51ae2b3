"""A receipt printer made of bytes: it understands what ours sends, refuses anything else, and can run out of paper.

It listens on a port as network printers do. Every command is read byte by byte; an unknown one is an error, because
a real printer would print it as rubbish.
"""

import socket
import threading
from dataclasses import dataclass, field

PAPER_IN, PAPER_OUT = b"\x12", b"\x72"


@dataclass
class Sheet:
    """One slip that fell out: (text, size, bold) lines, QR codes, and how many bytes of picture."""

    lines: list[tuple[str, int, bool]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    picture: int = 0


class Paper:
    """The printer. ``sheets`` are what it printed; turn ``has_paper`` or ``answers`` off to see what happens."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.rubbish: list[str] = []
        self.has_paper = True
        self.answers = True
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def unplug(self) -> None:
        """Nobody listens any more."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                self._read(_Bytes(line))

    def _read(self, data: "_Bytes") -> None:
        sheet, text, size, bold, qr = Sheet(), b"", 1, False, b""
        while byte := data.take(1):
            if byte == b"\n":
                if text:
                    sheet.lines.append((text.decode("cp1252"), size, bold))
                text = b""
            elif byte >= b" ":
                text += byte
            elif (command := byte + data.take(1)) == b"\x10\x04":
                assert data.take(1) == b"\x04"
                if self.answers:
                    data.answer(PAPER_IN if self.has_paper else PAPER_OUT)
            elif command == b"\x1b@":
                sheet, text, size, bold = Sheet(), b"", 1, False
            elif command in (b"\x1bt", b"\x1ba"):
                data.take(1)
            elif command == b"\x1bE":
                bold = data.take(1) == b"\x01"
            elif command == b"\x1d!":
                size = (data.take(1)[0] & 7) + 1
            elif command == b"\x1d(":
                assert data.take(1) == b"k"
                body = data.take(int.from_bytes(data.take(2), "little"))
                qr = body[3:] if body[:3] == b"\x31\x50\x30" else qr
                if body == b"\x31\x51\x30":
                    sheet.codes.append(qr.decode())
            elif command == b"\x1dv":
                assert data.take(2) == b"0\x00"
                across, down = int.from_bytes(data.take(2), "little"), int.from_bytes(data.take(2), "little")
                sheet.picture += len(data.take(across * down))
            elif command == b"\x1dV":
                data.take(2)
                self.sheets.append(sheet)
                sheet = Sheet()
            else:
                self.rubbish.append(command.hex())


class _Bytes:
    """The bytes of a connection, one after the other."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def take(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            try:
                more = self._line.recv(count - len(found))
            except OSError:
                return b""
            if not more:
                return b""
            found += more
        return found

    def answer(self, byte: bytes) -> None:
        self._line.sendall(byte)
