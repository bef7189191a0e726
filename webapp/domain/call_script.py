"""What a clerk says on the phone, a line for each reason to call: the shipped one, or the company's own.

A line has places that Baton fills: ``{client}``. Nothing in it is ever evaluated.
"""

from collections.abc import Mapping
from datetime import datetime

from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.letter_text import fill, PLACE
from webapp.domain.queue import Reason
from webapp.domain.user import User
from webapp.domain.words import N_

PLACES: dict[str, str] = {
    "client": N_("the client's name"),
    "contact": N_("whom to call first"),
    "company": N_("our company's name"),
    "clerk": N_("who calls"),
    "product": N_("the new product of a launch"),
}
"""What may stand in a line, and what each place is filled with."""

LANGUAGES = ("en", "ru")
LONGEST = 500


def own_line(company: Company, reason: Reason, language: str) -> str:
    """The company's own words; empty where the shipped ones count."""
    return company.call_scripts.get(f"{reason.value}-{language}", "")


def rewrite(company: Company, reason: Reason, language: str, text: str, *, by: User, at: datetime) -> Event:
    """The company's own words from now on; an empty text goes back to the shipped ones. The events are the history."""
    if language not in LANGUAGES:
        raise KeyError(language)
    if len(text) > LONGEST:
        raise Refused(N_("At most %(most)s characters, please"), field="text", most=LONGEST)
    for name in PLACE.findall(text):
        if name not in PLACES:
            raise Refused(N_("Nothing fills {%(name)s} here"), field="text", name=name[:40])
    others = {key: line for key, line in company.call_scripts.items() if key != f"{reason.value}-{language}"}
    company.call_scripts = others | ({f"{reason.value}-{language}": text} if text else {})
    details = {"reason": reason.value, "language": language, "text": text}
    return event("script:changed", by=by, at=at, subject_id=company.id, details=details)


def spoken(line: str, values: Mapping[str, str]) -> str:
    """The line with its places filled; what nobody knows is left open."""
    return fill(line, {name: values.get(name) or "…" for name in PLACES})
