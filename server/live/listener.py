"""The listening socket. Two settings here are worth more than any code above them.

asyncio switches Nagle's delay off only on sockets made with IPPROTO_TCP (a socket made with proto 0 keeps
it: 17 ms instead of 1 ms for a push), and without a small send buffer the kernel swallows megabytes for a
phone that has stopped reading, to replay minutes of stale views later. Accepted sockets inherit both.
"""

import ipaddress
import socket

from server.live import limits


def listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening TCP socket on ``host``:``port`` (0: any free port). Raises OSError when it is taken.

    ``shared``: other processes may listen there too, and the kernel spreads connections among them.
    """
    sock = hold(host, port, shared=shared)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.SEND_BUFFER_BYTES)
        sock.listen(limits.BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def several(sock: socket.socket) -> list[socket.socket]:
    """The listening socket and copies of it, to be served all.

    uvloop accepts one connection a turn from each, and a turn of a busy server takes a tenth of a second and more:
    whoever came late waited ten seconds outside while those inside were answered at once.
    """
    return [sock, *(sock.dup() for _ in range(limits.ACCEPTED_A_TURN - 1))]


def is_everywhere(host: str) -> bool:
    """Whether listening on ``host`` means on every address of this machine: 0.0.0.0 and ::. Names are not looked up."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def hold(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A socket that has the address and does not listen: with ``shared`` a port that stays ours while workers come and go."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock
