"""Launches count offers apart, go on counting for some days after their end, and start batches of proposals; the links
in their e-mails take answers for some days, and not without limit."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = ("launch_id", "heard", "step", "refused")
USUAL_DAYS = 90

MOMENT = sa.DateTime(timezone=True)
LAUNCH = sa.table("launch", sa.column("id"), *(sa.column(name, MOMENT) for name in ("ended_at", "counts_until")))
LINK = sa.table("mailing_link", sa.column("id"), sa.column("answers_until", MOMENT))
WRITTEN = sa.text(
    "SELECT mailing_link.id, coalesce(letter.written_at, launch.started_at) AS written_at FROM mailing_link "
    "JOIN launch_touch ON launch_touch.id = mailing_link.touch_id JOIN launch ON launch.id = launch_touch.launch_id "
    "LEFT JOIN letter ON letter.id = launch_touch.letter_id"
).columns(written_at=MOMENT)
CLIENT = sa.table("launch_client", *(sa.column(name) for name in (*COUNTED, "offered")))
FIGURES = sa.table("launch_figures", sa.column("launch_id"), sa.column("clients", sa.JSON))


def upgrade() -> None:
    op.add_column("company", sa.Column("launch_days", WHOLE, nullable=False, server_default=str(USUAL_DAYS)))
    op.add_column("launch", sa.Column("counts_until", MOMENT, nullable=True))
    op.add_column("launch_client", sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_index("ix_launch_client_funnel", table_name="launch_client")
    op.create_index("ix_launch_client_funnel", "launch_client", [*COUNTED, "offered"], unique=False)
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(  # SQLite takes a reference only together with its column
        f"ALTER TABLE proposal_batch ADD COLUMN launch_id {kind} "
        "CONSTRAINT fk_proposal_batch_launch_id_launch REFERENCES launch (id)"
    )
    op.create_index(op.f("ix_proposal_batch_launch_id"), "proposal_batch", ["launch_id"], unique=False)
    op.add_column("company", sa.Column("mailing_days", WHOLE, nullable=False, server_default=str(USUAL_DAYS)))
    op.add_column("mailing_link", sa.Column("answers", WHOLE, nullable=False, server_default="0"))
    long_ago = sa.Column("answers_until", MOMENT, nullable=False, server_default="2000-01-01 00:00:00.000000")
    op.add_column("mailing_link", long_ago)
    op.execute(
        f"ALTER TABLE mailing_link ADD COLUMN task_id {kind} "
        "CONSTRAINT fk_mailing_link_task_id_task REFERENCES task (id) ON DELETE SET NULL"
    )
    fill(op.get_bind())


def fill(connection: sa.Connection) -> None:
    """Whom launches that count offered the product, until when those that ended count, and links take answers."""
    connection.execute(
        sa.text(
            "UPDATE launch_client SET offered = :yes WHERE step >= 3 OR EXISTS (SELECT 1 FROM awareness "
            "JOIN launch ON launch.product_id = awareness.product_id WHERE launch.id = launch_client.launch_id "
            "AND launch.state IN ('running', 'paused') AND awareness.client_id = launch_client.client_id "
            "AND awareness.state = 'offered')"
        ),
        {"yes": True},
    )
    for row in connection.execute(sa.select(LAUNCH).where(LAUNCH.c.ended_at.is_not(None))).all():
        until = row.ended_at + timedelta(days=USUAL_DAYS)
        connection.execute(sa.update(LAUNCH).where(LAUNCH.c.id == row.id).values(counts_until=until))
    connection.execute(sa.text("UPDATE mailing_link SET answers = 1 WHERE answer IS NOT NULL"))
    for row in connection.execute(WRITTEN).all():
        until = row.written_at + timedelta(days=USUAL_DAYS)
        connection.execute(sa.update(LINK).where(LINK.c.id == row.id).values(answers_until=until))
    for launch_id in connection.scalars(sa.select(FIGURES.c.launch_id)).all():
        columns = [CLIENT.c[name] for name in ("heard", "step", "refused", "offered")]
        own = sa.select(*columns, sa.func.count()).where(CLIENT.c.launch_id == launch_id).group_by(*columns)
        counted = [
            [heard, step, bool(no), bool(offered), count] for heard, step, no, offered, count in connection.execute(own)
        ]
        connection.execute(
            sa.update(FIGURES).where(FIGURES.c.launch_id == launch_id).values(clients=sorted(counted, key=str))
        )


def downgrade() -> None:
    for row in op.get_bind().execute(sa.select(FIGURES)).all():
        fewer = [[*each[:3], each[4]] for each in row.clients]
        op.get_bind().execute(sa.update(FIGURES).where(FIGURES.c.launch_id == row.launch_id).values(clients=fewer))
    for column in ("task_id", "answers_until", "answers"):
        op.drop_column("mailing_link", column)
    op.drop_column("company", "mailing_days")
    op.drop_index(op.f("ix_proposal_batch_launch_id"), table_name="proposal_batch")
    op.drop_column("proposal_batch", "launch_id")
    op.drop_index("ix_launch_client_funnel", table_name="launch_client")
    op.create_index("ix_launch_client_funnel", "launch_client", list(COUNTED), unique=False)
    op.drop_column("launch_client", "offered")
    op.drop_column("launch", "counts_until")
    op.drop_column("company", "launch_days")
