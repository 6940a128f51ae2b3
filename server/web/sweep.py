"""Once in half a second: sockets whose session, device or role was ended by another process, or whose time is up, close.

One question to the tables for all sockets of the house, instead of one per socket.
"""

import asyncio
from contextlib import AbstractAsyncContextManager

from server import log
from server.background import beside
from server.journal.port import StorageTrouble
from server.web import limits
from server.web.wiring import House


def sweeping(house: House) -> AbstractAsyncContextManager[None]:
    """Look after the open sockets while this is entered."""
    return beside(_sweep(house), "sweep")


async def _sweep(house: House) -> None:
    while True:
        await asyncio.sleep(limits.SWEEP_S)
        try:
            await once(house)
        except StorageTrouble:
            continue  # who is signed in stays so while the tables are away
        except Exception as error:
            log.get().error("sweep_failed", **log.failure(error))


async def once(house: House) -> None:
    """Ask the tables about everybody who has a socket open."""
    house.hall.end_rights()
    if sessions := house.hall.sessions():
        await house.sessions.look_after(sessions)
    if (devices := house.hall.devices()) and (gone := await house.devices.registry.revoked(devices)):
        for device in gone:
            house.hall.end_device(device)
