"""What the demo company's months promised: its nights kept the forecasts of a year, weighed as the heads said then."""

from datetime import datetime

from webapp.demo.collecting import NIGHT
from webapp.demo.world import Telling, World
from webapp.domain.calendar import month_of, months_on
from webapp.domain.deal_forecast import keep_forecast
from webapp.domain.stage_outcome import keep_outcomes
from webapp.domain.words import Department

MONTHS = 11
"""Months before the running one."""

SAID = (5_00, 15_00, 40_00, 55_00, 90_00, None)
"""What the head of Sales thinks of the stages. The other heads leave it to what is measured."""


def forecast_months(world: World) -> Telling:
    """The head says how likely deals are won; since then each month's first night keeps what it promises."""
    running = month_of(world.until.astimezone(world.zone).date())
    for back in range(MONTHS, -1, -1):
        month = months_on(running, -back)
        yield max(datetime.combine(month, NIGHT, world.zone), world.now)
        with world.pace.at_once():
            if back == MONTHS:
                _weigh(world)
            keep_outcomes(world.session, month)
            keep_forecast(world.session, month)


def _weigh(world: World) -> None:
    head = world.users["head_of_sales"]
    for stage, chance in zip(world.stages[Department.SALES], SAID, strict=True):
        given = {"name": stage.name, "limit_days": stage.limit_days, "criteria": stage.criteria}
        world.session.add(stage.change(world.session, **given, chance=chance, by=head, at=world.now))
