"""What clients chose of a proposal beside what is included."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("proposal_answer", sa.Column("chosen", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("proposal_answer", "chosen")
