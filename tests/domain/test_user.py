"""How people come, change, protect themselves and leave."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, person
from webapp.domain.access_link import AccessLink
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.founding import found_director, somebody_administers
from webapp.domain.password_rules import check_password
from webapp.domain.user import APPOINTS, User
from webapp.domain.words import Department, Role

SALES = Department.SALES


def invite(session: Session, by: User, role: Role = Role.MEMBER, email: str = "new@baton.test") -> User:
    department = SALES if role in (Role.MEMBER, Role.HEAD) else None
    return User.invite(session, "Nina New", email, role, department, by=by, at=AT)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("part", ["hunter", "head_of_sales", "administrator", "director"])
def test_one_appoints_only_the_roles_that_the_table_gives(session: Session, cast: Cast, part: str, role: Role) -> None:
    by = cast.users[part]
    if role in APPOINTS.get(by.role, ()):
        assert invite(session, by, role).role is role
    else:
        with pytest.raises(Refused):
            invite(session, by, role)
        assert session.scalar(select(User).where(User.email == "new@baton.test")) is None


def test_only_directors_administer_directors(session: Session, cast: Cast) -> None:
    for change in (
        lambda: cast.director.change(session, by=cast.administrator, at=AT, email="mine@baton.test"),
        lambda: cast.director.deactivate(session, by=cast.administrator, at=AT, holds=0),
        lambda: cast.director.end_sessions(by=cast.administrator, at=AT),
        lambda: cast.director.stop_second_factor(by=cast.administrator, at=AT, required=False),
        lambda: cast.hunter.change(session, by=cast.administrator, at=AT, role=Role.DIRECTOR, department=None),
    ):
        with pytest.raises(Refused, match="Only a director"):
            change()
    assert cast.hunter.role is Role.MEMBER


def test_nobody_changes_their_own_role_or_deactivates_themselves(session: Session, cast: Cast) -> None:
    with pytest.raises(Refused, match="Somebody else"):
        cast.director.change(session, by=cast.director, at=AT, role=Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="Somebody else"):
        cast.administrator.deactivate(session, by=cast.administrator, at=AT, holds=0)


def test_the_last_director_stays(session: Session, cast: Cast) -> None:
    other = person("Diego Director", Role.DIRECTOR)
    session.add(other)
    session.flush()
    session.add(cast.director.deactivate(session, by=other, at=AT, holds=0))
    with pytest.raises(Refused):
        other.deactivate(session, by=cast.director, at=AT, holds=0)
    assert other.active


def test_a_director_without_a_password_does_not_count_as_one(session: Session, cast: Cast) -> None:
    invited = invite(session, cast.director, Role.DIRECTOR)
    with pytest.raises(Refused, match="needs a director"):
        cast.director.deactivate(session, by=invited, at=AT, holds=0)


def test_a_new_role_ends_the_sessions_and_says_what_it_was(session: Session, cast: Cast) -> None:
    before = cast.hunter.epoch
    told = cast.hunter.change(session, by=cast.director, at=AT, role=Role.HEAD)
    assert cast.hunter.epoch == before + 1
    assert told.details == {"name": "Harry Hunter", "fields": ["role"], "was": "member", "role": "head"}


def test_a_new_name_ends_nothing(session: Session, cast: Cast) -> None:
    before = cast.hunter.epoch
    cast.hunter.change(session, by=cast.hunter, at=AT, name="Harold Hunter", language="ru")
    assert (cast.hunter.name, cast.hunter.epoch) == ("Harold Hunter", before)


def test_who_answers_for_clients_stays_in_the_department(session: Session, cast: Cast) -> None:
    with pytest.raises(Refused, match="open work"):
        cast.hunter.change(session, by=cast.director, at=AT, department=Department.VIP, holds=3)
    with pytest.raises(Refused, match="open work"):
        cast.hunter.deactivate(session, by=cast.director, at=AT, holds=1)
    assert cast.hunter.active
    cast.hunter.change(session, by=cast.director, at=AT, role=Role.HEAD, holds=3)


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.MEMBER, None), (Role.HEAD, None), (Role.DIRECTOR, SALES), (Role.ADMINISTRATOR, SALES)],
)
def test_members_and_heads_belong_to_a_department_and_nobody_else(
    session: Session, cast: Cast, role: Role, department: Department | None
) -> None:
    with pytest.raises(Refused, match="belong to a department"):
        User.invite(session, "Nina New", "new@baton.test", role, department, by=cast.director, at=AT)
    session.add(person("Nina New", role, department))
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_email_belongs_to_one_person(session: Session, cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        invite(session, cast.director, email="harry@baton.test")
    assert refused.value.field == "email"


def test_a_head_heads_the_same_department(session: Session, cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        cast.hunter.change(session, by=cast.director, at=AT, head_id=cast.head_of_vip.id)
    assert refused.value.field == "head_id"


def test_a_deactivated_user_comes_back_as_they_were(session: Session, cast: Cast) -> None:
    told = cast.former.reactivate(by=cast.administrator, at=AT)
    assert (told.kind, cast.former.active) == ("user:reactivated", True)
    with pytest.raises(Refused):
        cast.former.reactivate(by=cast.administrator, at=AT)


def test_the_first_password_is_joining_and_the_next_a_change(cast: Cast) -> None:
    cast.hunter.password_hash = None
    assert cast.hunter.choose_password("hash", at=AT).kind == "user:activated"
    before = cast.hunter.epoch
    assert cast.hunter.choose_password("other", at=AT).kind == "user:passwordchanged"
    assert cast.hunter.epoch == before + 1


def test_a_link_works_once_within_seven_days(session: Session, cast: Cast) -> None:
    token = AccessLink.make(session, cast.hunter, by=cast.administrator, at=AT)
    session.flush()
    assert token not in str(session.execute(select(AccessLink.token_hash)).all())
    assert AccessLink.spend(session, token, "hash", at=AT + timedelta(days=7) - timedelta(seconds=1)) is cast.hunter
    for late in (AT, AT + timedelta(days=1)):
        with pytest.raises(Refused, match="used already"):
            AccessLink.spend(session, token, "other", at=late)
    assert cast.hunter.password_hash == "hash"


def test_a_link_is_too_old_after_seven_days(session: Session, cast: Cast) -> None:
    token = AccessLink.make(session, cast.hunter, by=cast.administrator, at=AT)
    with pytest.raises(Refused):
        AccessLink.spend(session, token, "hash", at=AT + timedelta(days=7))


def test_a_new_link_voids_the_one_before(session: Session, cast: Cast) -> None:
    first = AccessLink.make(session, cast.hunter, by=cast.administrator, at=AT)
    second = AccessLink.make(session, cast.hunter, by=cast.administrator, at=AT + timedelta(hours=1))
    with pytest.raises(Refused):
        AccessLink.spend(session, first, "hash", at=AT + timedelta(hours=2))
    AccessLink.spend(session, second, "hash", at=AT + timedelta(hours=2))


def test_a_link_of_somebody_who_left_opens_nothing(session: Session, cast: Cast) -> None:
    token = AccessLink.make(session, cast.hunter, by=cast.administrator, at=AT)
    cast.hunter.deactivate(session, by=cast.administrator, at=AT, holds=0)
    with pytest.raises(Refused):
        AccessLink.spend(session, token, "hash", at=AT)
    with pytest.raises(Refused, match="deactivated"):
        AccessLink.make(session, cast.hunter, by=cast.administrator, at=AT)


def test_without_an_email_there_is_no_link(session: Session, cast: Cast) -> None:
    cast.hunter.email = None
    with pytest.raises(Refused, match="e-mail"):
        AccessLink.make(session, cast.hunter, by=cast.administrator, at=AT)


def test_a_step_is_used_once_and_never_an_earlier_one(cast: Cast) -> None:
    assert [cast.hunter.use_step(step) for step in (10, 10, 9, 11)] == [True, False, False, True]


def test_a_recovery_code_is_spent(cast: Cast) -> None:
    cast.hunter.start_second_factor("secret", ["one", "two"], 5, at=AT)
    assert "one" not in cast.hunter.recovery_hashes
    told = cast.hunter.use_recovery_code("one", at=AT)
    assert told is not None
    assert told.details == {"name": "Harry Hunter", "change": "recovery", "left": 1}
    assert cast.hunter.use_recovery_code("one", at=AT) is None


def test_a_required_second_factor_stays_on_unless_an_administrator_helps(cast: Cast) -> None:
    cast.hunter.start_second_factor("secret", ["one"], 5, at=AT)
    with pytest.raises(Refused, match="must use"):
        cast.hunter.stop_second_factor(by=cast.hunter, at=AT, required=True)
    assert cast.hunter.totp_secret == "secret"
    before = cast.hunter.epoch
    cast.hunter.stop_second_factor(by=cast.administrator, at=AT, required=True)
    assert (cast.hunter.totp_secret, cast.hunter.recovery_hashes, cast.hunter.epoch) == (None, [], before + 1)


def test_no_event_about_a_user_holds_a_secret_or_an_address(session: Session, cast: Cast) -> None:
    token = AccessLink.make(session, cast.hunter, by=cast.administrator, at=AT)
    AccessLink.spend(session, token, "password-hash", at=AT)
    session.add(cast.hunter.start_second_factor("totp-secret", ["recovery"], 5, at=AT))
    session.add(cast.hunter.change(session, by=cast.director, at=AT, email="other@baton.test"))
    session.flush()
    told = str([event.details for event in session.scalars(select(Event))])
    assert not any(secret in told for secret in (token, "password-hash", "totp-secret", "'recovery'", "@"))


def test_the_first_director_comes_once(session: Session) -> None:
    assert not somebody_administers(session)
    found_director(session, "Dina", "dina@baton.test", "hash", at=AT)
    assert somebody_administers(session)
    with pytest.raises(Refused, match="exists"):
        found_director(session, "Dan", "dan@baton.test", "hash", at=AT)


def test_the_first_run_stays_open_while_nobody_can_administer(session: Session, cast: Cast) -> None:
    cast.director.password_hash, cast.administrator.deactivated_at = None, AT
    assert not somebody_administers(session)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "123456789",
        "password123",
        "Qwerty123456",
        "aaaaaaaaaaaaaa",
        "harry@baton.test",
        "harry hunter",
        "Hunter2026",
        "x" * 201,
    ],
)
def test_easy_passwords_are_refused_at_the_field(password: str) -> None:
    with pytest.raises(Refused) as refused:
        check_password(password, "Harry Hunter", "harry@baton.test")
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "password", ["four words of mine", "Пять зелёных яблок", "k3#vW!p9Qz", "harry likes rowing boats"]
)
def test_a_few_words_are_a_good_password(password: str) -> None:
    check_password(password, "Harry Hunter", "harry@baton.test")
