"""Devices are enrolled by a code, sessions belong to one, wrong PINs are remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def text(name: str, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False, primary_key=key)


def upgrade() -> None:
    op.create_table(
        "enrolment",
        text("code_hash", key=True),
        text("store"),
        text("profile"),
        text("name"),
        sa.Column("expires_at", sa.Float(), nullable=False),
    )
    op.create_table(
        "pin_try", text("store", key=True), text("person", key=True), sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.Float(), nullable=False),
    )  # fmt: skip
    with op.batch_alter_table("session") as session:
        session.add_column(sa.Column("device", sa.String(), nullable=True))
        session.create_index("ix_session_device", ["device"])


def downgrade() -> None:
    with op.batch_alter_table("session") as session:
        session.drop_index("ix_session_device")
        session.drop_column("device")
    op.drop_table("pin_try")
    op.drop_table("enrolment")
