"""The database: one session per request, one transaction per change."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any

from flask import Flask, has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from webapp import sqlite
from webapp.domain.event import Event
from webapp.domain.health_keeping import keep_after as keep_health_after
from webapp.domain.health_keeping import STANDS_ON as HEALTH_STANDS_ON
from webapp.domain.launch_keeping import keep_after as keep_launches_after
from webapp.domain.launch_keeping import STANDS_ON as LAUNCHES_STAND_ON
from webapp.domain.model import (
    AcceptanceRecord,
    AccessLink,
    Base,
    BatchItem,
    CollectionMonth,
    CommissionReading,
    Company,
    CreditNoteFile,
    DealForecast,
    HeldRow,
    Import,
    ImportedRecord,
    ImportFile,
    LaunchClient,
    LaunchFigures,
    LaunchTouch,
    MailingLink,
    QueueItem,
    StageOutcome,
    Statement,
    StoredFile,
    Study,
    Submission,
    TemplatePreview,
    User,
    WantedLetter,
)
from webapp.domain.queue_keeping import keep_after, keep_promises_after, PAYS, STANDS_ON
from webapp.domain.thread_keeping import keep_after as keep_threads_after
from webapp.domain.thread_keeping import STANDS_ON as THREADS_STAND_ON

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})

SILENT = (
    AcceptanceRecord,
    AccessLink,
    BatchItem,
    CommissionReading,
    CreditNoteFile,
    CollectionMonth,
    DealForecast,
    HeldRow,
    Import,
    ImportedRecord,
    ImportFile,
    LaunchClient,
    LaunchFigures,
    LaunchTouch,
    MailingLink,
    QueueItem,
    StageOutcome,
    Statement,
    StoredFile,
    Study,
    Submission,
    TemplatePreview,
    WantedLetter,
)
"""Bookkeeping whose meaning is told by another event of the same transaction, or that nobody's story needs."""

TELLING = STANDS_ON | PAYS | THREADS_STAND_ON | HEALTH_STANDS_ON | LAUNCHES_STAND_ON
"""The events after which something that is kept may be another."""

AUTOCOMMIT = "AUTOCOMMIT"

USER_BOOKKEEPING = frozenset({"last_seen_at", "totp_step"})


@contextmanager
def transaction(*, keep_later: bool = False) -> Iterator[Session]:
    """A change: everything in it is written, or nothing is.

    It ends the reading that came before. SQLite cannot turn a reading transaction into a writing one without
    risking a deadlock, so a change begins with the write lock (``BEGIN IMMEDIATE``). What was loaded is read anew.
    ``keep_later``: for work that comes back to the same clients again and again. What is reckoned of them follows when
    whoever does it says ``told_again``.
    """
    session = db.session()
    session.rollback()
    session.connection(execution_options={"writes": True})
    began = monotonic()
    try:
        yield session
        _keep_pace(session, keep_later=keep_later)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    if not has_request_context() and session.get_bind().dialect.name == "sqlite":
        sqlite.step_aside(monotonic() - began)


def told_again(session: Session, kind: str, clients: Iterable[int], *, at: datetime) -> None:
    """What an earlier transaction told of these clients and left to this one: what is kept of them follows it now."""
    session.info.setdefault("told_of", {}).update({(kind, client): at for client in clients})


def _keep_pace(session: Session, *, keep_later: bool) -> None:
    """Clients of whom an event tells what their place in the queue, threads or health stand on get new ones with it."""
    session.flush()
    for written in session.info.pop("written", ()):
        _note(session, written)
    told = session.info.pop("told_of", None)
    if told:
        keep_promises_after(session, told, at=max(told.values()))
    if told and not keep_later:
        keep_launches_after(session, told, at=max(told.values()))
        keep_after(session, told, at=max(told.values()))
        keep_threads_after(session, told, at=max(told.values()))
        keep_health_after(session, told, at=max(told.values()))


def read() -> Connection:
    """The connection of a request that only reads, as most do. On PostgreSQL each statement stands by itself: it sees
    what is committed, as it would within a transaction, and neither a BEGIN nor a ROLLBACK has to travel."""
    alone = {"isolation_level": AUTOCOMMIT} if db.engine.dialect.name == "postgresql" else {}
    return db.session.connection(execution_options=alone)


def connect(app: Flask) -> None:
    """Give the application its database."""
    db.init_app(app)
    with app.app_context():
        _listen(db.engine)


def _listen(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        sqlite.listen(engine)
        return

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, record: Any) -> None:
        """Compiling a plan takes longer than any of our pages."""
        connection.execute("SET jit = off")
        connection.commit()


@event.listens_for(Company, "load")
def keep_in_hand(company: Company, context: Any) -> None:
    """A session holds entities weakly, and a page asks for the company here and there: once loaded, it stays."""
    context.session.info["company"] = company


@event.listens_for(Session, "before_flush")
def note_writes(session: Session, context: Any, instances: Any) -> None:
    """Remember whether this transaction changed something, and whether it wrote an event (rule 5). What ``read`` reads
    is not changed: nothing would hold the change together with its event."""
    if session.connection().get_execution_options().get("isolation_level") == AUTOCOMMIT and (
        session.new or session.deleted or any(map(session.is_modified, session.dirty))
    ):
        raise AssertionError("changed without a transaction")
    for entity in (*session.new, *session.dirty, *session.deleted):
        if isinstance(entity, Event):
            _note(session, entity)
        elif not isinstance(entity, SILENT) and session.is_modified(entity) and not _bookkeeping(session, entity):
            session.info["changed"] = type(entity).__name__


def _note(session: Session, told: Event) -> None:
    session.info["told"] = True
    if told.client_id is not None and told.kind in TELLING:
        session.info.setdefault("told_of", {})[told.kind, told.client_id] = told.at


def _bookkeeping(session: Session, entity: Any) -> bool:
    if not isinstance(entity, User) or entity in session.new:
        return False
    state = db.inspect(entity)
    return {attribute.key for attribute in state.attrs if attribute.history.has_changes()} <= USER_BOOKKEEPING


@event.listens_for(Session, "before_commit")
def refuse_silence(session: Session) -> None:
    """A change without an event is a bug in the verb: nothing of it is written. A savepoint is no end of a change."""
    if session.in_nested_transaction():
        return
    session.flush()
    changed, told = session.info.pop("changed", None), session.info.pop("told", False)
    if changed and not told:
        raise AssertionError(f"{changed} changed without an event")


@event.listens_for(Session, "after_rollback")
def forget_writes(session: Session) -> None:
    session.info.pop("changed", None)
    session.info.pop("told", None)
    session.info.pop("told_of", None)
    session.info.pop("written", None)
