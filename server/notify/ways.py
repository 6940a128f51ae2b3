"""The two ways out: web push to the browser (VAPID, RFC 8291), and SMS or e-mail through Apprise.

Both libraries are optional (extras ``push`` and ``notify``) and wait for the network, so they run in threads of their own.
A push goes only to the push services of browsers: the address comes from outside and must not lead elsewhere.
"""

import asyncio
import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit

from server.notify.ladder import WAY_S, How, Note

TTL_S: Final = 600  # a push that could not be shown within this is no use any more
THREADS: Final = 8
GONE: Final = (404, 410)
SERVICES: Final = (
    "fcm.googleapis.com", "updates.push.services.mozilla.com", "push.services.mozilla.com", "web.push.apple.com",
    "notify.windows.com",
)  # fmt: skip

_threads = ThreadPoolExecutor(THREADS, "notify")


def is_push_service(endpoint: str, hosts: tuple[str, ...] = SERVICES) -> bool:
    """Whether an endpoint is at one of these services: https and its host, or a host below it."""
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" and any(host == known or host.endswith(f".{known}") for known in hosts)


class WebPush:
    """The browser's own push service."""

    name = "push"

    def __init__(self, key: str, contact: str) -> None:
        """``key``: the VAPID private key (base64url, raw); ``contact``: mailto: or https: of who runs this server."""
        import pywebpush  # at the start: it takes a second, and a server without it must say so then

        self._key, self._contact, self._library = key, contact, pywebpush

    async def send(self, to: str, note: Note) -> How:
        """Encrypt and post; ``to`` is the subscription as JSON."""
        return await asyncio.get_running_loop().run_in_executor(_threads, self._post, json.loads(to), note)

    def _post(self, subscription: dict[str, Any], note: Note) -> How:
        data = json.dumps({"title": note.title, "body": note.body, "tag": note.rung.partition("/")[0], "url": note.url})
        headers = {"Urgency": "high", "Topic": re.sub(r"[^a-z0-9]", "-", note.rung)}
        claims: dict[str, str | int] = {"sub": self._contact}
        try:
            self._library.webpush(
                subscription, data, vapid_private_key=self._key, vapid_claims=claims, ttl=TTL_S, timeout=WAY_S, headers=headers
            )
        except self._library.WebPushException as trouble:
            status = trouble.response.status_code if trouble.response is not None else 0
            return How.GONE if status in GONE else How.FAILED
        return How.SENT


class Message:
    """SMS or e-mail: an Apprise address with ``{to}`` in it, such as ``twilio://sid:token@+33700000000/{to}``."""

    name = "message"

    def __init__(self, sms: str | None, mail: str | None) -> None:
        self._sms, self._mail = sms, mail

    def can(self, address: str) -> bool:
        """Whether such an address can be written to here."""
        return bool(self._mail if "@" in address else self._sms)

    async def send(self, to: str, note: Note) -> How:
        """One message, without anything that is not about this turn."""
        return await asyncio.get_running_loop().run_in_executor(_threads, self._notify, to, note)

    def _notify(self, to: str, note: Note) -> How:
        from apprise import Apprise
        from apprise.attachment.memory import AttachMemory

        template = self._mail if "@" in to else self._sms
        sender = Apprise()
        ready = bool(template) and sender.add((template or "").replace("{to}", quote(to, safe="+@")))
        mail, attached = "@" in to, cast("Any", AttachMemory)  # published without types
        attach = [attached(note.calendar, name="rendez-vous.ics", mimetype="text/calendar")] if mail and note.calendar else None
        said = sender.notify(body=note.body, title=note.title if mail else "", body_format="text", attach=attach) if ready else False
        return How.SENT if said else How.FAILED


def public_key(private: str) -> str:
    """The VAPID public key that browsers subscribe with (base64url of the uncompressed point)."""
    import pywebpush

    point = pywebpush.Vapid.from_raw(private.encode()).public_key.public_numbers()
    raw = b"\x04" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
