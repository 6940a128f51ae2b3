"""How many people came in by the door in an hour, as a counter there says: imported, about nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "door_count",
        sa.Column("store", sa.String(), primary_key=True),
        sa.Column("day", sa.String(), primary_key=True),
        sa.Column("hour", sa.Integer(), primary_key=True),
        sa.Column("came", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("door_count")
