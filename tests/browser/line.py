"""The line of one page to the server, in a test's hands: it can be cut, and what comes over its socket can be changed."""

import json
import re
from typing import Any, Self

from playwright.async_api import Page, WebSocketRoute


class Line:
    """Everything one page sends and hears. Set it up before the page goes to an address."""

    def __init__(self, page: Page) -> None:
        self._page, self._whole = page, True
        self._socket: WebSocketRoute | None = None
        self._last, self._changes = "", dict[str, Any]()

    @classmethod
    async def of(cls, page: Page) -> Self:
        """The line of this page."""
        line = cls(page)
        await page.route_web_socket(re.compile("/ws/"), line._opened)
        return line

    async def cut(self) -> None:
        """Nothing comes through any more, and what was open is closed without a word."""
        self._whole = False
        await self._page.context.set_offline(True)
        if self._socket is not None:
            await self._socket.close()

    async def restore(self) -> None:
        """Everything comes through again."""
        self._whole = True
        await self._page.context.set_offline(False)

    def change(self, **changes: Any) -> None:
        """From now on views come with these parts changed; the last one comes again with them. None: as the server says."""
        self._changes = changes
        if self._socket is not None and self._last:
            self._socket.send(self._changed(self._last))

    def _changed(self, message: str) -> str:
        return json.dumps({**json.loads(message), **self._changes}) if self._changes else message

    async def _opened(self, socket: WebSocketRoute) -> None:
        if not self._whole:
            return await socket.close()
        server = socket.connect_to_server()
        self._socket = socket

        def heard(message: str | bytes) -> None:
            self._last = message if isinstance(message, str) else message.decode()
            socket.send(self._changed(self._last))

        server.on_message(heard)
