"""Where the server may call. An address written by a store's manager must not be a way inside.

Names are resolved at each call and every address looked at; the connection is made to the address that was looked at, so
that a name cannot answer differently a moment later. Addresses that carry another one in them (IPv4-mapped, NAT64, 6to4,
Teredo) count as what they lead to. An operator who wants a system inside called names its host in the settings.
"""

import asyncio
import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

PORTS: Final = {"https": 443, "http": 80}
RESOLVE_S: Final = 3.0
WORLD: Final = ip_network("2000::/3")  # all that is given out of IPv6
NAT64: Final = ip_network("64:ff9b::/96")  # an IPv4 address in the last 32 bits (RFC 6052); on networks without IPv4 every name has one
NOWHERE: Final = tuple(map(ip_network, ("2002::/16", "192.88.99.0/24", "3fff::/20", "192.0.0.0/24")))
"""6to4 and its relays, which end at an IPv4 address in the middle (RFC 7526: no longer in use); documentation; protocols."""


class Forbidden(Exception):
    """This server does not call that address; one word why."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was looked at: connect to ``url`` and speak to ``host``."""

    url: str
    host: str
    name: str


def check(url: str, trusted: Collection[str], *, plain: bool = False) -> SplitResult:
    """The parts of an address that may be called, as far as its text tells; http only with ``plain``, or to ``trusted`` hosts.

    Raises Forbidden.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise Forbidden("malformed") from None
    if not host or parts.username or parts.password or parts.fragment or not url.isprintable() or port == 0:
        raise Forbidden("malformed")
    if parts.scheme != "https" and not (parts.scheme == "http" and (plain or host in trusted)):
        raise Forbidden("not_https")
    if host not in trusted and is_address(host) and not _is_public(host):
        raise Forbidden("private")
    return parts


async def resolve(url: str, trusted: Collection[str], *, plain: bool = False) -> Target:
    """The address to connect to for ``url``. Raises Forbidden, also where one of the name's addresses is not on the internet."""
    parts = check(url, trusted, plain=plain)
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


def is_address(text: str) -> bool:
    """Whether a host is written as an address, which nobody has to look up."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_public(text: str) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return _is_public(str(IPv4Address(int(address) & 0xFFFF_FFFF)))
        if address not in WORLD:
            return False
    return address.is_global and not address.is_multicast and not any(address in net for net in NOWHERE)
