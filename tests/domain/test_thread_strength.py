"""The strength of a thread, and the rule of two contacts, as pure functions."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.cast import AT
from webapp.domain.contact import DecisionRole
from webapp.domain.coverage import cover
from webapp.domain.interaction import Began, CONTACTS, InteractionKind
from webapp.domain.thread_strength import last_answered, merge, NOTHING, PARTS, reckon, Said

MEETING, CALL, EMAIL = InteractionKind.MEETING, InteractionKind.CALL, InteractionKind.EMAIL
DECIDES, UNKNOWN = DecisionRole.DECIDES, DecisionRole.UNKNOWN


def said(days_ago: int, kind: InteractionKind = CALL, began: Began | None = None, number: int | None = None) -> Said:
    return Said(days_ago if number is None else number, AT - timedelta(days=days_ago), kind, began)


stories = st.lists(
    st.builds(
        Said,
        st.integers(1, 40),
        st.integers(-30, 400).map(lambda days: AT - timedelta(days=days)),
        st.sampled_from(CONTACTS),
        st.sampled_from([None, *Began]),
    ),
    unique_by=lambda each: each.id,
    max_size=12,
)
roles = st.sampled_from(DecisionRole)


def points(*story: Said, role: DecisionRole = UNKNOWN) -> dict[str, int]:
    return reckon(story, role, at=AT).points


def test_the_published_weights_make_a_hundred():
    assert {part.key: part.weight for part in PARTS} == {
        "recency": 30,
        "frequency": 25,
        "both_ways": 15,
        "depth": 15,
        "seniority": 15,
    }
    best = [said(days, MEETING) for days in range(0, 90, 14)]
    assert reckon(best, DECIDES, at=AT).level == 100


def test_a_new_pair_begins_at_nothing():
    assert reckon([], DECIDES, at=AT) == NOTHING
    assert NOTHING.level == 0


def test_a_meeting_counts_more_than_a_call_and_a_call_more_than_a_mail():
    levels = [reckon([said(1, kind)], UNKNOWN, at=AT).level for kind in (EMAIL, CALL, MEETING)]
    assert levels == sorted(set(levels))


def test_what_is_old_fades_in_the_published_steps():
    recency = [points(said(days))["recency"] for days in (0, 29, 30, 59, 60, 89, 90)]
    assert recency == [30, 30, 19, 19, 9, 9, 0]


def test_many_mails_on_one_day_are_one_contact():
    one = points(said(1, EMAIL, number=1))
    many = points(*(said(1, EMAIL, number=number) for number in range(1, 9)))
    assert many["frequency"] == one["frequency"] == 4


def test_mails_that_nobody_answers_are_no_two_way_contact():
    assert points(*(said(days, EMAIL, Began.WE) for days in range(5)))["both_ways"] == 0
    assert points(said(1, EMAIL, Began.WE), said(2, EMAIL, Began.THEY))["both_ways"] == 7
    assert points(said(1, MEETING), said(2, MEETING))["both_ways"] == 15


def test_an_unanswered_mail_keeps_no_contact_alive():
    assert last_answered([said(1, EMAIL, Began.WE), said(9, EMAIL, Began.THEY)], at=AT) == AT - timedelta(days=9)
    assert last_answered([said(1, EMAIL)], at=AT) is None


def test_who_decides_counts_more_than_who_uses():
    assert points(said(1), role=DECIDES)["seniority"] == 15
    assert points(said(1), role=DecisionRole.USES)["seniority"] == 6
    assert points(said(1))["seniority"] == 0


@given(stories, stories, stories, roles)
def test_threads_merge_in_any_order(one, two, three, role):
    together = merge(merge(one, two), three)
    again = merge(three, merge(two, one), one)
    assert {each.id for each in together} == {each.id for each in again}
    distinct = [Said(number, each.at, each.kind, each.began) for number, each in enumerate([*one, *two, *three])]
    half = len(distinct) // 2
    assert reckon(merge(distinct[:half], distinct[half:]), role, at=AT) == reckon(
        merge(distinct[half:], reversed(distinct[:half]), distinct), role, at=AT
    )


@given(stories, roles)
def test_no_part_gives_more_than_its_weight(story, role):
    strength = reckon(story, role, at=AT)
    assert all(0 <= strength.points[part.key] <= part.weight for part in PARTS)
    assert 0 <= strength.level <= 100


@given(stories, roles)
def test_what_comes_later_changes_nothing(story, role):
    known = [each for each in story if each.at <= AT]
    assert reckon(story, role, at=AT) == reckon(known, role, at=AT)
    assert last_answered(story, at=AT) == last_answered(known, at=AT)


@given(stories, st.builds(Said, st.just(99), st.just(AT), st.sampled_from(CONTACTS), st.none()), roles)
def test_one_more_contact_never_weakens_a_thread(story, more, role):
    assert reckon([*story, more], role, at=AT).level >= reckon(story, role, at=AT).level


people = st.lists(st.tuples(st.integers(1, 6), st.booleans()), unique_by=lambda each: each[0], max_size=6)


@given(people, st.booleans(), st.integers(1, 6))
def test_whoever_leaves_never_closes_a_blind_spot(ours, key, leaver):
    before, after = cover(ours, key=key), cover([each for each in ours if each[0] != leaver], key=key)
    assert after.blind or not before.blind
    assert len(after.ours) <= len(before.ours)
    assert after.heads <= before.heads


def test_two_of_ours_are_enough_for_a_client_and_three_with_a_head_for_a_key_client():
    assert [cover([(n, False) for n in range(count)], key=False).blind for count in (0, 1, 2)] == [True, True, False]
    assert cover([(1, False), (2, False), (3, False)], key=True).blind
    assert cover([(1, False), (2, True)], key=True).blind
    assert not cover([(1, False), (2, False), (3, True)], key=True).blind
    assert not cover([(1, False), (1, False), (2, False)], key=False).blind
