"""Levelling the clerks: fewest moves, nobody in the middle of something, all in one go or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import AT
from tests.factories import engagement_of, make_client
from webapp.domain.errors import Refused
from webapp.domain.levelling import give, Held, level, targets

LOADS = st.lists(st.integers(0, 12), min_size=1, max_size=6)


def clerks(loads, pinned=()):
    numbers = iter(range(1, 10_000))
    return {
        clerk: [Held(number := next(numbers), f"Client {number}", number in pinned, False) for _ in range(count)]
        for clerk, count in enumerate(loads)
    }


@given(loads=LOADS)
def test_all_end_alike_by_the_fewest_moves(loads):
    held = clerks(loads)
    wanted = targets({clerk: len(clients) for clerk, clients in held.items()})
    moves = level(held)
    after = {clerk: len(clients) for clerk, clients in held.items()}
    for move in moves:
        after[move.from_id] -= 1
        after[move.to_id] += 1
    assert after == wanted
    assert max(after.values()) - min(after.values()) <= 1
    assert len(moves) == sum(max(0, len(clients) - wanted[clerk]) for clerk, clients in held.items())


@given(loads=LOADS, pinned=st.sets(st.integers(1, 40)))
def test_nobody_in_the_middle_of_something_moves(loads, pinned):
    moves = level(clerks(loads, pinned))
    assert not {move.engagement_id for move in moves} & pinned
    assert len({move.engagement_id for move in moves}) == len(moves)


def test_those_with_nothing_to_do_go_first():
    held = {1: [Held(1, "due", False, True), Held(2, "rests", False, False)], 2: []}
    assert [move.client for move in level(held)] == ["rests"]


def test_a_change_since_the_preview_refuses_all_of_it(session, cast):
    first, second = (engagement_of(make_client(session, cast.clerk)) for _ in range(2))
    moves = [(each.id, cast.clerk.id, cast.other_clerk.id) for each in (first, second)]
    session.add(second.reassign(cast.head_of_client, by=cast.head_of_client, at=AT, reason="Hard", seen=second.version))
    session.flush()
    with pytest.raises(Refused, match="look at the preview again"):
        give(session, moves, "Level", by=cast.head_of_client, at=AT)
    assert first.owner_id == cast.clerk.id
    assert give(session, moves[:1], "Level", by=cast.head_of_client, at=AT) == 1
    assert first.owner_id == cast.other_clerk.id
