"""The jobs that bring a confirmed bank statement in and take one back, batch by batch, and go on where a crash left
them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import db, told_again, transaction
from webapp.domain.company import Company
from webapp.domain.matching_facts import AT_ONCE
from webapp.domain.queue_facts import in_parts
from webapp.domain.statement import Statement, StatementState
from webapp.domain.user import User
from webapp.exchange.statement.importing import batches, clients_of, done, enter, give_back, match, unmatched
from webapp.jobs import later, limited, queue, sweep
from webapp.web.clock import now

DIED_AFTER = timedelta(minutes=5)
"""A statement that has not moved for so long lost its worker."""

KEPT_AT_ONCE = 400
"""Clients in one transaction: others wait for the write lock no longer than that takes."""


@limited(1800)
def bring_in(number: int) -> None:
    """Enter the payments, match them, then keep what is kept of their clients: a client pays in many batches, and is
    looked at once. Each batch is a transaction; what was done is not done again."""
    statement, company = db.session.get(Statement, number), db.session.get(Company, 1)
    if statement is None or company is None or statement.state is not StatementState.RUNNING:
        return
    by_id = statement.imported_by_id
    lines = batches(db.session(), statement, company)
    db.session.rollback()
    with suppress(Over):
        for some in lines:
            with _step(number) as session:
                enter(session, number, some, by=session.get(User, by_id) if by_id else None, at=now())
        for part in in_parts(_read(unmatched, number), AT_ONCE):
            with _step(number, keep_later=True) as session:
                match(session, number, part, by=session.get(User, by_id) if by_id else None, at=now())
        for part in in_parts(_read(clients_of, number), KEPT_AT_ONCE):
            with _step(number) as session:
                told_again(session, "payment:allocated", part, at=now())
        with _step(number) as session:
            session.add(session.get_one(Statement, number).finish(done(session, number), at=now()))


class Over(Exception):
    """Somebody else brought the statement in meanwhile."""


@contextmanager
def _step(number: int, *, keep_later: bool = False) -> Iterator[Session]:
    """One transaction, which says that the work goes on."""
    with transaction(keep_later=keep_later) as session:
        statement = session.get_one(Statement, number, with_for_update=True)
        if statement.state is not StatementState.RUNNING:
            raise Over
        statement.touched_at = now()
        session.flush()
        yield session
    db.session.expunge_all()


def _read(find: Callable[[Session, int], list[int]], number: int) -> list[int]:
    """What is found of a statement, outside of the transactions that change it."""
    found = find(db.session(), number)
    db.session.rollback()
    return found


@limited(1800)
def take_out(number: int) -> None:
    """Give the payments of a statement that is being undone back. What went back does not go again."""
    more = True
    while more:
        with transaction() as session:
            statement = session.get(Statement, number, with_for_update=True)
            if statement is None or statement.state is not StatementState.UNDOING:
                return
            today = session.get_one(Company, 1).today(now())
            by = session.get(User, statement.undone_by_id) if statement.undone_by_id else None
            more = give_back(session, number, by=by, at=now(), on=today)
            if more:
                statement.touched_at = now()
            else:
                statement.is_taken_back(at=now())
        db.session.expunge_all()


WORK = {StatementState.RUNNING: bring_in, StatementState.UNDOING: take_out}


@sweep
def go_on_with_what_was_left() -> None:
    """Queue again what a crash left half-way."""
    stuck = select(Statement.id, Statement.state).where(
        Statement.state.in_(WORK), Statement.touched_at < now() - DIED_AFTER
    )
    left = db.session.execute(stuck).all()
    db.session.rollback()
    for number, state in left:
        if not queue().holds(WORK[state], number):
            later(WORK[state], number)
