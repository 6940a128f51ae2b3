"""How a shopper can be reached when the page is closed, what they prepared for the visit, and what was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = ("push", "address", "needs", "told")


def upgrade() -> None:
    with op.batch_alter_table("contact") as table:
        for name in COLUMNS:
            table.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("contact") as table:
        for name in COLUMNS:
            table.drop_column(name)
