"""Where a salesperson's own phone is told of an offer while its screen is dark."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_push",
        sa.Column("endpoint_hash", sa.String(), primary_key=True),
        sa.Column("store", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=False),
    )
    op.create_index("ix_staff_push_store_person", "staff_push", ["store", "person"])


def downgrade() -> None:
    op.drop_table("staff_push")
