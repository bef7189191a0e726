"""The night's work: once for a day, whoever does it, also after a kill in the middle."""

from datetime import date, datetime, timedelta, UTC
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client, make_contract
from tests.support.apps import World
from tests.support.processes import flask, Running
from webapp import nightly
from webapp.domain.contract import Contract
from webapp.domain.event import Event
from webapp.domain.invoice import Invoice
from webapp.jobs import NIGHTLY, queue
from webapp.settings import Settings

DAY = "2026-03-01"
MANY = 500


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Replaces the night's steps by one that notes its days."""
    days: list[date] = []
    monkeypatch.setattr(nightly, "now", lambda: datetime(2026, 3, 2, 0, 0, tzinfo=UTC))  # 03:00 in Moscow
    for name in list(NIGHTLY):
        monkeypatch.delitem(NIGHTLY, name)
    monkeypatch.setitem(NIGHTLY, "note", lambda day: days.append(day) or {"days": 1})
    return days


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(nightly, "now", lambda: moment)


def told(session: Session) -> list[str]:
    session.rollback()
    return [details["day"] for details in session.scalars(select(Event.details).where(Event.kind == "nightly:done"))]


def test_a_day_is_done_once_however_often_somebody_looks(session, cast: Cast, app: Flask, steps) -> None:
    session.commit()
    with app.app_context():
        for _ in range(3):
            nightly.look_for_the_night()
    assert steps == [date(2026, 3, 2)]
    assert told(session) == ["2026-03-02"]


def test_a_day_begins_at_night_on_the_companys_clock(session, cast: Cast, app: Flask, steps, monkeypatch) -> None:
    session.commit()
    with app.app_context():
        for hours in (-24, -2, -1):
            at(monkeypatch, datetime(2026, 3, 2, 0, 0, tzinfo=UTC) + timedelta(hours=hours))
            nightly.look_for_the_night()
    assert steps == [date(2026, 3, 1), date(2026, 3, 2)]


def test_a_machine_that_slept_makes_up_for_it_when_it_wakes(session, cast: Cast, app, steps, monkeypatch) -> None:
    session.commit()
    at(monkeypatch, datetime(2026, 3, 5, 15, 40, tzinfo=UTC))
    with app.app_context():
        nightly.look_for_the_night()
    assert steps == [date(2026, 3, 5)]


def test_a_step_that_fails_stops_no_other_and_is_tried_again(session, cast: Cast, app, steps, monkeypatch) -> None:
    session.commit()
    failures = [ValueError("no paper"), None]

    def weak(day: date) -> dict[str, int]:
        error = failures.pop(0)
        if error:
            raise error
        return {}

    monkeypatch.delitem(NIGHTLY, "note")
    monkeypatch.setitem(NIGHTLY, "weak", weak)
    monkeypatch.setitem(NIGHTLY, "note", lambda day: steps.append(day) or {})
    with app.app_context():
        nightly.work_the_night()
        assert (steps, failures) == ([date(2026, 3, 2)], [None])
        nightly.work_the_night()
    assert (steps, failures) == ([date(2026, 3, 2)], [])


def test_only_one_works_at_a_time(session, cast: Cast, app: Flask, steps) -> None:
    session.commit()
    with app.app_context():
        with nightly.alone() as mine, nightly.alone() as second:
            assert (mine, second) == (True, False)
            nightly.work_the_night()
        assert steps == []
        nightly.work_the_night()
    assert steps == [date(2026, 3, 2)]


def test_an_empty_database_has_no_nights(session, app: Flask, steps) -> None:
    with app.app_context():
        nightly.look_for_the_night()
        assert not queue().holds(nightly.work_the_night)
    assert steps == []


def test_the_command_writes_the_invoices_of_a_date(session, cast: Cast, app: Flask) -> None:
    make_contract(session, make_client(session, cast.clerk))
    session.commit()
    for written in (3, 0):
        done = app.test_cli_runner().invoke(args=["nightly", "--date", DAY, "--step", "invoices"])
        assert done.exit_code == 0, done.output
        assert f"{written} invoices" in done.output
    assert app.test_cli_runner().invoke(args=["nightly", "--date", "March"]).exit_code == 2
    assert app.test_cli_runner().invoke(args=["nightly", "--step", "nothing"]).exit_code == 2


def test_two_nights_at_the_same_time_share_the_work(session, cast: Cast, app: Flask, monkeypatch) -> None:
    monkeypatch.setattr(nightly, "BATCH", 7)
    client = make_client(session, cast.clerk)
    for _ in range(60):
        make_contract(session, client, starts_on=date(2026, 2, 1))
    session.commit()
    written: list[int] = []

    def work() -> None:
        with app.app_context():
            written.append(nightly.write_invoices(date(2026, 3, 1))["invoices"])

    both = [Thread(target=work) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    session.rollback()
    assert sum(written) == 120
    assert session.scalars(select(Invoice.number).order_by(Invoice.number)).all() == list(range(1, 121))


def test_a_night_killed_in_the_middle_leaves_no_gap_and_nothing_twice(
    session, cast: Cast, world: World, tmp_path: Path
) -> None:
    client = make_client(session, cast.clerk)
    for _ in range(MANY):
        make_contract(session, client, starts_on=date(2026, 2, 1))
    session.commit()
    settings = Settings(database_url=world.database.url, instance=tmp_path)
    night = flask("nightly", "--date", DAY, "--step", "invoices")
    killed = Running(night, settings)
    killed.until(lambda: _written(session))
    killed.kill()
    assert 0 < _written(session) < 2 * MANY, "the kill came too late or too early to show anything"
    assert Running(night, settings).wait(60) == 0
    session.rollback()
    numbers = session.scalars(select(Invoice.number).order_by(Invoice.number)).all()
    assert numbers == list(range(1, 2 * MANY + 1))
    assert session.scalar(select(func.count()).where(Event.kind == "invoice:issued")) == 2 * MANY
    assert session.scalar(select(func.count()).where(Contract.next_invoice_on == date(2026, 4, 1))) == MANY


def _written(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Invoice)) or 0


def test_the_night_notes_how_tables_are_filled_where_the_database_does_not(session, cast: Cast, app, database) -> None:
    session.commit()
    with app.app_context():
        counts = NIGHTLY["statistics"](date(2026, 3, 2))
    if database == "postgresql":
        assert counts == {"indexes": 0}, "it does so by itself"
        return
    assert counts["indexes"] > 0
    found = session.execute(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'user'")).scalars().all()
    assert {int(stat.split()[0]) for stat in found} == {len(cast.users)}
