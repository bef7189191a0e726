"""Telling two years in seconds: rows are written in heaps, not one by one.

A verb flushes to learn an id. Here every new entity has its id, its defaults and its foreign keys at once, so that a
flush may wait until a few hundred entities have come together. Nobody else writes to the database meanwhile.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from sqlalchemy import event, func, inspect, select, text
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.interfaces import MANYTOONE

from webapp.domain.base import ALONE
from webapp.domain.model import Base

HEAP = 400
"""Entities written together."""


class Pace:
    """When to write: ``write`` does it now, whatever there is."""

    def __init__(self, session: Session) -> None:
        self.session, self.write, self.hurried = session, session.flush, False

    def flush(self, objects: Any = None) -> None:
        """What a verb calls: waits for a heap."""
        if self.hurried or len(self.session.new) >= HEAP:
            self.write()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within, each flush writes: for a verb that asks the database for what it changed itself."""
        self.write()
        self.hurried = True
        yield
        self.write()
        self.hurried = False


@contextmanager
def heaped(session: Session) -> Iterator[Pace]:
    """Within, ``session.flush()`` waits for a heap."""
    session.flush()
    pace = Pace(session)
    ids = {mapper: _ids(session, mapper) for mapper in Base.registry.mappers}
    defaults = {mapper: _defaults(mapper) for mapper in Base.registry.mappers}

    def name(entity: Any, args: Any, fields: dict[str, Any]) -> None:
        mapper = inspect(type(entity))
        entity.id = next(ids[mapper])
        for key, make in defaults[mapper]:
            if key not in fields:
                setattr(entity, key, make())

    links = [link for mapper in Base.registry.mappers for link in _links(mapper)]
    event.listen(Base, "init", name, propagate=True)
    for attribute, follow in links:
        event.listen(attribute, "set", follow)
    session.info[ALONE] = True
    session.flush = pace.flush  # type: ignore[method-assign]
    gc.disable()  # ten thousand entities that all stay are no garbage
    try:
        with session.no_autoflush:
            yield pace
            pace.write()
    finally:
        gc.enable()
        del session.flush
        session.info.pop(ALONE)
        event.remove(Base, "init", name)
        for attribute, follow in links:
            event.remove(attribute, "set", follow)


def _ids(session: Session, mapper: Mapper[Any]) -> Iterator[int]:
    """Ids that nobody has: from the table's own sequence, where there is one."""
    table: Any = mapper.local_table
    if session.get_bind().dialect.name == "sqlite":
        return count((session.scalar(select(func.max(table.c.id))) or 0) + 1)
    block = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    values = {"name": f'"{table.name}"', "count": HEAP}
    return (number for _ in count() for number in session.connection().execute(block, values).scalars().all())


def _defaults(mapper: Mapper[Any]) -> list[tuple[str, Callable[[], Any]]]:
    found: list[tuple[str, Callable[[], Any]]] = []
    for attribute in mapper.column_attrs:
        default: Any = attribute.columns[0].default
        if default is not None:
            found.append((attribute.key, _maker(default.arg, default.is_callable)))
    return found


def _maker(value: Any, is_callable: bool) -> Callable[[], Any]:
    return (lambda: value(None)) if is_callable else (lambda: value)


def _links(mapper: Mapper[Any]) -> Iterator[tuple[Any, Any]]:
    """Each many-to-one relationship, with what keeps its foreign key equal to it from the moment it is set."""
    for relationship in mapper.relationships:
        if relationship.direction is MANYTOONE:
            ((local, _),) = relationship.local_remote_pairs
            key = mapper.get_property_by_column(local).key

            def follow(entity: Any, target: Any, before: Any, initiator: Any, key: str = key) -> None:
                setattr(entity, key, None if target is None else target.id)

            yield getattr(mapper.class_, relationship.key), follow
