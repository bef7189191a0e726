"""The picture of the people at a client: everybody once, nobody on top of another, bosses above."""

from datetime import datetime, UTC

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.standing import Attitude, circles, Influence
from webapp.queries.client_people import PersonRow, ThreadRow
from webapp.queries.stakeholder_map import draw, OURS

AT = datetime(2026, 3, 2, tzinfo=UTC)


def person(number, boss=None, *, left=False, threads=(), rivals=()):
    return PersonRow(
        number,
        f"Person {number}",
        "",
        "",
        Influence.UNKNOWN,
        Attitude.UNKNOWN,
        boss,
        "",
        left,
        None,
        "",
        tuple(threads),
        tuple(rivals),
    )


def thread(user, strength, *, live=True):
    return ThreadRow(user, f"User {user}", None, strength, live, AT, (), {})


def trees(wished):
    above = {}
    for who, boss in wished.items():
        above[who] = None if boss not in wished or circles(above, who, boss) else boss
    return above


@given(st.dictionaries(st.integers(1, 30), st.none() | st.integers(1, 30), max_size=30))
def test_everybody_stands_once_below_their_boss_and_beside_the_others(wished):
    above = trees(wished)
    drawing = draw([person(number, boss) for number, boss in above.items()])
    places = {row.id: box for row, box in drawing.people}
    assert set(places) == set(above)
    assert len(drawing.reports) == sum(boss is not None for boss in above.values())
    assert all(places[who].y > places[boss].below for who, boss in above.items() if boss is not None)
    boxes = list(places.values())
    for place, one in enumerate(boxes):
        assert 0 <= one.x <= one.x + one.width <= drawing.width
        assert 0 <= one.y <= one.below <= drawing.height
        for other in boxes[place + 1 :]:
            assert (
                one.x + one.width <= other.x
                or other.x + other.width <= one.x
                or one.below <= other.y
                or (other.below <= one.y)
            )


def test_those_who_left_are_not_drawn_and_whoever_reported_to_them_stands_on_top():
    drawing = draw([person(1, left=True), person(2, 1)])
    assert [row.id for row, _ in drawing.people] == [2]
    assert drawing.reports == ()


def test_the_strongest_of_ours_stand_above_with_their_threads():
    rows = [person(1, threads=[thread(user, 10 * user) for user in range(1, 11)]), person(2, threads=[thread(10, 5)])]
    drawing = draw(rows)
    assert [each.user_id for each in drawing.ours] == list(range(10, 10 - OURS, -1))
    assert len(drawing.threads) == OURS + 1
    assert {line.weight for line in drawing.threads} == {1, 2, 3}
    assert all(box.y > drawing.ours[0].box.below for _, box in drawing.people)


@given(st.dictionaries(st.integers(1, 30), st.none() | st.integers(1, 30), max_size=30), st.data())
def test_no_line_passes_behind_a_person_in_between(wished, data):
    knows, talks = (data.draw(st.sets(st.sampled_from(sorted(wished)))) if wished else set() for _ in range(2))
    drawing = draw(
        [
            person(
                who,
                boss,
                threads=[thread(1, 50), thread(2, 40)][: 2 * (who in knows)],
                rivals=[(7, "Rival")][: who in talks],
            )
            for who, boss in trees(wished).items()
        ]
    )
    assert (len(drawing.threads), len(drawing.talks)) == (2 * len(knows), len(talks))
    for way in (*(line.way for line in drawing.threads), *drawing.talks):
        between = [box for _, box in drawing.people if way.start.below < box.y and box.below < way.end.y]
        assert (way.via is None) == (not between)
        assert way.via is None or 0 <= way.via <= drawing.width
        assert not any(box.x <= way.via <= box.x + box.width for box in between)


def test_rivals_stand_below_everybody_those_who_talk_to_most_people_first():
    north, south = (1, "North"), (2, "South")
    drawing = draw(
        [person(1, rivals=[south]), person(2, 1, rivals=[north, south]), person(3, left=True, rivals=[north])]
    )
    places = {row.id: box for row, box in drawing.people}
    assert [(each.name, each.box.x) for each in drawing.rivals] == [("South", 0), ("North", drawing.rivals[1].box.x)]
    assert {way.start for way in drawing.talks} == set(places.values())
    assert len(drawing.talks) == 3
    for each in drawing.rivals:
        assert max(box.below for box in places.values()) < each.box.y
        assert each.box.below <= drawing.height


def test_a_client_without_contacts_has_no_picture():
    assert (draw([]).width, draw([]).people) == (0, ())
