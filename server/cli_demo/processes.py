"""Children that are always ended, and ports that are really free."""

import contextlib
import ctypes
import signal
import socket
import subprocess
import sys

from server.live.listener import is_everywhere

DEFAULT_PORT = 8080
END_WITHIN_S = 8.0
LOOK_EVERY_S = 0.2
PR_SET_PDEATHSIG = 1


class Trouble(Exception):
    """The demonstration cannot go on; the message is one sentence for the user."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


def end_with_parent() -> None:
    """Run in a child before its program: on Linux the kernel ends it when we are killed without a chance to do so."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(child: "subprocess.Popen[bytes]") -> None:
    """Ask the child to stop, and make it stop when it does not."""
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(END_WITHIN_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def answers(url: str) -> bool:
    """Whether this address answers with success."""
    import httpx2  # heavy: not for --help

    try:
        return httpx2.get(url, timeout=2, trust_env=False).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False


def default_port(host: str) -> int:
    """The usual port, or a free one when it is taken."""
    return DEFAULT_PORT if _is_free(host, DEFAULT_PORT) else _free_port(host)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def must_be_free(host: str, port: int) -> None:
    """Raises Trouble when this port cannot be listened on."""
    if not _is_free(host, port):
        raise Trouble(f"port {port} of {host} is taken or not ours; choose another with --port", 2)


def reachable(host: str) -> str:
    """The address others reach this machine at when it listens on all of them (no packet is sent to find out)."""
    if not is_everywhere(host):
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
