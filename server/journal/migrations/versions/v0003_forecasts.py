"""What was believed about each wait is kept beside what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def text(name: str, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False, primary_key=key)


def upgrade() -> None:
    op.create_table(
        "forecast", text("store", key=True), text("day", key=True), text("ticket", key=True), text("service"),
        sa.Column("at", sa.Float(), nullable=False), sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("forecast")
