"""What is sent stays: the database itself refuses to change it, and the stored bytes prove themselves (rule 9)."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client, make_deal
from webapp import printing
from webapp.domain.event import Event
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_content import content
from webapp.domain.proposal_state import MOST_FAILURES, VersionState
from webapp.jobs import Queue
from webapp.pdf import document
from webapp.printing import print_version, TIME_LIMIT
from webapp.web.clock import now

CHANGES = [
    "title = 'x'",
    "lines = '[]'",
    "printed = '{}'",
    "printed = null",
    "dated_on = '2020-01-01'",
    "number = 7",
    "frozen_at = null",
    "state = 'draft'",
    "sent_by_id = null",
    "contact_id = null, terms = 'x'",
    "attached = '[1]'",
    "template_id = 1",
]


@pytest.fixture
def frozen(session: Session, cast: Cast) -> ProposalVersion:
    deal = make_deal(session, make_client(session, cast.hunter))
    version = Proposal.draft(session, deal, by=cast.hunter, at=now()).last
    shown = content(version, cast.company, author=cast.hunter, at=now())
    session.add(version.send(shown, by=cast.hunter, at=now(), seen=version.version))
    session.commit()
    return version


@pytest.fixture
def sent(app, session: Session, frozen: ProposalVersion) -> ProposalVersion:
    with app.app_context():
        print_version(frozen.id)
    session.rollback()
    assert frozen.state is VersionState.SENT
    return frozen


def refused(session: Session, statement: str) -> bool:
    try:
        session.execute(text(statement))
        session.flush()
    except DBAPIError:
        return True
    finally:
        session.rollback()
    return False


@pytest.mark.parametrize("change", [*CHANGES, "failures = 1", "state = 'printing'", "file_id = null", "sent_at = null"])
def test_the_database_refuses_to_change_a_sent_version(session, sent, change: str) -> None:
    assert refused(session, f"update proposal_version set {change} where id = {sent.id}")


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_a_version_that_is_being_printed(session, frozen, change: str) -> None:
    assert refused(session, f"update proposal_version set {change} where id = {frozen.id}")


def test_a_version_that_is_being_printed_may_count_its_failures(session, frozen) -> None:
    assert not refused(session, f"update proposal_version set failures = 1 where id = {frozen.id}")


def test_the_database_refuses_to_remove_what_was_sent_and_to_change_its_file(session, sent) -> None:
    assert refused(session, f"delete from proposal_version where id = {sent.id}")
    assert refused(session, f"delete from proposal where id = {sent.proposal_id}")
    assert refused(session, f"update stored_file set sha256 = 'x' where id = {sent.file_id}")
    assert refused(session, f"delete from stored_file where id = {sent.file_id}")


def test_a_version_is_not_sent_without_its_file(session, frozen) -> None:
    assert refused(session, f"update proposal_version set state = 'sent' where id = {frozen.id}")


def test_the_stored_bytes_have_the_recorded_hash_and_print_the_same_again(session, sent) -> None:
    assert sha256(sent.file.content).hexdigest() == sent.file.sha256
    told = session.scalars(select(Event).where(Event.kind == "proposal:printed")).one()
    assert told.details["sha256"] == sent.file.sha256
    assert document.print_pdf(document.write(sent.printed)) == sent.file.content


def test_a_file_that_lost_its_hash_is_not_handed_out(session, sign_in, cast, sent, monkeypatch) -> None:
    monkeypatch.setattr("webapp.web.proposal_file.sha256", lambda stored: sha256(stored + b"x"))
    assert sign_in(cast.hunter).get(f"/proposals/versions/{sent.id}/file").status_code == 500


def test_hunters_who_draft_at_once_get_numbers_without_gap(session, sign_in, cast) -> None:
    deals = [make_deal(session, make_client(session, cast.hunter)) for _ in range(6)]
    browsers = [(sign_in(cast.hunter), f"/deals/{deal.id}/proposals") for deal in deals]
    for browser, _url in browsers:
        browser.csrf_token()
        browser.before_request = None
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda each: each[0].post(each[1]).status_code, browsers))
    assert answers == [303] * 6
    session.rollback()
    assert sorted(session.scalars(select(Proposal.number))) == [1, 2, 3, 4, 5, 6]


def test_a_print_that_fails_says_so_is_begun_again_and_then_waits_for_a_person(
    app, session, sign_in, cast, frozen, monkeypatch
) -> None:
    def fail(*printed: object) -> bytes:
        raise document.TooLong("a test")

    browser = sign_in(cast.hunter)
    with monkeypatch.context() as patch, app.app_context():
        patch.setattr(document, "print_pdf", fail)
        for _ in range(MOST_FAILURES):
            with pytest.raises(document.TooLong):
                print_version(frozen.id)
    assert "could not be made" in browser.get(f"/proposals/{frozen.proposal_id}").text
    assert len(session.scalars(select(Event).where(Event.kind == "proposal:unprinted")).all()) == MOST_FAILURES
    queued: list[int] = []
    with monkeypatch.context() as patch, app.app_context():
        patch.setattr(printing, "OVERDUE", -printing.OVERDUE)
        patch.setattr(printing, "later", lambda job, version_id: queued.append(version_id))
        printing.print_what_was_left()
    assert queued == []
    browser.submit(browser.get(f"/proposals/{frozen.proposal_id}"), "form#print")
    session.expire_all()
    assert frozen.state is VersionState.SENT


def test_a_print_has_a_time_limit(app, frozen) -> None:
    queue = Queue(app)
    queue.huey.immediate = False
    queue.huey.flush()  # on PostgreSQL other tests may have left jobs behind
    queue.put(print_version, frozen.id)
    assert [task.timeout for task in queue.huey.pending()] == [TIME_LIMIT]
    assert queue.holds(print_version, frozen.id)
    assert not queue.holds(print_version, frozen.id + 1)
    queue.huey.flush()
    queue.huey.storage.close()
