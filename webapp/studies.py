"""Studies in the background: the back-test of health, and how long cohorts stay. The page shows the last ones."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.health_model import HealthModel, SHIPPED_NUMBER, terms_in_force
from webapp.domain.study import Study, StudyKind
from webapp.domain.user import User
from webapp.jobs import later, limited, nightly
from webapp.proof.cohorts import cohorts
from webapp.proof.judging import judge
from webapp.proof.looks import look_back
from webapp.web.clock import now

LIMIT = 600
"""Seconds: two years of 10 000 clients take a tenth of that."""


def backtest(session: Session, today: date) -> dict[str, Any]:
    """What the running model said before the losses of two years, beside the naive rules; and weights from them."""
    from webapp.proof.weighing import suggest

    running, terms = HealthModel.running(session), terms_in_force(session)
    looks = list(look_back(session, terms, today))
    model = SHIPPED_NUMBER if running is None else running.number
    return {
        "day": today.isoformat(),
        "model": model,
        "weights": asdict(terms)["weights"],
        **judge(looks),
        "suggestion": suggest(looks, terms),
    }


STUDIES: dict[StudyKind, Callable[[Session, date], dict[str, Any]]] = {
    StudyKind.BACKTEST: backtest,
    StudyKind.COHORTS: lambda session, today: dict(cohorts(session, today)),
}


def ask(session: Session, kind: StudyKind, *, by: User | None) -> Study:
    """Have it made, unless it is being made: the answer is the one to wait for."""
    company, waiting = session.get_one(Company, 1), Study.newest(session, kind)
    if waiting is not None and waiting.done_at is None and (now() - waiting.asked_at).total_seconds() < LIMIT:
        return waiting
    return Study.ask(session, kind, company.today(now()), by=by, at=now())


def begin(kind: StudyKind, *, by: User | None) -> None:
    """Ask for it, and queue the work."""
    with transaction() as session:
        study = ask(session, kind, by=by)
    later(make, study.id)


@limited(LIMIT)
def make(number: int) -> None:
    """Do what was asked for. Reading takes no lock; only the result is written."""
    study = db.session.get(Study, number)
    if study is None or study.done_at is not None:
        return
    try:
        found, failed = STUDIES[study.kind](db.session(), study.day), ""
    except Exception as error:
        current_app.logger.exception("the study %s failed", study.kind)
        found, failed = {}, type(error).__name__
    with transaction() as session:
        kept = session.get_one(Study, number)
        kept.end(found, at=now()) if not failed else kept.fail(failed, at=now())


@nightly("cohorts")
def keep_cohorts(day: date) -> dict[str, int]:
    """The figures of cohorts, each night; the back-test takes longer, and is asked for by people."""
    begin(StudyKind.COHORTS, by=None)
    return {"studies": 1}
