"""A head configures the lane; no client falls out of it."""

import pytest
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, stages
from tests.factories import engagement_of, make_client
from webapp.domain.errors import Refused
from webapp.domain.stage import Stage
from webapp.domain.words import Department

SALES = Department.SALES


def names(session: Session) -> list[str]:
    session.flush()
    return [stage.name for stage in stages(session, SALES)]


def test_a_new_stage_is_the_last(session: Session, cast: Cast) -> None:
    stage = Stage.add(session, SALES, "Signed", by=cast.head_of_sales, at=AT, limit_days=3, criteria=["inn"])
    assert names(session)[-1] == "Signed"
    assert (stage.limit_days, stage.criteria) == (3, ["inn"])


def test_positions_stay_without_gaps_whatever_is_moved(session: Session, cast: Cast) -> None:
    lane = stages(session, SALES)
    before = names(session)
    for stage, position in ((lane[0], 3), (lane[5], 0), (lane[2], 99), (lane[1], -5), (lane[4], 4)):
        session.add(stage.move(session, position, by=cast.head_of_sales, at=AT))
        session.flush()
        assert [each.position for each in stages(session, SALES)] == list(range(6))
    assert sorted(names(session)) == sorted(before)
    assert names(session)[0] == lane[1].name


def test_a_move_tells_every_column_of_the_lane(session: Session, cast: Cast) -> None:
    lane = stages(session, SALES)
    told = lane[0].move(session, 1, by=cast.head_of_sales, at=AT)
    assert set(told.stage_ids) == {stage.id for stage in lane}


def test_a_stage_with_clients_goes_only_when_they_have_another(session: Session, cast: Cast) -> None:
    lane = stages(session, SALES)
    engagement = engagement_of(make_client(session, cast.hunter, stage=1))
    for to in (None, lane[1], stages(session, Department.VIP)[0]):
        with pytest.raises(Refused) as refused:
            lane[1].remove(session, [engagement], to, by=cast.head_of_sales, at=AT)
        assert refused.value.field == "to_id"
    told = lane[1].remove(session, [engagement], lane[4], by=cast.head_of_sales, at=AT)
    assert [event.kind for event in told] == ["engagement:moved", "stage:removed"]
    assert engagement.stage is lane[4], "whatever its exit criteria say: the column is gone"
    assert lane[1].name not in names(session)


def test_the_last_stage_of_a_lane_stays(session: Session, cast: Cast) -> None:
    lane = stages(session, SALES)
    for stage in lane[1:]:
        session.add_all(stage.remove(session, [], None, by=cast.head_of_sales, at=AT))
        session.flush()
    with pytest.raises(Refused, match="at least one"):
        lane[0].remove(session, [], None, by=cast.head_of_sales, at=AT)


def test_a_removed_stage_is_changed_no_more(session: Session, cast: Cast) -> None:
    stage = stages(session, SALES)[2]
    session.add_all(stage.remove(session, [], None, by=cast.head_of_sales, at=AT))
    for change in (
        lambda: stage.remove(session, [], None, by=cast.head_of_sales, at=AT),
        lambda: stage.move(session, 0, by=cast.head_of_sales, at=AT),
        lambda: stage.change(
            session, name="X", limit_days=None, criteria=[], chance=None, by=cast.head_of_sales, at=AT
        ),
    ):
        with pytest.raises(Refused, match="was removed"):
            change()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "talked TO us"}, "name"),
        ({"limit_days": 0}, "limit_days"),
        ({"limit_days": 1001}, "limit_days"),
        ({"criteria": ["no such"]}, "criteria"),
        ({"chance": -1}, "chance"),
        ({"chance": 100_01}, "chance"),
    ],
)
def test_what_a_stage_cannot_be_is_refused_at_its_field(session: Session, cast: Cast, change: dict, field: str) -> None:
    given = {"name": "Was found", "limit_days": 5, "criteria": ["contact"], "chance": None} | change
    with pytest.raises(Refused) as refused:
        stages(session, SALES)[0].change(session, by=cast.head_of_sales, at=AT, **given)
    assert refused.value.field == field


def test_a_lane_has_room_for_twelve(session: Session, cast: Cast) -> None:
    for number in range(6):
        Stage.add(session, SALES, f"Stage {number}", by=cast.head_of_sales, at=AT)
    with pytest.raises(Refused, match="at most 12"):
        Stage.add(session, SALES, "One more", by=cast.head_of_sales, at=AT)


def test_renaming_tells_the_name_before(session: Session, cast: Cast) -> None:
    stage = stages(session, SALES)[0]
    given = {"limit_days": None, "criteria": [], "by": cast.head_of_sales, "at": AT}
    told = stage.change(session, name="Found", chance=None, **given)
    assert told.details == {"name": "Found", "department": "sales", "was": "Was found"}
    told = stage.change(session, name="Found", chance=40_00, **given)
    assert (told.details["chance"], told.details["chance_was"]) == (40_00, None)
