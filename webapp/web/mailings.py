"""The page that a client opens by the link in an e-mail about a new product: read, answer, or stop the mailings.

Whoever has the token may do that for one contact, and see nothing else of the client. It stands in the address: that is
told to nobody, as that of a shared proposal.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, Blueprint, g, request, Response, url_for
from flask_babel import force_locale

from webapp.db import db, transaction
from webapp.domain.awareness_state import Happening
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.mailing_link import MailingLink
from webapp.web.access import public
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.security import csrf, limiter
from webapp.web.shared_access import open_by_secret

bp = Blueprint("mailings", __name__, url_prefix="/m/<token>")
open_by_secret(bp)

READING = limiter.shared_limit("120/minute", scope="mailings")
WRITING = limiter.shared_limit("20/minute;120/hour", scope="mailing answers")
STOPPING = limiter.shared_limit("1200/minute", scope="mailing stops")
"""A provider of e-mail asks for thousands of its clients from one address."""


def by_link(view: Callable[..., Response]) -> Callable[..., Response]:
    """Give the view the link in the place of its token, in the company's language."""

    @wraps(view)
    def opened(token: str, **values: Any) -> Response:
        link, company = MailingLink.find(db.session(), token), db.session.get(Company, 1)
        with force_locale(company.language if company is not None else "en"):
            if link is None or company is None:
                return page("mailing.html", 404, link=None, company=company, stopping=False, token="")
            g.token, g.timezone = token, company.timezone
            return view(link, company, **values)

    return opened


@bp.get("")
@public
@READING
@by_link
def show(link: MailingLink, company: Company) -> Response:
    return _product(link, company)


@bp.get("/stop")
@public
@READING
@by_link
def ask(link: MailingLink, company: Company) -> Response:
    """One click in the e-mail, and one here: what merely opens links stops nothing."""
    return _way_out(link, company)


@bp.post("/stop")
@csrf.exempt
@public
@STOPPING
@by_link
def stop(link: MailingLink, company: Company) -> Response:
    """Our page asks for it, or the client's mail program does, which follows no redirection (RFC 8058)."""
    _from_outside()
    with transaction() as session:
        session.get_one(MailingLink, link.id, with_for_update=True).stop(session, at=now())
    at_once = request.form.get("List-Unsubscribe") == "One-Click"
    return _way_out(link, company) if at_once else see(url_for(".ask", token=g.token))


@bp.post("/<any(interested, refused):said>")
@public
@WRITING
@by_link
def answer(link: MailingLink, company: Company, said: str) -> Response:
    _from_outside()
    try:
        with transaction() as session:
            session.get_one(MailingLink, link.id, with_for_update=True).say(session, Happening(said), at=now())
    except Refused as refusal:
        return _product(link, company, 422, say(refusal))
    return see(url_for(".show", token=g.token))


def _way_out(link: MailingLink, company: Company) -> Response:
    return page("mailing.html", link=link, company=company, stopping=True, token=g.token, said="")


def _product(link: MailingLink, company: Company, status: int = 200, said: str = "") -> Response:
    context = {"link": link, "company": company, "stopping": False, "token": g.token, "said": said}
    return page("mailing.html", status, **context, works=link.works(now()), choices=link.choices(now()))


def _from_outside() -> None:
    """Only the client answers."""
    if g.actor is not None:
        abort(403)
