"""The quarterly review on the screen, from opening to approval; who may; what the database refuses; what it costs."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_offer
from tests.support.client import soup
from tests.vip import enter, line_of, make_tiers, open_review, paying
from webapp.domain.handoff import HandOff
from webapp.domain.vip_approval import approve
from webapp.domain.vip_line import VipLine, VipSum
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import ReviewState, VipReview
from webapp.domain.vip_rules import VipStep
from webapp.domain.words import Department
from webapp.queries.vip_list import review_rows, vip_list, WantedMembers
from webapp.queries.vip_review import review_page, WantedLines

FORM = "main form[method=post]"


def one(session: Session) -> VipReview:
    session.expire_all()
    return session.scalars(select(VipReview)).one()


def test_a_quarter_is_reviewed_from_proposals_to_hand_offs(session, cast: Cast, sign_in) -> None:
    make_tiers(session, cast)
    best = paying(session, cast.clerk, 9000, before=1000, name="Big & Co", inn="7707083893")
    small = [paying(session, cast.clerk, 100, name=f"Small {number}") for number in range(9)]
    head, director = sign_in(cast.head_of_vip), sign_in(cast.director)
    answer = head.submit(head.get("/vip/reviews"), FORM)
    review = one(session)
    assert answer.location == f"/vip/reviews/{review.id}"
    page = head.get(answer.location)
    shown = " ".join(soup(page).get_text().split())
    assert "Mono-dependence: in RUB the list brings 90 percent of the sales" in shown
    assert "Class A by payments of the last 12 months; Payments grow" in shown
    assert head.submit(page, "#submit-review").status_code == 303
    assert one(session).state is ReviewState.OPEN, "something proposed is not decided"
    line = line_of(session, review, best)
    form = head.get(f"/vip/lines/{line.id}")
    assert head.submit(form, FORM, reason=" ").status_code == 422
    assert head.submit(form, FORM, reason="The largest of all").status_code == 303
    hand = head.submit(page, "#put-on", client="small 3")
    assert head.submit(head.get(hand.location), FORM).status_code == 303
    nobody = head.submit(page, "#put-on", client="Nobody")
    assert "No client has this name" in head.get(nobody.location).text
    head.submit(head.get(f"/vip/reviews/{review.id}"), "#rest", reason="As proposed")
    head.submit(head.get(f"/vip/reviews/{review.id}"), "#submit-review")
    assert one(session).state is ReviewState.READY
    page = director.get(f"/vip/reviews/{review.id}")
    director.submit(page, "#return form", reason="Look at it again")
    assert "Look at it again" in head.get(f"/vip/reviews/{review.id}").text
    head.submit(head.get(f"/vip/reviews/{review.id}"), "#submit-review")
    assert director.submit(director.get(f"/vip/reviews/{review.id}"), "#approve-review").status_code == 303
    assert one(session).state is ReviewState.APPROVED
    handoff = session.scalars(select(HandOff)).one()
    assert (handoff.client, handoff.answers["why_vip"]) == (best, "The largest of all")
    assert line_of(session, review, small[3]).decision is VipStep.WAIT
    assert "hand-off: Drafted" in " ".join(soup(head.get(f"/vip/reviews/{review.id}?changes=1")).get_text().split())
    number = (review.quarter.month + 2) // 3
    assert f"Q{number} {review.quarter.year}" in head.get("/vip/reviews").text


def test_who_may(session, cast: Cast, sign_in) -> None:
    make_tiers(session, cast)
    client = paying(session, cast.clerk, 1000)
    review = open_review(session, cast)
    line = line_of(session, review, client)
    decide = {f"/vip/lines/{line.id}": 403, "/vip/reviews": 403, f"/vip/reviews/{review.id}/submitted": 403}
    for part in (cast.vip, cast.head_of_client, cast.clerk):
        browser = sign_in(part)
        assert browser.get("/vip").status_code == (403 if part is cast.clerk else 200)
        assert {path: browser.post(path).status_code for path in decide} == decide
    for part in (cast.head_of_vip, cast.head_of_sales):
        browser = sign_in(part)
        assert browser.get(f"/vip/lines/{line.id}").status_code == 200
        assert browser.post(f"/vip/reviews/{review.id}/approved").status_code == 403
    assert one(session).state is ReviewState.OPEN


def test_the_rules_are_settings(session, cast: Cast, sign_in) -> None:
    browser = sign_in(cast.director)
    page = browser.get("/settings")
    assert browser.submit(page, "#vip-form", growth="0").status_code == 422
    assert browser.submit(page, "#vip-form", growth="45").status_code == 303
    session.refresh(cast.company)
    assert (cast.company.vip_rules["growth"], cast.company.vip_rules["a_sales"]) == (45, 50)


def test_what_an_owner_carries_is_shown_where_one_is_chosen(session, cast: Cast, sign_in) -> None:
    gold, _ = make_tiers(session, cast)
    for _number in range(3):
        enter(session, make_client(session, cast.vip), gold, cast)
    handoff = make_offer(session, make_client(session, cast.clerk), Department.VIP)
    browser = sign_in(cast.head_of_vip)
    offered = " ".join(soup(browser.get(f"/handoffs/{handoff.id}")).get_text().split())
    assert "25 % Gold 3 of at most 12" in offered
    team = " ".join(soup(browser.get("/vip")).select_one("#team").get_text().split())
    assert "Gold: 3 of at most 12" in team


@pytest.mark.parametrize(
    "change",
    [
        update(VipReview).values(note="Other"),
        delete(VipReview),
        update(VipLine).values(reason="Other"),
        delete(VipLine),
        update(VipSum).values(paid_minor=1),
        text("INSERT INTO vip_sum (line_id, currency, paid_minor, before_minor, sales_class) "
             "SELECT min(id), 'EUR', 1, 1, 'a' FROM vip_line"),
    ],
    ids=str,
)  # fmt: skip
def test_the_database_refuses_to_change_an_approved_list(session: Session, cast: Cast, change) -> None:
    make_tiers(session, cast)
    paying(session, cast.clerk, 1000)
    review = open_review(session, cast)
    seen = {"by": cast.head_of_vip, "at": AT}
    session.add(review.decide_rest(session, "As proposed", **seen, seen=review.version))
    session.flush()
    session.add(review.submit(session, **seen, seen=review.version))
    session.flush()
    session.add(approve(session, review, cast.company, by=cast.director, at=AT, seen=review.version))
    session.flush()
    with pytest.raises(DBAPIError, match="never changes"), session.begin_nested():
        session.execute(change)


def test_a_page_costs_the_same_with_one_and_with_thirty(session: Session, cast: Cast, statements) -> None:
    gold, _ = make_tiers(session, cast)
    enter(session, paying(session, cast.vip, 1000), gold, cast)
    review = open_review(session, cast)
    counts = []
    for more in (0, 30):
        for _number in range(more):
            enter(session, paying(session, cast.vip, 1000, key=True), gold, cast)
        session.add(review.reckon_anew(session, cast.company, by=cast.head_of_vip, at=AT, seen=review.version))
        session.flush()
        with statements() as seen:
            page = review_page(session, cast.head_of_vip.actor, review, WantedLines())
            listed = vip_list(session, cast.head_of_vip.actor, WantedMembers())
            review_rows(session, cast.head_of_vip.actor)
        counts.append(len(seen))
        assert (len(page.rows), len(listed.rows)) == (more + 1, more + 1)
    assert counts[0] == counts[1] == 4 + 4 + 2


def test_the_lists_of_two_quarters_stay_as_they_were_approved(session: Session, cast: Cast, sign_in) -> None:
    gold, _silver = make_tiers(session, cast)
    fading = paying(session, cast.vip, 9000, name="Fading & Co")
    rising = paying(session, cast.vip, 100, name="Rising")
    quarters = ((AT, [(fading, VipStep.ENTER, "The largest"), (rising, VipStep.WAIT, "")]),)
    later = AT + timedelta(days=92)
    quarters += ((later, [(fading, VipStep.LEAVE, "It pays no more"), (rising, VipStep.ENTER, "It grew")]),)
    reviews = []
    for at, decisions in quarters:
        review = open_review(session, cast, at)
        for client, step, reason in decisions:
            known = select(VipLine).where(VipLine.review_id == review.id, VipLine.client_id == client.id)
            line = session.scalar(known) or review.put_on(session, client, by=cast.head_of_vip, at=at)
            tier = gold if step is VipStep.ENTER else None
            session.add(line.decide(step, tier, reason, by=cast.head_of_vip, at=at, seen=line.version))
        session.flush()
        session.add(review.submit(session, by=cast.head_of_vip, at=at, seen=review.version))
        session.flush()
        session.add(approve(session, review, cast.company, by=cast.director, at=at, seen=review.version))
        session.flush()
        reviews.append(review)
    first, second = reviews
    browser = sign_in(cast.head_of_vip)
    rows = soup(browser.get("/vip/reviews")).select("tbody tr")
    told = [(row.th.text.strip(), [cell.text.strip() for cell in row.select("td.num")]) for row in rows]
    assert told == [("Q2 2026", ["1", "1", "0", "1"]), ("Q1 2026", ["1", "1", "0", "0"])]
    assert all("Dina Director" in row.text for row in rows)

    def decided(review: VipReview) -> dict[str, str]:
        lines = soup(browser.get(f"/vip/reviews/{review.id}")).select("tbody tr[id^=line-]")
        return {line.th.a.text: " ".join(line.select("td")[2].get_text(" ").split()) for line in lines}

    was, now = decided(first), decided(second)
    assert was["Fading & Co"].startswith("Enters Gold The largest"), was
    assert was["Rising"].startswith("Candidate")
    assert now["Fading & Co"].startswith("Leaves It pays no more")
    assert now["Rising"].startswith("Enters Gold It grew")
    shown = " ".join(soup(browser.get("/vip")).get_text().split())
    assert "Rising" in shown
    assert "Fading & Co" not in shown
    places = session.execute(select(VipPlace.client_id, VipPlace.since, VipPlace.until).order_by(VipPlace.id)).all()
    left = cast.company.today(later)
    assert places == [(fading.id, TODAY, left), (rising.id, left, None)]
