"""Launches count offers apart, and start batches of proposals."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = ("launch_id", "heard", "step", "refused")

CLIENT = sa.table("launch_client", *(sa.column(name) for name in (*COUNTED, "offered")))
FIGURES = sa.table("launch_figures", sa.column("launch_id"), sa.column("clients", sa.JSON))


def upgrade() -> None:
    op.add_column("launch_client", sa.Column("offered", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_index("ix_launch_client_funnel", table_name="launch_client")
    op.create_index("ix_launch_client_funnel", "launch_client", [*COUNTED, "offered"], unique=False)
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(  # SQLite takes a reference only together with its column
        f"ALTER TABLE proposal_batch ADD COLUMN launch_id {kind} "
        "CONSTRAINT fk_proposal_batch_launch_id_launch REFERENCES launch (id)"
    )
    op.create_index(op.f("ix_proposal_batch_launch_id"), "proposal_batch", ["launch_id"], unique=False)
    fill(op.get_bind())


def fill(connection: sa.Connection) -> None:
    """Whom launches that count offered the product."""
    connection.execute(
        sa.text(
            "UPDATE launch_client SET offered = :yes WHERE step >= 3 OR EXISTS (SELECT 1 FROM awareness "
            "JOIN launch ON launch.product_id = awareness.product_id WHERE launch.id = launch_client.launch_id "
            "AND launch.state IN ('running', 'paused') AND awareness.client_id = launch_client.client_id "
            "AND awareness.state = 'offered')"
        ),
        {"yes": True},
    )
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
    op.drop_index(op.f("ix_proposal_batch_launch_id"), table_name="proposal_batch")
    op.drop_column("proposal_batch", "launch_id")
    op.drop_index("ix_launch_client_funnel", table_name="launch_client")
    op.create_index("ix_launch_client_funnel", "launch_client", list(COUNTED), unique=False)
    op.drop_column("launch_client", "offered")
