"""The job that prints a frozen proposal version and stores its PDF."""

from datetime import timedelta

from sqlalchemy import select

from webapp.db import db, transaction
from webapp.domain.file import StoredFile
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_state import MOST_FAILURES, VersionState
from webapp.jobs import later, limited, queue, sweep
from webapp.pdf import document
from webapp.web.clock import now

TIME_LIMIT = 120
"""Seconds for one print; the longest draft that is allowed takes ten on an idle core."""

OVERDUE = timedelta(minutes=4)
"""A version frozen so long ago, and not in the queue, was left behind by a crash."""


@limited(TIME_LIMIT)
def print_version(version_id: int) -> None:
    """Print the version and store its PDF, unless that happened already. No transaction is open while it prints."""
    version = db.session.get(ProposalVersion, version_id)
    if version is None or version.state is not VersionState.PRINTING or version.printed is None:
        return
    content = version.printed
    db.session.rollback()
    try:
        pdf = document.print_pdf(document.write(content))
    except Exception as error:
        _note(version_id, type(error).__name__)
        raise
    with transaction() as session:
        version = session.get_one(ProposalVersion, version_id, with_for_update=True)
        if version.state is VersionState.PRINTING:
            session.add(version.store(StoredFile.store(session, pdf, "application/pdf"), at=now()))


def _note(version_id: int, because: str) -> None:
    with transaction() as session:
        version = session.get_one(ProposalVersion, version_id, with_for_update=True)
        if version.state is VersionState.PRINTING:
            session.add(version.fail(because, at=now()))


@sweep
def print_what_was_left() -> None:
    """Queue again what a crash left frozen without a PDF."""
    left = db.session.scalars(
        select(ProposalVersion.id).where(
            ProposalVersion.state == VersionState.PRINTING,
            ProposalVersion.frozen_at < now() - OVERDUE,
            ProposalVersion.failures < MOST_FAILURES,
        )
    ).all()
    db.session.rollback()
    for version_id in left:
        if not queue().holds(print_version, version_id):
            later(print_version, version_id)
