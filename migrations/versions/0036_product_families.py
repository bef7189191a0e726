"""Families of products become rows of their own; commission rules name them by id.

A version of a commission rule pays what it paid before: the trigger that keeps it from changing is lifted for the
time in which names become ids.
"""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TRIGGER = "commission_version_refuse_update"


def upgrade() -> None:
    op.create_table(
        "product_family",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("id", WHOLE, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_product_family_named")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_family")),
        sa.UniqueConstraint("name", name=op.f("uq_product_family_name")),
        sqlite_autoincrement=True,
    )
    connection = op.get_bind()
    named = set(connection.scalars(sa.text("SELECT DISTINCT family FROM product WHERE family <> ''")))
    for terms in connection.scalars(sa.text("SELECT terms FROM commission_version")):
        named |= set(_read(terms)["families"])
    for position, name in enumerate(sorted(named)):
        connection.execute(
            sa.text("INSERT INTO product_family (name, position, description, version) VALUES (:name, :n, '', 1)"),
            {"name": name, "n": position},
        )
    # SQLite adds a column with its reference only in these words.
    whole = "BIGINT" if connection.dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE product ADD COLUMN family_id {whole} CONSTRAINT fk_product_family_id_product_family "
        "REFERENCES product_family (id)"
    )
    op.execute("UPDATE product SET family_id = (SELECT id FROM product_family WHERE name = product.family)")
    op.drop_column("product", "family")
    op.create_index("ix_product_family_id", "product", ["family_id"])
    ids = {name: key for key, name in connection.execute(sa.text("SELECT id, name FROM product_family"))}
    _rewrite(lambda name: ids[name])


def downgrade() -> None:
    connection = op.get_bind()
    names = dict(connection.execute(sa.text("SELECT id, name FROM product_family")).all())
    _rewrite(lambda key: names[key])
    op.drop_index("ix_product_family_id", table_name="product")
    op.add_column("product", sa.Column("family", sa.String(length=120), nullable=False, server_default=""))
    op.execute(
        "UPDATE product SET family = coalesce((SELECT name FROM product_family WHERE id = product.family_id), '')"
    )
    op.drop_column("product", "family_id")
    op.drop_table("product_family")


def _rewrite(other: Callable[[Any], Any]) -> None:
    """Name the families of each version of a commission rule in the other way."""
    connection = op.get_bind()
    versions = [
        (key, _read(terms)) for key, terms in connection.execute(sa.text("SELECT id, terms FROM commission_version"))
    ]
    told = [(key, terms) for key, terms in versions if terms["families"]]
    if not told:
        return
    restore = _lift()
    for key, terms in told:
        terms["families"] = sorted(other(family) for family in terms["families"])
        kept = sa.bindparam("terms", json.dumps(terms), sa.Text())
        change = "UPDATE commission_version SET terms = CAST(:terms AS JSON) WHERE id = :id"
        if connection.dialect.name == "sqlite":  # there CAST would turn it into a number
            change = change.replace("CAST(:terms AS JSON)", ":terms")
        connection.execute(sa.text(change).bindparams(kept, id=key))
    op.execute(restore)


def _lift() -> str:
    """Let versions change; what forbids it again."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute(f"ALTER TABLE commission_version DISABLE TRIGGER {TRIGGER}")
        return f"ALTER TABLE commission_version ENABLE TRIGGER {TRIGGER}"
    restore = connection.scalar(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"), {"name": TRIGGER}
    )
    op.execute(f"DROP TRIGGER {TRIGGER}")
    return str(restore)


def _read(terms: Any) -> dict[str, Any]:
    """SQLite hands the text, PostgreSQL what it says."""
    return json.loads(terms) if isinstance(terms, str) else terms
