"""What was known on an earlier day: when an interaction was written down, and the events that tell what held before."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TOLD_OF_THEN = sa.text(
    "kind IN ('client:changed', 'contact:changed', 'contact:left', 'contact:returned', 'contract:ended', "
    "'deal:reopened', 'invoice:agreed', 'invoice:disputed')"
)


def upgrade() -> None:
    op.add_column("interaction", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE interaction SET recorded_at = event.at FROM event "
        "WHERE event.kind = 'interaction:added' AND event.subject_id = interaction.id AND event.at > interaction.at"
    )
    op.create_index(
        "ix_event_told_of_then",
        "event",
        ["client_id", "at"],
        unique=False,
        sqlite_where=TOLD_OF_THEN,
        postgresql_where=TOLD_OF_THEN,
    )


def downgrade() -> None:
    op.drop_index("ix_event_told_of_then", table_name="event")
    op.drop_column("interaction", "recorded_at")
