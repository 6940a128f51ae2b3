"""Far more than a server can serve, from a process of its own: ``python -m tests.load.flood PORT SECONDS CONNECTIONS``.

Every connection sends its next request as soon as the last one is answered; three in four are commands of
shoppers, one looks at the board. Prints how often which status came.
"""

import asyncio
import json
import sys
import time
import uuid
from collections import Counter


def balk() -> bytes:
    """A command that grows nothing."""
    body = json.dumps({"id": str(uuid.uuid4()), "service": "advice"})
    return (
        "POST /api/v1/stores/volt/balks HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Avous: 1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


LOOK = b"GET /api/v1/stores/volt/views/board HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


async def answer_of(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """The next answer on a connection: status line and headers (names in small letters), body."""
    first, _, fields = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
    head = first + b"\r\n" + fields.lower()
    length = next(line[15:] for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    return head, await reader.readexactly(int(length))


async def one(port: int, until: float, seen: Counter[int]) -> None:
    """One connection, made anew when it is closed."""
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            turn = 0
            while time.monotonic() < until:
                turn += 1
                writer.write(balk() if turn % 4 else LOOK)
                head, _ = await answer_of(reader)
                seen[int(head[9:12])] += 1
                if b"connection: close" in head:
                    break
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            seen[0] += 1
            await asyncio.sleep(0.05)


async def flood(port: int, seconds: float, connections: int) -> Counter[int]:
    """How often which status came (0: no answer)."""
    seen, until = Counter[int](), time.monotonic() + seconds
    await asyncio.gather(*(one(port, until, seen) for _ in range(connections)))
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(flood(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))))
