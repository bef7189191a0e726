"""What the night does for deals: what became of them by stage, and at a month's beginning what is expected of it."""

from datetime import date

from webapp.db import transaction
from webapp.domain.deal_forecast import keep_forecast
from webapp.domain.stage_outcome import keep_outcomes
from webapp.jobs import nightly


@nightly("deals")
def forecast_deals(day: date) -> dict[str, int]:
    """The stages first: the forecast is weighed by them."""
    with transaction() as session:
        return {"stages": keep_outcomes(session, day), "forecasts": keep_forecast(session, day)}
