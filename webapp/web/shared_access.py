"""Who may read and answer by a link: whoever has its token, and nobody else learns anything."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Blueprint, g, request, Response
from flask_babel import force_locale

from webapp.db import db
from webapp.domain.company import Company
from webapp.domain.opening import is_person
from webapp.domain.share_link import ShareLink
from webapp.jobs import later
from webapp.sharing import note_opening
from webapp.web.answers import page
from webapp.web.clock import now
from webapp.web.security import limiter

LARGEST_FORM = 256 * 1024
"""An answer is a few words; more is cut off before it is read."""

READING = limiter.shared_limit("120/minute", scope="shared")
WRITING = limiter.shared_limit("10/minute;60/hour", scope="shared answers")


def open_by_secret(bp: Blueprint) -> None:
    """What holds for every page whose address is its key."""

    @bp.url_value_preprocessor
    def read_short_texts(endpoint: str | None, values: object) -> None:
        request.max_form_memory_size = request.max_content_length = LARGEST_FORM

    @bp.after_request
    def keep_secret(answer: Response) -> Response:
        """It is not passed on, not indexed and not kept."""
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        answer.headers["Cache-Control"] = "no-store"
        return answer


def by_link(view: Callable[..., Response]) -> Callable[..., Response]:
    """Give the view the link that works in the place of its token, and the client's language. Of an unknown, expired
    or revoked token everybody learns the same: nothing is there."""

    @wraps(view)
    def opened(token: str, **values: Any) -> Response:
        link = ShareLink.find(db.session(), token, now())
        if link is None:
            return page("shared.html", 404, link=None, company=db.session.get(Company, 1))
        g.token, g.timezone = token, db.session.get_one(Company, 1).timezone
        with force_locale(link.shared.language):
            return view(link, **values)

    return opened


def note_reading(link: ShareLink, at: datetime) -> None:
    """Have a reading counted: a stranger's, and a person's."""
    if g.actor is None and link.is_another_reading(at) and is_person(request.method, dict(request.headers)):
        later(note_opening, link.id, at.isoformat())
