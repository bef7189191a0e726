"""Reading, planning and applying an import in the background, with its progress."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.importing import Import, ImportState, KEPT_FOR
from webapp.domain.words import N_
from webapp.exchange.apply import apply_plan
from webapp.exchange.planned import Plan
from webapp.exchange.running import plan_files, preview_of
from webapp.jobs import later, limited, queue, sweep
from webapp.web.clock import now

DIED_AFTER = timedelta(minutes=15)
"""An import that has not moved for so long lost its worker."""


@limited(600)
def read_import(number: int) -> None:
    """Read the files and show what confirming would do."""
    run = db.session.get(Import, number)
    if run is None or run.state is not ImportState.READING:
        return
    try:
        plan = _plan(db.session(), run)
        with transaction() as session:
            session.get_one(Import, number).show(plan.source, plan.counts, preview_of(plan), at=now())
    except Refused as refusal:
        _fail(number, refusal)
    except Exception:
        current_app.logger.exception("import %s could not be read", number)
        _fail(number, OUR_MISTAKE)


@limited(1800)
def apply_import(number: int) -> None:
    """Write what was confirmed, in one transaction. If the data changed since the preview, show the new one instead."""
    try:
        with transaction() as session:
            run = session.get(Import, number, with_for_update=True)
            if run is not None and run.state is ImportState.RUNNING:
                _apply(session, run)
    except Refused as refusal:
        _fail(number, refusal)
    except Exception:
        current_app.logger.exception("import %s could not be applied", number)
        _fail(number, OUR_MISTAKE)


OUR_MISTAKE = Refused(N_("Something went wrong on our side. Nothing was half-written."))


def _apply(session: Session, run: Import) -> None:
    session.get_one(Company, 1, with_for_update=True)  # one import at a time
    plan = _plan(session, run)
    if plan.counts != run.counts:
        run.show(plan.source, plan.counts, {**preview_of(plan), "moved": True}, at=now())
        return
    desk = apply_plan(session, plan, run, by=run.started_by, at=now(), progress=lambda *done: tell(run.id, *done))
    session.add(run.finish(plan.counts, tuple(sorted(desk.stages)), by=run.started_by, at=now()))


def _plan(session: Session, run: Import) -> Plan:
    files = [(file.name, file.content) for file in run.files]
    return plan_files(session, files, run.options.get("currency", ""), run.options.get("matches", {}))


def _fail(number: int, refusal: Refused) -> None:
    with transaction() as session:
        session.get_one(Import, number).fail(refusal, at=now())


def tell(number: int, done: int, total: int) -> None:
    """Progress lives beside the queue: the transaction that writes the import is seen by nobody until it ends."""
    queue().huey.put(f"import-{number}", [done, total])


def progress(number: int) -> tuple[int, int]:
    """How much is written, of how much; 0 of 0 while nobody knows."""
    done, total = queue().huey.get(f"import-{number}", peek=True) or (0, 0)
    return int(done), int(total)


@sweep
def rescue_imports() -> None:
    """Queue again what a crash left behind, and drop previews that nobody confirmed within a day."""
    stuck = select(Import.id, Import.state).where(
        Import.state.in_((ImportState.READING, ImportState.RUNNING)), Import.touched_at < now() - DIED_AFTER
    )
    for number, state in db.session.execute(stuck).all():
        work = read_import if state is ImportState.READING else apply_import
        if not queue().holds(work, number):
            with transaction() as session:
                session.get_one(Import, number).touched_at = now()
            later(work, number)
    forgotten = select(Import.id).where(Import.state == ImportState.PREVIEWED, Import.touched_at < now() - KEPT_FOR)
    for number in db.session.scalars(forgotten).all():
        with transaction() as session:
            session.get_one(Import, number).drop(at=now())
