"""What is told of links and answers: to whom, and by how many statements."""

from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.domain.test_proposal import send, store
from tests.factories import make_client, make_deal
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AnswerKind, ProposalAnswer, Visitor
from webapp.domain.proposal_state import Standing
from webapp.domain.share_link import ShareLink
from webapp.domain.user import User
from webapp.queries import deals, proposals, shares
from webapp.queries.client_page import client_page

QUESTION, ACCEPTED, DECLINED = AnswerKind


def shared(session: Session, cast: Cast, owner: User) -> ProposalVersion:
    version = Proposal.draft(session, make_deal(session, make_client(session, owner)), by=owner, at=AT).last
    send(session, version, cast)
    store(session, version)
    return version


def answer(session: Session, version: ProposalVersion, *kinds: AnswerKind) -> list[ProposalAnswer]:
    token = ShareLink.make(session, version, version.valid_until, by=version.made_by, at=AT)
    link, them = ShareLink.find(session, token, AT), Visitor("192.0.2.7", "A browser")
    session.add(link.open(at=AT))
    given = [ProposalAnswer.give(session, link, kind, "Irina", f"{kind}", visitor=them, at=AT) for kind in kinds]
    session.flush()
    return given


def test_answers_wait_for_the_owner_the_head_and_the_director_until_the_work_is_done(session, cast) -> None:
    (asked,) = answer(session, shared(session, cast, cast.hunter), QUESTION)
    answer(session, shared(session, cast, cast.clerk), DECLINED)
    people = (cast.hunter, cast.other_hunter, cast.head_of_sales, cast.clerk, cast.vip, cast.director)
    assert [shares.waiting_count(session, one.actor) for one in people] == [1, 0, 1, 1, 0, 2]
    assert [len(shares.waiting(session, one.actor)) for one in people] == [1, 0, 1, 1, 0, 2]
    session.add(asked.task.finish(by=cast.hunter, at=AT))
    session.flush()
    assert shares.waiting_count(session, cast.hunter.actor) == 0


def test_a_version_stands_where_the_client_left_it(session, cast) -> None:
    version = shared(session, cast, cast.hunter)

    def standing() -> tuple[Standing, int]:
        (row,) = deals.versions(session, cast.hunter.actor, version.proposal.deal_id, AT.date())
        (other,) = proposals.shown(session, cast.hunter.actor, version.proposal_id, AT).versions
        assert (row.standing, row.openings) == (other.standing, other.openings)
        return row.standing, row.openings

    assert standing() == (Standing.SENT, 0)
    answer(session, version)
    assert standing() == (Standing.OPENED, 1)
    (asked,) = answer(session, version, QUESTION)
    assert standing() == (Standing.QUESTION, 2)
    session.add(asked.task.finish(by=cast.hunter, at=AT))
    session.flush()
    assert standing() == (Standing.OPENED, 2)
    answer(session, version, DECLINED)
    assert standing() == (Standing.DECLINED, 3)
    later = version.proposal.next_version(session, by=cast.hunter, at=AT)
    answer(session, version, ACCEPTED, QUESTION)
    _draft, row = proposals.shown(session, cast.hunter.actor, version.proposal_id, AT).versions
    assert (row.standing, row.openings) == (Standing.ACCEPTED, 4)
    page = client_page(session, cast.hunter.actor, version.proposal.deal.client, AT.date())
    (row,) = page.deals[0].proposals
    assert (row.version, row.standing) == (later.number, Standing.ACCEPTED)


def test_one_answer_and_many_cost_the_same_statements(session, cast, statements) -> None:
    version = shared(session, cast, cast.hunter)

    def cost() -> int:
        session.expire_all()
        actor, deal_id = cast.hunter.actor, version.proposal.deal_id
        proposal_id, version_id = version.proposal_id, version.id
        with statements() as seen:
            shares.links_of(session, actor, version_id, AT)
            shares.answers_of(session, actor, proposal_id)
            shares.waiting(session, actor)
            deals.versions(session, actor, deal_id, AT.date())
        return len(seen)

    answer(session, version, QUESTION)
    few = cost()
    for _ in range(6):
        answer(session, version, QUESTION, DECLINED)
    assert cost() == few == 4
