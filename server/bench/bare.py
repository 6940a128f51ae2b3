"""The limit of this machine for showing things: a bare ``websockets`` server that sends the same bytes to as many sockets.

It knows no stores: a control connection names a group of sockets and a size, and the message goes out, through the
library's own ``broadcast`` or as one frame written on every transport. ``python -m server.bench.bare PORT``.
"""

import asyncio
import json
import sys
from collections import defaultdict
from pathlib import Path

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.frames import Frame, Opcode

from server.bench.phones import TEXT, Phone, address_of, dial
from server.bench.process import Served, free_port

GROUPS: dict[str, set[ServerConnection]] = defaultdict(set)


async def attend(connection: ServerConnection) -> None:
    """A phone says its group and listens; a control says what to send to whom."""
    async for message in connection:
        said = json.loads(message)
        if "join" in said:
            GROUPS[said["join"]].add(connection)
            await connection.send('{"seq":0,"joined":true}')
        else:
            _show(said["group"], said["seq"], said["bytes"], writes=said["writes"])


def _show(group: str, seq: int, size: int, *, writes: bool) -> None:
    head = f'{{"seq":{seq},"at":"'
    text = head + "x" * (size - len(head) - 2) + '"}'
    if not writes:
        broadcast(GROUPS[group], text)
        return
    frame = Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
    for connection in GROUPS[group]:
        connection.transport.write(frame)


async def run(port: int) -> None:
    """Serve until killed."""
    async with serve(attend, "127.0.0.1", port, compression=None, ping_interval=None, backlog=2048):
        await asyncio.Event().wait()


class Bare:
    """The bare server's child process, and the control of it."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.served = Served([sys.executable, "-m", "server.bench.bare", str(port)], port, folder)
        self.control: Phone | None = None
        self.seq = 0

    async def start(self) -> None:
        """Start it and take the control."""
        await self.served.start()
        self.control = await dial(self.served.port, Phone("/", b'{"join":"control"}', lambda phone, message, now: None))

    async def join(self, phone: Phone, number: int) -> None:
        """Connect a phone whose hello names its group."""
        await dial(self.served.port, phone, address_of(number))

    def show(self, group: str, size: int, *, writes: bool = False) -> int:
        """Have ``size`` bytes sent to everybody in the group; the seq of that message."""
        assert self.control is not None
        self.seq += 1
        self.control.say(TEXT, json.dumps({"group": group, "seq": self.seq, "bytes": size, "writes": writes}).encode())
        return self.seq

    async def stop(self) -> None:
        """End it."""
        if self.control is not None:
            self.control.cut()
        await self.served.stop()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1])))
