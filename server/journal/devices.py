"""Enrolled devices, the codes that enrol them, and wrong PINs: small tables of the web's doors. Hashes only."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session as Tables

from server.journal.port import Journal
from server.journal.tables import Device as DeviceRow
from server.journal.tables import EnrolmentRow, PinTryRow, col, delete, select

LONGEST_LIFE_S = 86_400.0  # no code is good for longer: one that ends so much before a new one has ended


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled kiosk, board, printer or staff tablet; ``profile`` says which routes it may use."""

    id: str
    store: str
    profile: str
    name: str
    token_hash: str
    created_at: float
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a code is good for, until when."""

    code_hash: str
    store: str
    profile: str
    name: str
    expires_at: float


class Registry:
    """The tables. Every method may raise StorageTrouble."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def put_enrolment(self, enrolment: Enrolment) -> None:
        """Keep a code; codes whose time is over, and an older one for the same place, are forgotten."""

        def write(tables: Tables) -> None:
            same = (
                col(EnrolmentRow.store) == enrolment.store,
                col(EnrolmentRow.profile) == enrolment.profile,
                col(EnrolmentRow.name) == enrolment.name,
            )
            tables.execute(delete(EnrolmentRow).where(*same))
            tables.execute(delete(EnrolmentRow).where(col(EnrolmentRow.expires_at) < enrolment.expires_at - LONGEST_LIFE_S))
            tables.add(EnrolmentRow(**asdict(enrolment)))

        await self._journal.write(write)

    async def enrolment(self, code_hash: str) -> Enrolment | None:
        """What this code is for, its time over or not: the caller judges."""

        def ask(tables: Tables) -> Enrolment | None:
            r = tables.get(EnrolmentRow, code_hash)
            return Enrolment(r.code_hash, r.store, r.profile, r.name, r.expires_at) if r else None

        return await self._journal.read(ask)

    async def redeem(self, code_hash: str, device: Device) -> bool:
        """Spend the code for this device, both or neither; False if somebody was faster. Old codes go too."""

        def write(tables: Tables) -> bool:
            row = tables.get(EnrolmentRow, code_hash, with_for_update=True)
            if row is None:
                return False
            tables.delete(row)
            tables.execute(delete(EnrolmentRow).where(col(EnrolmentRow.expires_at) < device.created_at))
            tables.add(DeviceRow(**asdict(device)))
            return True

        return await self._journal.write(write)

    async def take(self, code_hash: str) -> Enrolment | None:
        """What this code was kept for, spent; None if somebody was faster, or it is none."""

        def write(tables: Tables) -> Enrolment | None:
            r = tables.get(EnrolmentRow, code_hash, with_for_update=True)
            if r is None:
                return None
            tables.delete(r)
            return Enrolment(r.code_hash, r.store, r.profile, r.name, r.expires_at)

        return await self._journal.write(write)

    async def device(self, token_hash: str) -> Device | None:
        """The device with this token's hash, revoked or not: the caller judges."""

        def ask(tables: Tables) -> Device | None:
            r = tables.scalar(select(DeviceRow).where(col(DeviceRow.token_hash) == token_hash))
            return _device(r) if r else None

        return await self._journal.read(ask)

    async def devices(self, store: str) -> list[Device]:
        """Every device of a store, revoked ones too, newest first."""

        def ask(tables: Tables) -> list[Device]:
            wanted = select(DeviceRow).where(col(DeviceRow.store) == store).order_by(col(DeviceRow.created_at).desc())
            return [_device(r) for r in tables.scalars(wanted)]

        return await self._journal.read(ask)

    async def revoke(self, store: str, id: str, now: float) -> bool:
        """From now on this device is nobody; False if the store has no such device."""

        def write(tables: Tables) -> bool:
            row = tables.get(DeviceRow, id)
            if row is None or row.store != store:
                return False
            row.revoked_at = row.revoked_at or now
            tables.add(row)
            return True

        return await self._journal.write(write)

    async def revoked(self, ids: Sequence[str]) -> set[str]:
        """Those of these devices that are revoked, or gone."""

        def ask(tables: Tables) -> set[str]:
            good = tables.scalars(select(DeviceRow.id).where(col(DeviceRow.id).in_(ids), col(DeviceRow.revoked_at).is_(None)))
            return set(ids) - set(good)

        return await self._journal.read(ask)

    async def count_try(self, store: str, person: str, now: float, locks: Sequence[float]) -> float:
        """Write down one more try of a PIN before it is looked at; 0.0, or for how many seconds the account is locked.

        ``locks[n]`` is how long the (n+1)-th try in a row locks the account if it is wrong; the last one counts for
        all further ones. A right PIN takes the tries back (``forgive``), so none is lost to a restart or to haste.
        """

        def write(tables: Tables) -> float:
            row = tables.get(PinTryRow, (store, person), with_for_update=True)
            row = row or PinTryRow(store=store, person=person, wrong=0, locked_until=0.0)
            if row.locked_until > now:
                return row.locked_until - now
            row.wrong += 1
            row.locked_until = now + locks[min(row.wrong, len(locks)) - 1]
            tables.add(row)
            return 0.0

        return await self._journal.write(write)

    async def forgive(self, store: str, person: str) -> None:
        """The PIN was right, or is new: earlier tries do not count any more."""
        same = (col(PinTryRow.store) == store, col(PinTryRow.person) == person)
        await self._journal.write(lambda tables: _none(tables.execute(delete(PinTryRow).where(*same))))


def _device(r: DeviceRow) -> Device:
    return Device(r.id, r.store, r.profile, r.name, r.token_hash, r.created_at, r.revoked_at)


def _none(_: object) -> None:
    return None
