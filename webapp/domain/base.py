"""The declarative base, and the column types every entity shares."""

from collections.abc import Callable
from datetime import datetime, UTC
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, Session
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=StrEnum)

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. A naive value is refused: it would silently mean the server's zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], datetime | None]:
        """In one step, for a night reads millions."""
        read: Any = self.impl_instance.result_processor(dialect, coltype) or (lambda value: value)
        return lambda value: None if value is None else self.aware(read(value))

    @staticmethod
    def aware(value: datetime) -> datetime:
        """A kept moment as it was given: SQLite keeps no zone."""
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Choice(TypeDecorator[E]):
    """One word of a StrEnum, kept as text, so that a new word needs no migration of the type."""

    impl = String(24)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        return None if value is None else self.words(value)


Whole = BigInteger().with_variant(Integer, "sqlite")
"""Ids and sums: 64 bits everywhere (SQLite's INTEGER is 64 bits wide)."""


class Base(DeclarativeBase):
    """Every entity: a numeric id that is never used twice, so that an event names its subject for ever."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {int: Whole, datetime: Moment}
    __table_args__: Any = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)


ALONE = "alone"
"""In a session's ``info``: nobody else can write at the same time (the demo is being loaded)."""


def alone(session: Session) -> bool:
    """Whether nobody else can write while this transaction does, so that it need not lock: always so on SQLite."""
    return session.get_bind().dialect.name == "sqlite" or ALONE in session.info


R = TypeVar("R", bound=Base)


def kept(session: Session, find: Callable[[], R | None], new: R) -> R:
    """What is found, else the new one, saved; where somebody saved such a one at this very moment, theirs."""
    found = find()
    if found is not None:
        return found
    if alone(session):
        session.add(new)
        session.flush()
        return new
    session.flush()
    try:
        with session.begin_nested():
            session.add(new)
    except IntegrityError:
        found = find()
        if found is None:
            raise
        return found
    return new
