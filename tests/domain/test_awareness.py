"""Awareness: sending is not telling. Only a person's talk with the client, or the client's own answer, tells."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast
from tests.factories import make_client, make_contract, make_product
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState, BECOMES, Happening, TELLING
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction, InteractionKind

LATER = AT + timedelta(days=9)


@pytest.fixture
def known(session: Session, cast: Cast) -> Awareness:
    return Awareness.of(session, make_client(session, cast.hunter).id, make_product(session, cast.hunter).id, at=AT)


def talk(session: Session, client: Client, cast: Cast, kind: InteractionKind = InteractionKind.CALL) -> Interaction:
    return Interaction.record(session, client, kind, "We spoke", by=cast.clerk, at=AT)


def test_a_mailing_tells_nobody(session: Session, cast: Cast, known: Awareness) -> None:
    sent = known.send(by=None, at=AT)
    assert sent is not None
    assert (known.state, known.sent_at, known.told_at) == ("sent", AT, None)
    letter = talk(session, known.client, cast, InteractionKind.EMAIL)
    with pytest.raises(Refused, match="letter tells nobody"):
        known.tell(letter, by=cast.clerk, at=AT)
    assert (known.state, known.told_at) == ("sent", None)


def test_who_told_first_stays_known(session: Session, cast: Cast, known: Awareness) -> None:
    first = talk(session, known.client, cast)
    told = known.tell(first, by=cast.clerk, at=AT)
    assert told is not None
    assert told.details == {"was": "not_told", "state": "told", "product": known.product.name}
    second = Interaction.record(session, known.client, InteractionKind.MEETING, "Shown", by=cast.vip, at=LATER)
    known.tell(second, Happening.INTERESTED, by=cast.vip, at=LATER)
    assert (known.state, known.told_at, known.told_by, known.told_in) == ("interested", AT, cast.clerk, first)


def test_a_client_that_answers_by_itself_knows_and_nobody_told_it(known: Awareness) -> None:
    known.send(by=None, at=AT)
    known.answer(Happening.REFUSED, at=LATER, reason="too dear")
    assert (known.state, known.told_at, known.told_by, known.reason) == ("refused", LATER, None, "too dear")


def test_what_does_not_suit_needs_a_reason_and_comes_back_to_what_was_known(
    session: Session, cast: Cast, known: Awareness
) -> None:
    known.tell(talk(session, known.client, cast), by=cast.clerk, at=AT)
    with pytest.raises(Refused, match="why"):
        known.exclude(" ", by=cast.clerk, at=AT)
    assert known.exclude("They have no fleet", by=cast.clerk, at=AT)
    assert known.send(by=None, at=AT) is None
    assert known.state == "not_eligible"
    assert known.readmit(by=cast.clerk, at=AT)
    assert known.state == "told"


def test_a_contract_makes_it_owned_whatever_was_before(session: Session, cast: Cast) -> None:
    product, client = make_product(session, cast.hunter), make_client(session, cast.hunter)
    make_contract(session, client, product_id=product.id)
    owned = session.scalars(select(Awareness)).one()
    assert (owned.client, owned.product, owned.state, owned.told_at) == (client, product, "owned", None)
    with pytest.raises(Refused, match="owns"):
        owned.exclude("No", by=cast.clerk, at=AT)
    assert owned.end(at=LATER)
    assert owned.state == "told"
    kinds = session.scalars(select(Event.kind).where(Event.client_id == client.id)).all()
    assert kinds.count("awareness:changed") == 1, "the second event is the caller's to keep"


@given(st.lists(st.sampled_from(sorted(set(Happening) - TELLING)), max_size=12))
def test_nothing_but_telling_makes_a_client_told_in_person(happenings: list[Happening]) -> None:
    """A plain walk over the policy: every state that telling alone may give is out of reach without it."""
    state, owned = AwarenessState.NOT_TOLD, False
    for happening in happenings:
        state = BECOMES[happening].get(state, state)
        owned = owned or state is AwarenessState.OWNED
        assert owned or state not in (AwarenessState.TOLD, AwarenessState.INTERESTED, AwarenessState.REFUSED)


def test_every_happening_says_what_it_makes_of_states_and_no_other_is_named() -> None:
    assert set(BECOMES) == set(Happening)
    assert {was for rows in BECOMES.values() for was in rows} == set(AwarenessState)


def test_an_answer_is_an_event_even_where_the_state_stays(known: Awareness) -> None:
    known.buy(by=None, at=AT)
    answered = known.answer(Happening.REFUSED, at=LATER)
    assert answered is not None
    assert (known.state, known.told_at, known.since) == ("owned", LATER, AT)
    assert known.answer(Happening.REFUSED, at=LATER) is None


def test_who_speaks_of_what_is_owned_already_told_nothing_new(session: Session, cast: Cast, known: Awareness) -> None:
    known.buy(by=None, at=AT)
    known.tell(talk(session, known.client, cast), by=cast.clerk, at=AT)
    assert (known.told_at, known.told_by) == (None, None)


def test_an_event_says_the_reason_given_with_it_and_no_older_one(
    session: Session, cast: Cast, known: Awareness
) -> None:
    known.exclude("They have no fleet", by=cast.clerk, at=AT)
    told = known.tell(talk(session, known.client, cast), by=cast.clerk, at=AT)
    assert told is not None
    assert (told.details["state"], known.reason) == ("not_eligible", "They have no fleet")
    assert "reason" not in told.details
    liked = known.answer(Happening.INTERESTED, at=LATER)
    assert liked is not None
    assert ("reason" in liked.details, known.reason) == (False, "")
