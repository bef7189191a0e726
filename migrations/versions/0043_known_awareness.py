"""What clients know of products already, as contracts, proposals and visits tell it."""

from collections.abc import Iterator
from datetime import datetime, time, UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

AWARENESS = sa.table(
    "awareness",
    *(sa.column(name, sa.BigInteger) for name in ("client_id", "product_id", "told_by_id", "told_interaction_id")),
    *(sa.column(name, sa.String) for name in ("state", "reason")),
    *(sa.column(name, MOMENT) for name in ("since", "told_at")),
)

INTERESTED = sa.text(
    "SELECT client_id, product_id, held_at, held_by_id, interaction_id FROM visit "
    "WHERE state = 'held' AND product_id IS NOT NULL ORDER BY held_at, id"
).columns(held_at=MOMENT)

OFFERED = sa.text(
    "SELECT deal.client_id, deal_line.product_id, min(proposal_version.sent_at) AS sent_at FROM deal "
    "JOIN deal_line ON deal_line.deal_id = deal.id JOIN proposal ON proposal.deal_id = deal.id "
    "JOIN proposal_version ON proposal_version.proposal_id = proposal.id "
    "WHERE deal.status = 'open' AND deal_line.product_id IS NOT NULL AND proposal_version.state = 'sent' "
    "GROUP BY deal.client_id, deal_line.product_id"
).columns(sent_at=MOMENT)

OWNED = sa.text(
    "SELECT client_id, product_id, min(starts_on) AS starts_on FROM contract WHERE product_id IS NOT NULL "
    "AND (billing = 'one_off' OR ends_on IS NULL OR ends_on >= CURRENT_DATE) GROUP BY client_id, product_id"
).columns(starts_on=sa.Date())


def upgrade() -> None:
    backfill(op.get_bind())


def downgrade() -> None:
    """What clients know stays: nobody can tell it from what was noted since."""


def backfill(connection: sa.Connection) -> None:
    """Only where nothing is noted yet. A later fact goes further than an earlier one."""
    noted = {(row.client_id, row.product_id) for row in connection.execute(sa.text("SELECT * FROM awareness"))}
    learned: dict[tuple[int, int], dict[str, Any]] = {}
    for client_id, product_id, facts in _facts(connection):
        learned.setdefault((client_id, product_id), {}).update(facts)
    blank = {"told_at": None, "told_by_id": None, "told_interaction_id": None, "reason": ""}
    rows = [
        {**blank, "client_id": client_id, "product_id": product_id, **facts}
        for (client_id, product_id), facts in sorted(learned.items())
        if (client_id, product_id) not in noted
    ]
    if rows:
        connection.execute(sa.insert(AWARENESS), rows)


def _facts(connection: sa.Connection) -> Iterator[tuple[int, int, dict[str, Any]]]:
    told: set[tuple[int, int]] = set()
    for row in connection.execute(INTERESTED):
        if (row.client_id, row.product_id) not in told:  # who told first stays
            told.add((row.client_id, row.product_id))
            by = {"told_at": row.held_at, "told_by_id": row.held_by_id, "told_interaction_id": row.interaction_id}
            yield row.client_id, row.product_id, {"state": "interested", "since": row.held_at, **by}
    for row in connection.execute(OFFERED):
        yield row.client_id, row.product_id, {"state": "offered", "since": row.sent_at}
    for row in connection.execute(OWNED):
        since = datetime.combine(row.starts_on, time(), UTC)
        yield row.client_id, row.product_id, {"state": "owned", "since": since}
