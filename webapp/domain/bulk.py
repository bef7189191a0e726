"""Many entities of one kind, written at once.

The unit of work sends a statement for each that has a version, since it looks whether that row still had it: on
PostgreSQL a message to another process and back. And it asks for the id of each that is new. Here they go together.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, cast

from sqlalchemy import bindparam, insert, inspect, Table, update
from sqlalchemy.orm import MANYTOONE, Mapper, Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from webapp.domain.base import Base

Values = dict[str, Any]


def write_new(session: Session, entities: Iterable[Base]) -> None:
    """Write new entities, of which nobody needs the ids: they stay strangers to the session, and so must the entities
    that they were set on, whose lists hold them."""
    for some in _alike(entities):
        session.info["changed"] = _table(some[0][0]).name
        session.connection().execute(insert(_table(some[0][0])), [values for _, values in some])


def write_changed(session: Session, entities: Iterable[Base]) -> None:
    """Write what was changed of entities that have a version.

    Raises StaleDataError where somebody else changed one meanwhile; the transaction is to be given up then.
    """
    for some in _alike(entities):
        session.info["changed"] = _table(some[0][0]).name
        _write_changed(session, some)


def _write_changed(session: Session, some: list[tuple[Base, Values]]) -> None:
    mapper: Mapper[Any] = inspect(type(some[0][0]))
    version, table = mapper.version_id_col, _table(some[0][0])
    if version is None:
        raise TypeError(f"{table.name} has no version")
    counted = mapper.get_property_by_column(version).key
    statement = (
        update(table)
        .where(table.c.id == bindparam("of"), version == bindparam("seen"))
        .values({mapper.columns[name]: bindparam(f"to_{name}") for name in some[0][1]} | {version: version + 1})
    )
    rows = [
        {f"to_{name}": value for name, value in values.items()} | {"of": entity.id, "seen": getattr(entity, counted)}
        for entity, values in some
    ]
    if session.connection().execute(statement, rows).rowcount != len(rows):
        raise StaleDataError(f"{table.name}: somebody else changed one of {len(rows)} rows")
    for entity, values in some:
        others = {key: getattr(entity, key) for key in inspect(entity).committed_state if key in _singles(mapper)}
        for name, value in (values | others | {counted: getattr(entity, counted) + 1}).items():
            set_committed_value(entity, name, value)


def _alike(entities: Iterable[Base]) -> Iterable[list[tuple[Base, Values]]]:
    """The entities with what was set, those together of which the same columns were."""
    found: dict[frozenset[str], list[tuple[Base, Values]]] = {}
    for entity in dict.fromkeys(entities):
        values = _set(entity)
        if values:
            found.setdefault(frozenset(values), []).append((entity, values))
    return found.values()


def _set(entity: Base) -> Values:
    """The columns that were set, by name; of another entity that was set, its id."""
    state = inspect(entity)
    singles, found = _singles(state.mapper), Values()
    for name in state.committed_state:
        if name in state.mapper.columns:
            found[name] = getattr(entity, name)
        elif name in singles:
            other = getattr(entity, name)
            if other is not None and other.id is None:
                raise ValueError(f"{name} is not saved yet")
            found[singles[name]] = None if other is None else other.id
    return found


@cache
def _singles(mapper: Mapper[Any]) -> dict[str, str]:
    """The relationships to one other entity, with the column that names it."""
    return {
        relationship.key: str(mapper.get_property_by_column(*relationship.local_columns).key)
        for relationship in mapper.relationships
        if relationship.direction is MANYTOONE
    }


def _table(entity: Base) -> Table:
    return cast("Table", entity.__table__)
