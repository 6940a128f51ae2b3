"""A connection of the load generator is a person: told to come back later, it does, and others come on their own."""

import asyncio

from server.bench.http import Wires


async def test_a_connection_told_to_come_back_later_rests_and_is_used_again() -> None:
    connections = list[int]()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = len(set(connections))
        while (await reader.read(4096)).endswith(b"{}"):  # a request comes in one piece here
            connections.append(me)
            busy = len(connections) == 1
            body = b'{"retry_after_s":0.3}' if busy else b"{}"
            writer.write(b"HTTP/1.1 %d .\r\ncontent-length: %d\r\n\r\n" % (503 if busy else 200, len(body)) + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    wires = Wires(server.sockets[0].getsockname()[1])
    try:
        assert (await wires.post("/", {})).status == 503
        assert [(await wires.post("/", {})).status for _ in range(3)] == [200] * 3
        assert connections == [0, 1, 1, 1]
        await asyncio.sleep(0.4)
        await asyncio.gather(wires.post("/", {}), wires.post("/", {}))
        assert sorted(connections[4:]) == [0, 1]
    finally:
        wires.close()
        server.close()
