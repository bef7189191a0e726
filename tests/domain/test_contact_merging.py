"""One person who was entered twice: nothing that is known of either is lost, and the threads become one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.attacks import make_competitor
from tests.cast import AT, Cast, TODAY
from tests.factories import (
    line,
    make_client,
    make_contact,
    make_deal,
    make_interaction,
    make_letter,
    make_product,
    make_task,
)
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.contact_erasing import erase
from webapp.domain.contact_merging import merge, merged
from webapp.domain.errors import Refused, Stale
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.launch import Launch
from webapp.domain.launch_state import Channel
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind, LetterState
from webapp.domain.mailing_link import MailingLink
from webapp.domain.product import Product
from webapp.domain.proposal import Proposal
from webapp.domain.rival_thread import RivalThread
from webapp.domain.standing import Attitude, Influence
from webapp.domain.task import TaskKind
from webapp.domain.thread import Thread
from webapp.domain.thread_keeping import keep
from webapp.domain.visit_contact import VisitContact
from webapp.queries.timeline import timeline

WORDS = st.sampled_from(["", "one", "two"])
PEOPLE = st.builds(
    Contact,
    name=st.sampled_from(["Ivan Petrov", "I. Petrov"]),
    position=WORDS,
    decision_role=st.sampled_from(DecisionRole),
    influence=st.sampled_from(Influence),
    attitude=st.sampled_from(Attitude),
    phone=WORDS,
    email=WORDS,
    consent=WORDS,
    note=WORDS,
    personal_note=WORDS,
    birthday=st.sampled_from([None, date(1977, 4, 13), date(1978, 4, 13)]),
)


@given(PEOPLE, PEOPLE)
def test_no_word_of_either_is_lost_and_the_kept_ones_count(kept: Contact, other: Contact) -> None:
    values = merged(kept, other)
    everything = " ".join(str(value) for value in values.values())
    for field in ("name", "position", "phone", "email", "consent", "note", "personal_note", "birthday"):
        assert str(getattr(kept, field) or "") in everything
        assert str(getattr(other, field) or "") in everything
    for field in ("decision_role", "influence", "attitude"):
        known = getattr(kept, field)
        assert values[field] == (known if known.value != "unknown" else getattr(other, field))
    assert merged(kept, kept) == {field: getattr(kept, field) for field in values}


@pytest.fixture
def twice(session: Session, cast: Cast) -> tuple[Contact, Contact]:
    client = make_client(session, cast.clerk)
    kept = make_contact(session, client, "Ivan Petrov", phone="", email="")
    other = make_contact(session, client, "I. Petrov", decision_role=DecisionRole.DECIDES)
    for contact, days in ((kept, 3), (other, 5)):
        at = AT - timedelta(days=days)
        make_interaction(session, client, InteractionKind.CALL, by=cast.clerk, contact=contact, at=at)
    return kept, other


def join(session: Session, kept: Contact, other: Contact, cast: Cast) -> None:
    told = merge(session, kept, other, by=cast.clerk, at=AT, seen=(kept.version, other.version))
    session.add(told)
    session.flush()
    keep(session, [kept.client_id], at=AT)


def test_all_that_hangs_on_one_hangs_on_the_other(session: Session, cast: Cast, twice) -> None:
    kept, other = twice
    client, rival = kept.client, make_competitor(session, cast.director)
    junior = make_contact(session, client, "Junior", reports_to_id=other.id)
    letter = make_letter(session, client, contact=other)
    first, second = (make_task(session, client, TODAY + timedelta(days=days), kind=TaskKind.MEETING) for days in (1, 2))
    for visit, whom in ((first.visit, [kept, other]), (second.visit, [other])):
        visit.people[:] = [VisitContact(contact=contact) for contact in whom]
    for contact in (kept, other):
        RivalThread.note(session, contact, rival, by=cast.clerk, at=AT)
    draft = Proposal.draft(session, make_deal(session, client, line()), by=cast.clerk, at=AT).last
    draft.contact = other
    session.flush()
    join(session, kept, other, cast)
    assert (kept.name, kept.phone, kept.email, kept.decision_role) == (
        "Ivan Petrov",
        "+79161234567",
        "ivan@client.test",
        DecisionRole.DECIDES,
    )
    assert "I. Petrov" in kept.note
    assert (other.removed_at, other.phone, other.name) == (AT, "", "I. Petrov")
    assert set(session.scalars(select(Interaction.contact_id))) == {kept.id}
    assert session.scalars(select(Letter.contact_id)).all() == [kept.id] == [letter.contact_id]
    assert (junior.reports_to_id, draft.contact_id) == (kept.id, kept.id)
    assert session.scalars(select(VisitContact.contact_id)).all() == [kept.id, kept.id]
    assert session.scalars(select(RivalThread.contact_id)).all() == [kept.id]
    thread = session.scalars(select(Thread)).one()
    assert (thread.contact_id, thread.facts["days"]) == (kept.id, 2)


def test_in_either_order_the_thread_is_the_same(session: Session, cast: Cast, twice) -> None:
    kept, other = twice
    client = make_client(session, cast.clerk)
    mirror = [make_contact(session, client, contact.name, decision_role=contact.decision_role) for contact in twice]
    for contact, days in zip(mirror, (3, 5), strict=True):
        at = AT - timedelta(days=days)
        make_interaction(session, client, InteractionKind.CALL, by=cast.clerk, contact=contact, at=at)
    join(session, kept, other, cast)
    join(session, mirror[1], mirror[0], cast)
    one, two = session.scalars(select(Thread).order_by(Thread.client_id))
    assert (one.strength, one.points, one.facts) == (two.strength, two.points, two.facts)


def test_nobody_ends_above_themselves(session: Session, cast: Cast, twice) -> None:
    kept, other = twice
    middle = make_contact(session, kept.client, "Middle", reports_to_id=kept.id)
    session.add(other.change(by=cast.clerk, at=AT, seen=other.version, reports_to_id=middle.id))
    session.flush()
    join(session, kept, other, cast)
    assert (kept.reports_to_id, middle.reports_to_id) == (None, kept.id)


def test_who_is_erased_is_erased_under_every_name_they_were_entered_by(session: Session, cast: Cast, twice) -> None:
    kept, other = twice
    third = make_contact(session, kept.client, "Ivan P. Petrov")
    namesake = make_contact(session, kept.client, "Ivan Petrovsky")
    make_interaction(session, kept.client, outcome="I. Petrov wants prices", by=cast.clerk, contact=other)
    letter = make_letter(session, kept.client, contact=third, subject="For Ivan P. Petrov")
    join(session, other, third, cast)
    join(session, kept, other, cast)
    told = erase(session, kept, "A letter of March 2", by=cast.clerk, at=AT)
    session.add_all(told)
    session.flush()
    assert [(each.name, each.erased_at, each.removed_at) for each in (kept, other, third)] == [
        (f"#{each.id}", AT, AT) for each in (kept, other, third)
    ]
    assert [each.subject_id for each in told if each.kind == "contact:erased"] == [kept.id, other.id, third.id]
    assert (namesake.name, namesake.erased_at) == ("Ivan Petrovsky", None)
    assert letter.subject == f"For #{third.id}"
    assert f"#{other.id} wants prices" in set(session.scalars(select(Interaction.outcome)))
    shown = str(timeline(session, cast.clerk.actor, kept.client_id))
    assert "Petrovsky" in shown
    assert "Petrov" not in shown.replace("Petrovsky", "")
    again = make_contact(session, kept.client, "Ivan Petrov")
    assert [each.subject_id for each in erase(session, again, "Once more", by=cast.clerk, at=AT)] == [again.id]


def mailed(session: Session, cast: Cast, contact: Contact, product: Product) -> MailingLink:
    """The link of an e-mail of a launch to this contact."""
    launch = Launch.draft(session, {Channel.EMAIL: (1_00, 0)}, by=cast.head_of_vip, at=AT, product=product, name="Tell",
                          owner=cast.head_of_vip, starts_on=TODAY, ends_on=TODAY + timedelta(days=30), message="New",
                          leaflet="", currency="RUB")  # fmt: skip
    place = LaunchClient(launch=launch, client=contact.client)
    session.add(place)
    session.flush()
    touch = LaunchTouch(launch=launch, launch_client_id=place.id, client=contact.client, channel=Channel.EMAIL)
    session.add(touch)
    link = MailingLink.find(session, MailingLink.make(session, touch, contact, at=AT))
    assert link is not None
    return link


@pytest.mark.parametrize("refuses", [True, False])
def test_the_links_of_both_speak_for_the_one_and_what_one_refused_is_held_for_both(
    session: Session, cast: Cast, twice, refuses: bool
) -> None:
    kept, other = twice
    session.add(other.change(by=cast.clerk, at=AT, seen=other.version, no_mailings=refuses))
    product = make_product(session, cast.director, "Cameras")
    links = [mailed(session, cast, contact, product) for contact in twice]
    mailing, invoice = (
        make_letter(session, kept.client, contact=kept, kind=kind) for kind in (LetterKind.LAUNCH, LetterKind.INVOICE)
    )
    join(session, kept, other, cast)
    assert [link.contact_id for link in links] == [kept.id, kept.id]
    assert (kept.no_mailings, mailing.state is LetterState.CANCELLED) == (refuses, refuses)
    links[1].stop(session, at=AT)
    assert (kept.no_mailings, mailing.state) == (True, LetterState.CANCELLED)
    assert invoice.state is LetterState.WAITING


def test_what_is_not_one_person_is_refused(session: Session, cast: Cast, twice) -> None:
    kept, other = twice
    stranger = make_contact(session, make_client(session, cast.clerk))
    for wrong in (kept, stranger):
        with pytest.raises(Refused, match="another contact"):
            join(session, kept, wrong, cast)
    with pytest.raises(Stale):
        merge(session, kept, other, by=cast.clerk, at=AT, seen=(kept.version, other.version + 1))
    join(session, kept, other, cast)
    with pytest.raises(Refused, match="removed"):
        join(session, kept, other, cast)
    assert session.scalar(select(func.count()).select_from(Contact).where(Contact.removed_at.is_not(None))) == 1
