"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "event", "day", "receipt", "outbox", "contact", "phone_link", "fact", "store", "person", "session", "device", "secret",
)  # fmt: skip


def text(name: str, *, null: bool = False, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=null, primary_key=key)


def long(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def number(name: str, *, key: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=False, primary_key=key)


def instant(name: str, *, null: bool = False) -> "sa.Column[float]":
    return sa.Column(name, sa.Float(), nullable=null)


def flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean(), nullable=False)


def upgrade() -> None:
    _journal()
    _beside()
    _people()


def _journal() -> None:
    op.create_table(
        "event", number("id", key=True), text("store"), text("day"), number("version"), long("body"),
        sa.UniqueConstraint("store", "day", "version"),
    )  # fmt: skip
    op.create_table("day", text("store", key=True), text("day", key=True), number("base"), flag("ended"))
    op.create_table(
        "receipt", number("seq", key=True), text("id"), text("store"), text("day"), text("sender"), long("command"), instant("now"),
        number("first"), number("last"), long("answer"), flag("refused"), sa.UniqueConstraint("id"),
    )  # fmt: skip
    op.create_index("ix_receipt_store_day", "receipt", ["store", "day"])
    op.create_table(
        "fact", text("store", key=True), text("day", key=True), text("ticket", key=True), number("step", key=True),
        text("number"), text("service"), text("priority"), instant("joined_at"), instant("called_at", null=True),
        instant("started_at", null=True), instant("finished_at", null=True), instant("left_at", null=True), text("outcome"),
        text("salesperson", null=True), flag("estimated"), instant("promise_s", null=True),
    )  # fmt: skip


def _beside() -> None:
    op.create_table(
        "outbox", text("key", key=True), text("store"), long("effect"), text("state"), number("tries"), instant("due_at"), text("trouble")
    )
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"])
    op.create_table("contact", text("ticket", key=True), text("store"), text("name"), text("phone"), instant("erase_at"))
    op.create_index("ix_contact_erase_at", "contact", ["erase_at"])
    op.create_table("phone_link", text("token_hash", key=True), text("store"), text("day"), text("ticket"))
    op.create_table("store", text("id", key=True), text("name"), sa.Column("config", sa.JSON(), nullable=False))


def _people() -> None:
    op.create_table("person", text("store", key=True), text("id", key=True), text("name"), text("role"), text("pin_hash", null=True))
    op.create_table(
        "session", text("token_hash", key=True), text("store"), text("person"), text("role"), instant("created_at"), instant("seen_at"),
        instant("expires_at"),
    )  # fmt: skip
    op.create_index("ix_session_store_person", "session", ["store", "person"])
    op.create_table(
        "device", text("id", key=True), text("store"), text("profile"), text("name"), text("token_hash"), instant("created_at"),
        instant("revoked_at", null=True), sa.UniqueConstraint("token_hash"),
    )  # fmt: skip
    op.create_index("ix_device_store", "device", ["store"])
    op.create_table("secret", text("name", key=True), text("value"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
