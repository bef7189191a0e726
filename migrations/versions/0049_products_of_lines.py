"""Lines of drafts say of which product of the catalogue they are.

What is frozen never changes: the products of its lines go on being found by their names.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

VERSION = sa.table("proposal_version", sa.column("id", sa.BigInteger), sa.column("lines", sa.JSON))

DRAFTS = sa.text(
    "SELECT proposal_version.id, proposal_version.lines, proposal.deal_id FROM proposal_version "
    "JOIN proposal ON proposal.id = proposal_version.proposal_id WHERE proposal_version.state = 'draft'"
).columns(lines=sa.JSON)

OF_DEALS = sa.text(
    "SELECT DISTINCT deal_line.name, deal_line.product_id, deal_line.deal_id FROM deal_line "
    "JOIN proposal ON proposal.deal_id = deal_line.deal_id "
    "JOIN proposal_version ON proposal_version.proposal_id = proposal.id "
    "WHERE proposal_version.state = 'draft' AND deal_line.product_id IS NOT NULL"
)


def upgrade() -> None:
    """By the name, as the draft's deal has it or else the catalogue; none where the deal has two of that name."""
    connection = op.get_bind()
    listed: dict[str, int] = {row.name: row.id for row in connection.execute(sa.text("SELECT name, id FROM product"))}
    of_deals: dict[tuple[int, str], set[int]] = {}
    for row in connection.execute(OF_DEALS):
        of_deals.setdefault((row.deal_id, row.name), set()).add(row.product_id)
    for draft in connection.execute(DRAFTS).all():
        lines = [
            {"product_id": _product(of_deals.get((draft.deal_id, line["name"])), listed.get(line["name"])), **line}
            for line in draft.lines
        ]
        _write(connection, draft.id, lines)


def downgrade() -> None:
    connection = op.get_bind()
    for draft in connection.execute(DRAFTS).all():
        _write(connection, draft.id, [{k: v for k, v in line.items() if k != "product_id"} for line in draft.lines])


def _product(of_deal: set[int] | None, listed: int | None) -> int | None:
    if of_deal is None:
        return listed
    return min(of_deal) if len(of_deal) == 1 else None


def _write(connection: sa.Connection, version_id: int, lines: list[dict[str, Any]]) -> None:
    connection.execute(sa.update(VERSION).where(VERSION.c.id == version_id).values(lines=lines))
