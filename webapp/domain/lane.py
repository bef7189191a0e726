"""Whose current work something about a deal is."""

from webapp.domain.deal import Deal
from webapp.domain.engagement import Engagement


def answering_lane(deal: Deal) -> Engagement | None:
    """Whose work the answer is: the deal's department's, else that of whoever serves the client; None: nobody does."""
    if deal.engagement is not None and deal.engagement.is_open:
        return deal.engagement
    return next(iter(deal.client.open_engagements), None)
