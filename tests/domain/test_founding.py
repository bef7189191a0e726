"""Founding a company, once."""

from datetime import datetime, UTC

import pytest
from sqlalchemy import select

from webapp.domain.default_stages import DEFAULT_STAGES
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.founding import found_company
from webapp.domain.stage import Stage

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_new_company_has_every_lane_and_says_that_it_was_founded(session) -> None:
    company = found_company(session, "Ромашка", at=AT, currency="USD")
    lanes = {stage.department for stage in session.scalars(select(Stage))}
    assert (company.currency, lanes) == ("USD", set(DEFAULT_STAGES))
    assert [event.kind for event in session.scalars(select(Event))] == ["company:created"]


def test_a_company_is_founded_once(session) -> None:
    found_company(session, "Ромашка", at=AT)
    with pytest.raises(Refused):
        found_company(session, "Лютик", at=AT)
