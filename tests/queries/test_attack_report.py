"""The report of attacks: what counts and what does not, and that a share of few is no percent."""

from datetime import datetime, time, timedelta, UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.attacks import make_attack, make_competitor
from tests.cast import AT, Cast
from tests.factories import make_client, make_interaction
from webapp.domain.attack_state import AttackState
from webapp.domain.interaction import InteractionKind
from webapp.domain.share import FEWEST, Share
from webapp.domain.working_hours import WorkingHours
from webapp.queries.attack_report import attack_report, Known, tally

HOURS = WorkingHours(time(9), time(18), frozenset(range(1, 6)), frozenset(), ZoneInfo("Europe/Moscow"))
FRIDAY = datetime(2026, 3, 6, 14, 0, tzinfo=UTC)  # 17:00 in Moscow, an hour before the weekend


def known(state: AttackState, *, visited: datetime | None = None, due: datetime = FRIDAY + timedelta(days=4)) -> Known:
    return Known("North", state, "price" if state == "lost" else "", FRIDAY, due, visited)


def test_the_reaction_is_working_time_and_a_false_alarm_is_no_attack() -> None:
    monday = FRIDAY + timedelta(days=2, hours=17)  # 10:00 in Moscow
    found = tally(
        [
            known(AttackState.DEFENDED, visited=monday),
            known(AttackState.LOST, visited=monday + timedelta(hours=4)),
            known(AttackState.DEFENDED, visited=monday + timedelta(days=7)),
            known(AttackState.RAISED),
            known(AttackState.FALSE_ALARM, visited=FRIDAY + timedelta(minutes=5)),
        ],
        HOURS,
        monday + timedelta(days=8),
    )
    assert (found.raised, found.open, found.defended, found.lost, found.false_alarms) == (5, 1, 2, 1, 1)
    assert (found.visited, found.reaction) == (3, timedelta(hours=6))
    assert (found.kept, found.in_time) == (Share(2, 3), Share(2, 4))
    assert tally([known(AttackState.RAISED)], HOURS, FRIDAY).in_time == Share(0, 0)


def test_a_percent_needs_ten_cases_and_published_intervals_are_met() -> None:
    assert [Share(8, whole).percent for whole in (FEWEST - 1, FEWEST)] == [None, 80]
    # Newcombe 1998, table I, method 3 (Wilson score): 81/263 and 15/148
    assert (Share(81, 263).interval, Share(15, 148).interval) == ((26, 37), (6, 16))
    assert Share(0, 0).interval is None


@given(st.integers(1, 500), st.integers(0, 500))
def test_the_interval_holds_the_share_and_shrinks_with_more_cases(whole: int, part: int) -> None:
    part = min(part, whole)
    low, high = Share(part, whole).interval or (0, 0)
    assert 0 <= low <= round(100 * part / whole) <= high <= 100
    less = Share(10 * part, 10 * whole).interval or (0, 0)
    assert less[1] - less[0] <= high - low


@pytest.fixture
def fought(session: Session, cast: Cast) -> None:
    north, south = (make_competitor(session, cast.director, name) for name in ("North", "South"))
    for days, rival, end in ((0, north, "defended"), (1, north, "lost"), (100, south, "lost"), (900, south, "lost")):
        at = AT - timedelta(days=days)
        client = make_client(session, cast.vip, at=at)
        attack = make_attack(session, client, cast, rival, at=at)
        make_interaction(session, client, InteractionKind.MEETING, at=at + timedelta(hours=2))
        over = {"by": cast.vip, "at": at + timedelta(days=1), "seen": attack.version}
        told = attack.defend("So", **over) if end == "defended" else attack.lose("price", "So", **over)
        session.add(told)
    session.flush()


def test_quarters_rivals_and_causes(session: Session, cast: Cast, fought: None, statements) -> None:
    with statements() as seen:
        report = attack_report(session, cast.director.actor, AT)
    assert len(seen) <= 2
    assert [tally.raised for _, tally in report.quarters] == [2, 1]
    assert [(rival, tally.kept) for rival, tally in report.rivals] == [("North", Share(1, 2)), ("South", Share(0, 1))]
    assert (report.causes, report.whole.raised) == ((("price", 2),), 3)
    quarter = attack_report(session, cast.director.actor, AT, report.quarters[1][0])
    assert ([rival for rival, _ in quarter.rivals], quarter.whole.lost) == (["South"], 1)


def test_heads_read_it_and_take_it_along(session: Session, cast: Cast, fought: None, sign_in) -> None:
    head = sign_in(cast.head_of_sales)
    assert head.get("/attacks/report").status_code == head.get("/attacks/report?quarter=2026-02-30").status_code == 200
    answer = head.post("/attacks/report/export")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeffQuarter;Competitor;Attacks;")
    for part in ("clerk", "administrator"):
        assert sign_in(cast.users[part]).get("/attacks/report").status_code == 403
