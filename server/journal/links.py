"""The server's own secret, and the hashes of phone links."""

import secrets

from sqlalchemy.orm import Session

from server.journal.port import Journal
from server.journal.tables import PhoneLinkRow, Secret

SECRET_BYTES = 32


async def server_secret(journal: Journal) -> bytes:
    """The key that phone tokens are made with; made when it is not there yet, the same ever after."""

    def get_or_make(session: Session) -> str:
        row = session.get(Secret, "phone")
        if row is None:
            row = Secret(name="phone", value=secrets.token_hex(SECRET_BYTES))
            session.add(row)
        return row.value

    return bytes.fromhex(await journal.write(get_or_make))


async def find(journal: Journal, token_hash: str) -> tuple[str, str, str] | None:
    """(store, day, ticket) behind the hash of a token, or None."""

    def ask(session: Session) -> tuple[str, str, str] | None:
        row = session.get(PhoneLinkRow, token_hash)
        return (row.store, row.day, row.ticket) if row else None

    return await journal.read(ask)
