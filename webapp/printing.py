"""The jobs that print a frozen proposal version, and the record of its acceptance, and store their PDFs."""

from datetime import timedelta

from sqlalchemy import select

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.file import StoredFile
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_answer import AnswerKind, ProposalAnswer
from webapp.domain.proposal_content import record_content
from webapp.domain.proposal_state import MOST_FAILURES, VersionState
from webapp.domain.proposal_template import logo_of
from webapp.jobs import later, limited, queue, sweep
from webapp.pdf import document
from webapp.web.clock import now

TIME_LIMIT = 120
"""Seconds for one print; the longest draft that is allowed takes ten on an idle core."""

OVERDUE = timedelta(minutes=4)
"""A version frozen so long ago, and not in the queue, was left behind by a crash."""


GIVEN_UP = timedelta(days=1)
"""A record that could not be printed for so long waits for a person, who asks for it on the proposal's page."""


@limited(TIME_LIMIT)
def print_version(version_id: int) -> None:
    """Print the version and store its PDF, unless that happened already. No transaction is open while it prints."""
    version = db.session.get(ProposalVersion, version_id)
    if version is None or version.state is not VersionState.PRINTING or version.printed is None:
        return
    content = version.printed
    logo = logo_of(db.session(), content)
    db.session.rollback()
    try:
        pdf = document.print_proposal(content, logo)
    except Exception as error:
        _note(version_id, type(error).__name__)
        raise
    with transaction() as session:
        version = session.get_one(ProposalVersion, version_id, with_for_update=True)
        if version.state is VersionState.PRINTING:
            session.add(version.store(StoredFile.store(session, pdf, "application/pdf"), at=now()))


@limited(TIME_LIMIT)
def print_record(answer_id: int) -> None:
    """Print the record of an acceptance and keep it beside the document, unless that happened already."""
    answer = db.session.get(ProposalAnswer, answer_id)
    if answer is None or answer.kind is not AnswerKind.ACCEPTED or answer.record is not None:
        return
    content = record_content(answer, db.session.get_one(Company, 1))
    db.session.rollback()
    pdf = document.print_paper(document.write_record(content))
    with transaction() as session:
        answer = session.get_one(ProposalAnswer, answer_id, with_for_update=True)
        if answer.record is None:
            session.add(answer.keep_record(StoredFile.store(session, pdf, "application/pdf"), at=now()))


def _note(version_id: int, because: str) -> None:
    with transaction() as session:
        version = session.get_one(ProposalVersion, version_id, with_for_update=True)
        if version.state is VersionState.PRINTING:
            session.add(version.fail(because, at=now()))


@sweep
def print_what_was_left() -> None:
    """Queue again what a crash left frozen without a PDF, or accepted without a record."""
    left = db.session.scalars(
        select(ProposalVersion.id).where(
            ProposalVersion.state == VersionState.PRINTING,
            ProposalVersion.frozen_at < now() - OVERDUE,
            ProposalVersion.failures < MOST_FAILURES,
        )
    ).all()
    unrecorded = db.session.scalars(
        select(ProposalAnswer.id).where(
            ProposalAnswer.kind == AnswerKind.ACCEPTED,
            ProposalAnswer.at.between(now() - GIVEN_UP, now() - OVERDUE),
            ~ProposalAnswer.record.has(),
        )
    ).all()
    db.session.rollback()
    for job, keys in ((print_version, left), (print_record, unrecorded)):
        for key in keys:
            if not queue().holds(job, key):
                later(job, key)
