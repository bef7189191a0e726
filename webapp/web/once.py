"""A form that creates something is obeyed once, however often it is sent.

The form carries ``{{ once() }}``; the view says ``once.take(session)`` first in its transaction and
``once.leads_to(url)`` when it knows where to go. A repeat writes nothing and goes to the same page.
"""

import secrets
from datetime import timedelta

from flask import Flask, g, request, Response, url_for
from markupsafe import escape, Markup
from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.db import db, transaction
from webapp.domain.submission import Submission
from webapp.jobs import sweep
from webapp.web.access import actor
from webapp.web.answers import see
from webapp.web.clock import now

FIELD = "once"
KEPT = timedelta(days=7)
"""Nobody sends the same open form again after that."""


class Repeated(Exception):
    """This form was sent before; ``url`` is where it led."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def register(app: Flask) -> None:
    app.jinja_env.globals["once"] = once
    app.register_error_handler(Repeated, again)


def once() -> Markup:
    """The hidden field of a form that creates. A form shown again with its mistakes keeps its word."""
    word = ("once_anew" not in g and request.form.get(FIELD)) or secrets.token_urlsafe(18)
    return Markup(f'<input type="hidden" name="{FIELD}" value="{escape(word)}">')  # noqa: S704 the word is escaped


def take(session: Session) -> None:
    """Claim the form's word, or raise Repeated. A form without a word is obeyed each time."""
    word = request.form.get(FIELD, "")[:64]
    if not word:
        return
    g.submission = Submission(word=word, user_id=actor().id, at=now())
    try:
        with session.begin_nested():
            session.add(g.submission)
    except IntegrityError:
        recall(session)
        raise Repeated(url_for("home.show")) from None


def recall(session: Session) -> None:
    """Raise Repeated where the form's word was obeyed already: before what it made is found in the way of itself."""
    word = request.form.get(FIELD, "")[:64]
    own = select(Submission.url).where(Submission.word == word, Submission.user_id == actor().id)
    url = session.scalar(own) if word else None
    if url:
        raise Repeated(url)


def leads_to(url: str) -> str:
    """Remember where the form led; a repeat goes there too."""
    if "submission" in g:
        g.submission.url = url[:500]
    return url


def anew() -> None:
    """The answer to a form that was obeyed shows other forms: those get words of their own."""
    g.once_anew = True


def again(repeated: Repeated) -> Response:
    return see(repeated.url)


@sweep
def forget_old_forms() -> None:
    old = Submission.at < now() - KEPT
    if db.session.scalar(select(exists().where(old))):
        with transaction() as session:
            session.execute(delete(Submission).where(old))
