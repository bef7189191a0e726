"""Refuse what must never happen, in the database itself: a changed event, a changed sent proposal."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FROZEN = (
    "proposal_id number language currency prices_include_tax dated_on valid_until contact_id title text terms lines "
    "printed sent_by_id frozen_at"
).split()
"""What sending freezes while the PDF is being printed."""

THAWED = "OLD.state = 'printing' AND (NEW.state NOT IN ('printing', 'sent') OR {})".format(
    " OR ".join(f"COALESCE(CAST(NEW.{name} AS TEXT), '') <> COALESCE(CAST(OLD.{name} AS TEXT), '')" for name in FROZEN)
)

RULES = (
    ("event", "update", "", "events are append-only"),
    ("event", "delete", "", "events are append-only"),
    ("proposal_version", "update", f"OLD.state = 'sent' OR ({THAWED})", "a sent proposal version is immutable"),
    ("proposal_version", "delete", "OLD.state <> 'draft'", "a sent proposal version is immutable"),
    ("stored_file", "update", "", "a stored file is immutable"),
)
"""Table, action, the condition under which it is refused (always where empty), and what to say."""


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, action, condition, sentence in RULES:
        name = f"{table}_refuse_{action}"
        when = f" WHEN ({condition})" if condition else ""
        if postgresql:
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW{when} EXECUTE FUNCTION {name}()")
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW{when} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, action, _, _ in RULES:
        name = f"{table}_refuse_{action}"
        if postgresql:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
