"""Tasks, promises, interactions: what is planned, promised and done with a client."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import engagement_of, make_client, make_contact, make_interaction, make_promise, make_task
from webapp.domain.errors import Refused

TOMORROW = TODAY + timedelta(days=1)


def test_the_earliest_open_task_is_the_next_touch(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    engagement = engagement_of(client)
    late, early = make_task(session, client, TOMORROW), make_task(session, client, TODAY)
    assert engagement.next_touch_on == TODAY
    session.add(early.finish(by=cast.hunter, at=AT))
    assert engagement.next_touch_on == TOMORROW
    session.add(late.postpone(TOMORROW + timedelta(days=5), by=cast.hunter, at=AT))
    assert engagement.next_touch_on == TOMORROW + timedelta(days=5)
    session.add(late.cancel(by=cast.hunter, at=AT))
    assert engagement.next_touch_on is None


def test_the_owner_of_the_client_does_the_task_unless_another_is_named(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    assert make_task(session, client).owner is cast.hunter
    assert make_task(session, client, owner=cast.vip).owner is cast.vip


@pytest.mark.parametrize("verb", ["finish", "cancel"])
def test_a_closed_task_is_closed(session: Session, cast: Cast, verb: str) -> None:
    task = make_task(session, make_client(session, cast.hunter))
    session.add(task.finish(by=cast.hunter, at=AT))
    with pytest.raises(Refused, match="closed already"):
        getattr(task, verb)(by=cast.hunter, at=AT)
    with pytest.raises(Refused, match="closed already"):
        task.postpone(TOMORROW, by=cast.hunter, at=AT)


def test_postponing_tells_the_old_and_the_new_day(session: Session, cast: Cast) -> None:
    task = make_task(session, make_client(session, cast.hunter), TODAY)
    told = task.postpone(TOMORROW, by=cast.hunter, at=AT)
    assert (told.details["was"], told.details["due"]) == (TODAY.isoformat(), TOMORROW.isoformat())


def test_a_promise_ends_once(session: Session, cast: Cast) -> None:
    promise = make_promise(session, make_client(session, cast.hunter), due_on=TODAY)
    assert promise.overdue(TOMORROW)
    assert not promise.overdue(TODAY)
    with pytest.raises(Refused, match="Say why"):
        promise.break_off(by=cast.hunter, at=AT, reason=" ")
    session.add(promise.keep(by=cast.hunter, at=AT))
    assert not promise.overdue(TOMORROW)
    with pytest.raises(Refused, match="closed already"):
        promise.break_off(by=cast.hunter, at=AT, reason="Forgot")


def test_an_interaction_has_happened(session: Session, cast: Cast) -> None:
    client = make_client(session, cast.hunter)
    with pytest.raises(Refused, match="future") as refusal:
        make_interaction(session, client, happened_at=AT + timedelta(minutes=1))
    assert refusal.value.field == "happened_at"
    assert client.interactions == []


def test_an_interaction_is_with_a_contact_of_that_client(session: Session, cast: Cast) -> None:
    client, other = make_client(session, cast.hunter), make_client(session, cast.hunter)
    stranger = make_contact(session, other)
    with pytest.raises(Refused, match="another client"):
        make_interaction(session, client, contact=stranger)


def test_a_removed_contact_leaves_only_its_name(session: Session, cast: Cast) -> None:
    contact = make_contact(session, make_client(session, cast.hunter), note="Likes tea", consent="Contract")
    told = contact.remove(by=cast.hunter, at=AT)
    assert (contact.phone, contact.email, contact.note, contact.consent) == ("", "", "", "")
    assert told.details == {"name": contact.name}
    with pytest.raises(Refused, match="removed already"):
        contact.remove(by=cast.hunter, at=AT)
