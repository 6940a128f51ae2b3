"""How much of anything one client may ask for: every bound of the web rooms, in one place."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

BODY_BYTES: Final = 16 * 1024  # a JSON body
SETTINGS_BYTES: Final = 256 * 1024  # a store's settings, with its logo
DOORS_BYTES: Final = 96 * 1024  # a file of door counts
BODY_S: Final = 10.0  # from the end of a request's headers to the end of its body
HEADERS_S: Final = 15.0  # from connecting, or from the first byte of a further request, to the end of the headers
HEADERS_BYTES: Final = 32 * 1024  # of a request's first line and headers together; a longer one is not read to its end
MESSAGE_BYTES: Final = 8 * 1024  # one socket message from a client
HELLO_S: Final = 5.0  # a socket that has not said hello by then is closed
MESSAGES: Final = 20  # messages a client may send on one socket ...
MESSAGES_WINDOW_S: Final = 10.0  # ... in this time
PING_S: Final = 20.0  # the server pings a socket this often ...
PING_TIMEOUT_S: Final = 16.0  # ... and gives up on one that does not answer
CLOSE_S: Final = 2.0  # a peer that does not finish closing by then is cut off
SOCKETS: Final = 16_000  # open sockets of this process
CONNECTIONS: Final = SOCKETS + 3000  # open connections of this process, sockets included; requests on others are refused
STAFF_AT_ONCE: Final = 512  # requests of staff under way at once; more are refused at once, with a time to come back
SHOPPERS_AT_ONCE: Final = 64  # the same for commands of shoppers and kiosks ...
SHOPPERS_WHEN_LATE: Final = 16  # ... and while the loop is late
VIEWS_AT_ONCE: Final = 128  # the same for everything that is only looked at ...
VIEWS_WHEN_LATE: Final = 32  # ... and while the loop is late
PULSE_S: Final = 0.025  # how often the loop's lateness is felt ...
LATE_FADES: Final = 0.9  # ... and what is left of it at the next beat
SHOPPERS_LATE_S: Final = 0.05  # a loop later than this serves fewer shoppers at a time, so that who is refused hears of it soon ...
VIEWS_LATE_S: Final = 0.15  # ... and later than this fewer viewers
PAUSE_PER_LATE: Final = 4.0  # seconds a refused connection is not read, for each second the loop is late
VERY_LATE_S: Final = 1.0  # and later than this, sockets that want to open are told to come back
BUSY_RETRY_S: Final = 1.0  # when who is refused may come back: one to two of these
SOCKETS_PER_ADDRESS: Final = 2000  # one address may be the whole store's Wi-Fi
SOCKETS_PER_TICKET: Final = 4  # windows of one phone's page; a further one takes the place of the oldest
SOCKETS_PER_PERSON: Final = 8  # the same for one of the staff
SWEEP_S: Final = 0.5  # sockets whose session or device has ended elsewhere are found this often
REMEMBERED: Final = 4096  # sessions, and devices, kept in memory ...
REMEMBERED_S: Final = 1.0  # ... for this long before the tables are asked again, so that other processes can end them
CODE_LETTERS: Final = 10  # of a code that enrols a device: 49 bits ...
CODE_S: Final = 900.0  # ... good for this long, once
SETUP_CODE_S: Final = 3600.0  # the same for the code of a store's first manager
SSO_STATE_S: Final = 600.0  # a sign-in at the company's provider has to be finished by then
SSO_S: Final = 10.0  # one request to that provider
DEVICE_COOKIE_S: Final = 400 * 86_400  # the longest that browsers keep a cookie
DRAIN_S: Final = 5  # a stopping server waits this long for answers under way
RESTART_RETRY_MS: Final = 3000  # clients of a stopping server come back after a random time up to this
PIN_TRIES: Final = 5  # wrong PINs of one account in a row before it is locked, also across restarts ...
PIN_LOCK_S: Final = 60.0  # ... for this long at first, doubling with every further one ...
PIN_LOCK_MAX_S: Final = 3600.0  # ... up to this
PIN_HASHES_AT_ONCE: Final = 2  # argon2 runs: each holds 19 MiB and a core
JOINS_WINDOW_S: Final = 60.0  # settings.joins_per_minute tickets for one address in this time
REPEATS_PER_JOIN: Final = 10  # commands sent again that one address may have answered for each join it may make
PHONE_COMMANDS: Final = 30  # commands of one ticket ...
PHONE_COMMANDS_WINDOW_S: Final = 60.0  # ... in this time
PHONE_REPEATS: Final = 120  # and of those that were sent again, without being done again
SIGN_INS_WINDOW_S: Final = 60.0  # settings.sign_ins_per_minute attempts of one address in this time
KEY_REQUESTS: Final = 600  # of one API key ...
KEY_REQUESTS_WINDOW_S: Final = 60.0  # ... in this time
REPORT_DAYS: Final = 92  # business days of one report
BUCKETS: Final = 10_000  # addresses remembered by one rate limit; the longest unseen is forgotten


@dataclass(slots=True)
class Rate:
    """At most ``count`` per ``window_s`` for each key, refilled steadily; keys are forgotten oldest first."""

    count: int
    window_s: float
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, key: str, now: float) -> float:
        """0.0 and one taken if ``key`` may go on at ``now``, else the seconds until it may."""
        left, then = self._left.pop(key, (float(self.count), now))
        left = min(float(self.count), left + max(0.0, now - then) * self.count / self.window_s)
        allowed = left >= 1.0
        self._left[key] = (left - 1.0 if allowed else left, now)
        while len(self._left) > BUCKETS:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1.0 - left) * self.window_s / self.count

    def give_back(self, key: str) -> None:
        """What was taken last for ``key`` was not used."""
        if key in self._left:
            left, then = self._left[key]
            self._left[key] = (min(float(self.count), left + 1.0), then)


@dataclass(frozen=True, slots=True)
class Toll:
    """What new commands cost, and how often a known one may be sent again, which costs nothing of that."""

    commands: Rate
    repeats: Rate

    @classmethod
    def of(cls, count: int, repeats: int, window_s: float) -> "Toll":
        """Both per key and ``window_s``."""
        return cls(Rate(count, window_s), Rate(repeats, window_s))
