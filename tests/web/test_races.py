"""People change the same things at the same moment: one of them wins, and the other is told. Real connections."""

from threading import Event as Signal
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.cast import AT, Cast, stages
from tests.factories import (
    engagement_of,
    make_client,
    make_contact,
    make_deal,
    make_engagement,
    make_invoice,
    make_payment,
)
from webapp.db import db, transaction
from webapp.domain.calendar_feed import CalendarFeed
from webapp.domain.client import Client
from webapp.domain.competitor import Competitor
from webapp.domain.contact import Contact
from webapp.domain.contract import Contract
from webapp.domain.covering import assign, hold
from webapp.domain.engagement import Engagement
from webapp.domain.errors import Refused
from webapp.domain.file import StoredFile
from webapp.domain.letter_text import LetterText, TextKind
from webapp.domain.product_family import ProductFamily
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AnswerKind, ProposalAnswer, Visitor
from webapp.domain.proposal_content import content
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.rival_thread import RivalThread
from webapp.domain.share_link import ShareLink
from webapp.domain.stage import Stage
from webapp.domain.template_preview import TemplatePreview
from webapp.domain.user import User
from webapp.domain.words import Department
from webapp.queries.stages import standing

SALES, CLIENT, VIP = Department


@pytest.fixture
def overlapping(app: Flask):
    """Run a first verb, and while its transaction is still open a second one; gives what each was told."""

    def run(first, second) -> list[str]:
        changed, told = Signal(), ["", ""]

        def attempt(place: int, verb) -> None:
            with app.app_context():
                try:
                    with transaction() as session:
                        verb(session)
                        if place == 0:
                            session.flush()
                            changed.set()
                            later.join(0.4)  # the second waits for the first by now, or is through
                    told[place] = "done"
                except (Refused, StaleDataError) as error:
                    told[place] = f"refused {getattr(error, 'field', None) or ''}".strip()
                finally:
                    changed.set()
                    db.session.remove()

        later = Thread(target=lambda: (changed.wait(10), attempt(1, second)))
        later.start()
        attempt(0, first)
        later.join(15)
        return told

    return run


def test_of_two_clients_that_are_given_the_same_inn_at_once_one_is_told_at_the_field(
    session: Session, cast: Cast, overlapping
) -> None:
    numbers = [make_client(session, cast.hunter).id for _ in range(2)]
    hunter = cast.hunter.id
    session.commit()

    def name(number: int):
        def verb(session: Session) -> None:
            client, by = session.get_one(Client, number), session.get_one(User, hunter)
            session.add(client.change(by=by, at=AT, seen=client.version, inn="7707083893"))

        return verb

    session.rollback()
    assert overlapping(name(numbers[0]), name(numbers[1])) == ["done", "refused inn"]


def test_two_departments_that_stop_at_once_do_not_leave_a_client_with_nobody(
    session: Session, cast: Cast, overlapping
) -> None:
    client = make_client(session, cast.hunter)
    make_engagement(session, client, cast.vip)
    ours = [engagement.id for engagement in client.open_engagements]
    director = cast.director.id
    session.commit()

    def stop(number: int):
        def verb(session: Session) -> None:
            engagement = session.get_one(Engagement, number)
            assert engagement.client.open_engagements
            session.add(engagement.close(by=session.get_one(User, director), at=AT, reason="Gone"))

        return verb

    session.rollback()
    assert overlapping(stop(ours[0]), stop(ours[1])) == ["done", "refused"]
    session.expire_all()
    assert len(client.open_engagements) == 1


@pytest.mark.parametrize("what", ["file", "preview", "calendar", "letter text", "supply", "rival's thread"])
def test_who_writes_at_once_what_there_is_one_of_finds_what_the_other_wrote(
    session: Session, cast: Cast, overlapping, what: str
) -> None:
    client = make_client(session, cast.vip)
    contact, family = make_contact(session, client), ProductFamily.add(session, "Cloud", by=cast.director, at=AT)
    rivals = [Competitor.add(session, name, by=cast.director, at=AT).id for name in ("One", "Two")]
    user, ours, theirs, goods = cast.vip.id, client.id, contact.id, family.id
    session.commit()
    verbs = {
        "file": lambda s, nth: StoredFile.store(s, b"the same", "text/plain"),
        "preview": lambda s, nth: TemplatePreview.ask(s, user, {"shown": nth}, None, at=AT),
        "calendar": lambda s, nth: CalendarFeed.make(s, s.get_one(User, user), at=AT),
        "letter text": lambda s, nth: LetterText.keep(
            s, TextKind.INVOICE, "en", f"Word {nth}", "Your invoice", by=s.get_one(User, user), at=AT
        ),
        "supply": lambda s, nth: RivalSupply.note(
            s, s.get_one(Client, ours), s.get_one(ProductFamily, goods), s.get_one(Competitor, rivals[nth]),
            by=s.get_one(User, user), at=AT,
        ),
        "rival's thread": lambda s, nth: RivalThread.note(
            s, s.get_one(Contact, theirs), s.get_one(Competitor, rivals[0]), by=s.get_one(User, user), at=AT
        ),
    }  # fmt: skip
    verb = verbs[what]
    assert overlapping(lambda s: verb(s, 0), lambda s: verb(s, 1)) == ["done", "done"]
    if what == "supply":
        known = RivalSupply.current(session, ours, goods)
        assert known is not None
        assert known.competitor_id == rivals[1], "who says it last is right, and the other's word is over"
        assert session.scalar(select(func.count()).select_from(RivalSupply)) == 2
    else:
        entity = {"file": StoredFile, "preview": TemplatePreview, "calendar": CalendarFeed, "letter text": LetterText}
        assert session.scalar(select(func.count()).select_from(entity.get(what, RivalThread))) == 1
    if what == "preview":
        assert session.scalars(select(TemplatePreview.content)).one() == {"shown": 1}


@pytest.mark.parametrize("enters_first", [True, False])
def test_nobody_is_left_in_a_stage_that_is_removed_while_they_enter_it(
    session: Session, cast: Cast, overlapping, enters_first: bool
) -> None:
    first, second, *_ = stages(session, SALES)
    first.criteria = []
    number = engagement_of(make_client(session, cast.hunter)).id
    doomed, refuge, director = second.id, first.id, cast.director.id
    session.commit()

    def enter(session: Session) -> None:
        engagement, by = session.get_one(Engagement, number), session.get_one(User, director)
        into = session.get_one(Stage, doomed)
        session.add(engagement.move_to(into, by=by, at=AT, seen=engagement.version))

    def remove(session: Session) -> None:
        stage, to, by = session.get_one(Stage, doomed), session.get_one(Stage, refuge), session.get_one(User, director)
        stage.hold(session)
        session.add_all(stage.remove(session, standing(session, stage), to, by=by, at=AT))

    session.rollback()
    told = overlapping(enter, remove) if enters_first else overlapping(remove, enter)

    assert told == (["done", "done"] if enters_first else ["done", "refused"])
    session.expire_all()
    assert session.get_one(Engagement, number).stage_id == refuge


def test_a_payment_that_two_match_at_once_covers_what_one_of_them_said(
    session: Session, cast: Cast, overlapping
) -> None:
    client = make_client(session, cast.clerk)
    invoices = [make_invoice(session, client, 100_000).id for _ in range(2)]
    payment, seen = make_payment(session, 100_000), 1
    number, clerk, whose = payment.id, cast.clerk.id, client.id
    session.commit()

    def cover(invoice: int):
        def verb(session: Session) -> None:
            held, by = hold(session, number, seen), session.get_one(User, clerk)
            assign(session, held, session.get_one(Client, whose), [(invoice, 100_000)], by=by, at=AT)

        return verb

    assert overlapping(cover(invoices[0]), cover(invoices[1])) == ["done", "refused"]
    session.expire_all()
    assert [entry.invoice_id for entry in payment.allocations] == invoices[:1]


def test_an_invoice_that_two_payments_cover_at_once_is_paid_once(session: Session, cast: Cast, overlapping) -> None:
    client = make_client(session, cast.clerk)
    invoice = make_invoice(session, client, 100_000)
    payments = [make_payment(session, 100_000).id for _ in range(2)]
    number, clerk, whose = invoice.id, cast.clerk.id, client.id
    session.commit()

    def cover(payment: int):
        def verb(session: Session) -> None:
            held, by = hold(session, payment, 1), session.get_one(User, clerk)
            assign(session, held, session.get_one(Client, whose), [(number, 100_000)], by=by, at=AT)

        return verb

    assert overlapping(cover(payments[0]), cover(payments[1])) == ["done", "refused"]
    session.expire_all()
    assert (invoice.outstanding_minor, len(invoice.allocations)) == (0, 1)


@pytest.mark.parametrize("of_one_proposal", [True, False])
def test_of_two_versions_accepted_at_once_exactly_one_is(
    session: Session, cast: Cast, overlapping, of_one_proposal: bool
) -> None:
    deal = make_deal(session, make_client(session, cast.hunter))
    first = Proposal.draft(session, deal, by=cast.hunter, at=AT)
    links = [_share(session, cast, first.last)]
    other = first.next_version if of_one_proposal else lambda session, **who: Proposal.draft(session, deal, **who).last
    links.append(_share(session, cast, other(session, by=cast.hunter, at=AT)))
    session.commit()

    def accept(link: int):
        def verb(session: Session) -> None:
            found, them = session.get_one(ShareLink, link, with_for_update=True), Visitor("192.0.2.7", "A browser")
            ProposalAnswer.give(session, found, AnswerKind.ACCEPTED, "Irina", "", visitor=them, at=AT)

        return verb

    session.rollback()
    assert overlapping(accept(links[0]), accept(links[1])) == ["done", "refused"]
    session.expire_all()
    assert session.query(ProposalAnswer).count() == 1
    assert session.query(Contract).count() == 1


def test_the_database_keeps_an_answer_as_it_was_given(session: Session, cast: Cast) -> None:
    version = Proposal.draft(session, make_deal(session, make_client(session, cast.hunter)), by=cast.hunter, at=AT).last
    link = session.get_one(ShareLink, _share(session, cast, version))
    them = Visitor("192.0.2.7", "A browser")
    answer = ProposalAnswer.give(session, link, AnswerKind.ACCEPTED, "Irina", "", visitor=them, at=AT)
    session.commit()
    columns = "proposal_id, version_id, link_id, kind, name, words, at, address, agent, sha256"
    for change in (
        f"update proposal_answer set name = 'B' where id = {answer.id}",
        f"delete from proposal_answer where id = {answer.id}",
        f"insert into proposal_answer ({columns}) select {columns} from proposal_answer",
    ):
        with pytest.raises(DBAPIError):
            session.execute(text(change))
        session.rollback()


def _share(session: Session, cast: Cast, version: ProposalVersion) -> int:
    """A link to a version that is sent with it."""
    shown = content(version, cast.company, author=cast.hunter, at=AT)
    session.add(version.send(shown, by=cast.hunter, at=AT, seen=version.version))
    session.flush()
    session.add(version.store(StoredFile.store(session, f"{version.id}".encode(), "application/pdf"), at=AT))
    session.flush()
    token = ShareLink.make(session, version, version.valid_until, by=cast.hunter, at=AT)
    return ShareLink.find(session, token, AT).id


@pytest.mark.one_database
def test_who_waits_beside_a_job_that_writes_all_the_time_gets_its_turn(app: Flask) -> None:
    """SQLite's own waiting would look each tenth of a second, and find the job writing again each time."""
    began, over, written, turns = Signal(), Signal(), [], []

    def work() -> None:
        with app.app_context():
            while not over.is_set():
                with transaction() as session:
                    session.execute(text("SELECT 1"))
                    began.set()
                    over.wait(0.25)
                written.append(1)
            db.session.remove()

    job = Thread(target=work)
    job.start()
    try:
        with app.app_context():
            for _ in range(3):
                began.clear()
                assert began.wait(10), "the job writes again"
                before = len(written)
                with transaction():
                    turns.append(len(written) - before)
            db.session.remove()
    finally:
        over.set()
        job.join(15)
    assert max(turns) <= 3, "in turn, or nearly"
