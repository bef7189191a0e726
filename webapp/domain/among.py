"""One of many numbers, as one parameter of a statement: a thousand parameters are slow to name and to bind.

Sources: json_each of SQLite 3.38, unnest of PostgreSQL.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, bindparam, BindParameter, ColumnElement, Dialect, JSON
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Numbers(TypeDecorator[Any]):
    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else JSON())


class _Each(FunctionElement[int]):
    """The numbers as rows."""

    inherit_cache = True


@compiles(_Each, "postgresql")
def _on_postgresql(element: _Each, compiler: Any, **how: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **how)}))"


@compiles(_Each, "sqlite")
def _on_sqlite(element: _Each, compiler: Any, **how: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **how)}))"  # noqa: S608 SQLAlchemy compiled it


def among(column: Any, numbers: Collection[int] | str) -> ColumnElement[bool]:
    """The condition that the column holds one of these numbers, or of those that the named parameter will bring."""
    given: BindParameter[Any] = (
        bindparam(numbers, type_=_Numbers())
        if isinstance(numbers, str)
        else bindparam(None, list(numbers), type_=_Numbers())
    )
    mine: ColumnElement[bool] = column.bool_op("IN")(_Each(given))
    return mine
