"""The job that brings a confirmed bank statement in, batch by batch, and goes on where a crash left it."""

from datetime import date, timedelta

from sqlalchemy import select

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.statement import Statement, StatementState
from webapp.domain.user import User
from webapp.exchange.statement.importing import batches, enter, match
from webapp.jobs import later, limited, queue, sweep
from webapp.web.clock import now

DIED_AFTER = timedelta(minutes=5)
"""A statement that has not moved for so long lost its worker."""


@limited(1800)
def bring_in(number: int) -> None:
    """Enter the payments, then match them. Each batch is a transaction; what was done is not done again."""
    statement, company = db.session.get(Statement, number), db.session.get(Company, 1)
    if statement is None or company is None or statement.state is not StatementState.RUNNING:
        return
    by_id = statement.imported_by_id
    lines = batches(db.session(), statement, company)
    db.session.rollback()
    for some in lines:
        with transaction() as session:
            by = session.get(User, by_id) if by_id else None
            enter(session, number, some, by=by, at=now())
            session.get_one(Statement, number).touched_at = now()
        db.session.expunge_all()
    place: tuple[date, str] | None = None
    while True:
        with transaction() as session:
            by = session.get(User, by_id) if by_id else None
            place = match(session, number, place, by=by, at=now())
            session.get_one(Statement, number).touched_at = now()
        db.session.expunge_all()
        if place is None:
            break
    with transaction() as session:
        done = session.get_one(Statement, number, with_for_update=True)
        if done.state is StatementState.RUNNING:
            session.add(done.finish(at=now()))


@sweep
def bring_in_what_was_left() -> None:
    """Queue again what a crash left half-way."""
    stuck = select(Statement.id).where(
        Statement.state == StatementState.RUNNING, Statement.touched_at < now() - DIED_AFTER
    )
    left = db.session.scalars(stuck).all()
    db.session.rollback()
    for number in left:
        if not queue().holds(bring_in, number):
            later(bring_in, number)
