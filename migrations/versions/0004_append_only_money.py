"""Refuse, in the database itself, that money is rewritten: what happened is undone by a new entry."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RULES = (
    ("allocation", "update", "an allocation is undone by a new entry"),
    ("allocation", "delete", "an allocation is undone by a new entry"),
    ("credit_note", "update", "a credit note never changes"),
    ("credit_note", "delete", "a credit note never changes"),
    ("invoice", "delete", "an invoice is credited, not deleted"),
    ("payment", "delete", "a payment is returned, not deleted"),
    ("payment_return", "update", "a returned payment never changes"),
    ("payment_return", "delete", "a returned payment never changes"),
)
"""Table, action, and what to say."""


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, action, sentence in RULES:
        name = f"{table}_refuse_{action}"
        if postgresql:
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, action, _ in RULES:
        name = f"{table}_refuse_{action}"
        if postgresql:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
