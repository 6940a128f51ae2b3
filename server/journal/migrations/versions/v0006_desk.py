"""Appointments; API keys; webhooks with what they tell; and what is done once, by whichever node comes first."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _booking()
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("store", sa.String(), nullable=False, index=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("name", "shown")),
        sa.Column("key_hash", sa.String(), nullable=False, unique=True),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        *(sa.Column(name, sa.Float()) for name in ("used_at", "revoked_at")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("store", sa.String(), nullable=False, index=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("url", "secret", "kinds")),
        sa.Column("created_at", sa.Float(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("cursor", "tries")),
        sa.Column("due_at", sa.Float(), nullable=False, index=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("taken_at", sa.Float()),
    )
    op.create_table(
        "happening",
        sa.Column("store", sa.String(), primary_key=True),
        sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "kind")),
        sa.Column("at", sa.Float(), nullable=False, index=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.UniqueConstraint("store", "key"),
    )
    op.create_table("claim", sa.Column("key", sa.String(), primary_key=True), sa.Column("at", sa.Float(), nullable=False))


def _booking() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("store", "day", "service")),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("at", "until")),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("companions", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("state", "code")),
        sa.Column("token_hash", sa.String(), nullable=False, unique=True),
        sa.Column("ticket", sa.String()),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.Column("erase_at", sa.Float(), nullable=False, index=True),
        *(sa.Column(name, sa.Text(), nullable=False, server_default="") for name in ("name", "address")),
    )
    op.create_index("ix_booking_store_day", "booking", ["store", "day"])
    op.create_index("ix_booking_store_code", "booking", ["store", "code"])


def downgrade() -> None:
    for table in ("claim", "happening", "webhook", "api_key", "booking"):
        op.drop_table(table)
