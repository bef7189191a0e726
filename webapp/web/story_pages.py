"""Where the story of an event goes on."""

from flask import url_for

from webapp.queries.timeline import Entry
from webapp.web.story_money import money_url

PAGES = {
    "attack": "attacks.show",
    "discount": "proposals.show",
    "handoff": "handoffs.show",
    "letter": "letters.show",
    "proposal": "proposals.show",
    "visit:held": "visits.show",
}
"""By the subject of an event, or by its kind."""


def page_of(subject: str, entry: Entry) -> str | None:
    """The page of what the event is about; None where it has none."""
    endpoint = PAGES.get(entry.kind) or PAGES.get(subject)
    if endpoint and entry.subject_id:
        return url_for(endpoint, id=entry.subject_id)
    return money_url(subject, entry)
