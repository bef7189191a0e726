"""Alembic's environment: the application's own engine and metadata, SQLite and PostgreSQL alike."""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db


def run_migrations() -> None:
    """Each migration in its own transaction; PostgreSQL keeps two hosts from migrating at once by an advisory lock."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_lock(8675309)")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            compare_type=True,
            transaction_per_migration=True,
            user_module_prefix="sa.",
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


def render_item(kind: str, thing: object, autogen: object) -> str | bool:
    """Write our own column types as the plain types they are kept as: a migration imports no model."""
    if kind == "type" and type(thing).__module__ == "webapp.domain.base":
        implementation = thing.impl_instance if hasattr(thing, "impl_instance") else thing.impl
        return f"sa.{implementation!r}"
    return False


run_migrations()
