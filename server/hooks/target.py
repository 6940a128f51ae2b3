"""Where a webhook may lead. The address is written by a store's manager and called by the server: it must not be a way inside.

Names are resolved at each delivery and every address looked at; the connection is made to the address that was looked
at, so that a name cannot answer differently a moment later. Redirects are not followed. An operator who wants an
internal system told names its host in the settings.
"""

import asyncio
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

PORTS: Final = {"https": 443, "http": 80}
RESOLVE_S: Final = 3.0


class Forbidden(Exception):
    """This server does not call that address; one word why."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was looked at: connect to ``url`` and speak to ``host``."""

    url: str
    host: str
    name: str


def check(url: str, trusted: Collection[str]) -> SplitResult:
    """The parts of an address that may be called, as far as its text tells. Raises Forbidden."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise Forbidden("malformed") from None
    if not host or parts.username or parts.password or parts.fragment or not url.isprintable() or port == 0:
        raise Forbidden("malformed")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in trusted):
        raise Forbidden("not_https")
    if host not in trusted and _is_address(host) and not ip_address(host).is_global:
        raise Forbidden("private")
    return parts


async def resolve(url: str, trusted: Collection[str]) -> Target:
    """The address to connect to for ``url``. Raises Forbidden, also where one of the name's addresses is not on the internet."""
    parts = check(url, trusted)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    try:
        async with asyncio.timeout(RESOLVE_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise Forbidden("unresolved") from None
    addresses = [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]
    if host not in trusted and not all(_is_public(address) for address in addresses):
        raise Forbidden("private")
    chosen = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(f"{parts.scheme}://{chosen}:{port}{path}", parts.netloc, host)


def _is_public(text: str) -> bool:
    address = ip_address(text)
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    return address.is_global and not address.is_multicast and (inner is None or inner.is_global)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
