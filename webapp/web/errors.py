"""What a person sees when something cannot be done. Never a stack trace, never what they may not know."""

from typing import Any

from flask import current_app, Flask, request, Response
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from webapp.db import db
from webapp.domain.errors import Incomplete, Refused, Stale
from webapp.domain.words import N_
from webapp.web.answers import by_htmx, current_page, page, toast
from webapp.web.entering import same_site
from webapp.web.session import ask_to_log_in

SENTENCES = {
    400: (N_("This cannot be read"), N_("The request is not complete or not valid.")),
    403: (N_("Not allowed"), N_("Your role does not allow this. Nothing was changed.")),
    404: (N_("Not found"), N_("There is nothing here, or not any more.")),
    405: (N_("Not possible"), N_("This address does not work that way.")),
    409: (N_("Somebody was faster"), Stale().message),
    413: (N_("Too large"), N_("The file or text is larger than allowed.")),
    422: (N_("Please correct this"), N_("The rules do not allow this. Nothing was changed.")),
    429: (N_("Too many tries"), N_("Please wait a minute and try again.")),
    500: (N_("Our mistake"), N_("Something went wrong on our side. Nothing was half-written.")),
}


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, show)
    app.register_error_handler(Refused, show_refusal)
    app.register_error_handler(StaleDataError, lambda error: show_refusal(Stale()))
    app.register_error_handler(CSRFError, show_forgery)
    if not app.testing:
        app.register_error_handler(Exception, show_mistake)


def say(refusal: Refused) -> str:
    """A refusal in the reader's language, with its gaps."""
    values = {key: _(value) if isinstance(value, str) else value for key, value in refusal.values.items()}
    sentence = _(refusal.message, **values)
    if isinstance(refusal, Incomplete):
        return f"{sentence} {'; '.join(_(gap) for gap in refusal.gaps)}"
    return sentence


def show_refusal(refusal: Refused) -> Response:
    """A rule said no. Views that can show the sentence at the field catch it themselves."""
    db.session.rollback()
    status = 409 if isinstance(refusal, Stale) else 422
    return answer(status, _(SENTENCES[status][0]), say(refusal))


def show(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    title, sentence = SENTENCES.get(error.code, SENTENCES[500 if error.code >= 500 else 400])
    return answer(error.code, _(title), _(sentence))


def show_forgery(error: CSRFError) -> Response:
    """The token is missing or of another session. Asked before any view: who has logged out meanwhile hears what every
    view would say, so that what they sent comes back."""
    view = current_app.view_functions[str(request.endpoint)]
    if not current_user.is_authenticated and getattr(view, "access", "public") != "public":
        return ask_to_log_in()
    return answer(400, _("This page is too old"), _("Your session ended or changed. Open the page again and repeat."))


def show_mistake(error: Exception) -> Response:
    current_app.logger.exception("unexpected")
    db.session.rollback()
    return answer(500, _(SENTENCES[500][0]), _(SENTENCES[500][1]))


def answer(status: int, title: str, sentence: str) -> Response:
    if by_htmx():
        return Response(toast(sentence, "danger"), status)
    back = same_site(current_page()) if status == 409 and request.method == "POST" else ""
    return page("error.html", status, title=title, text=sentence, code=status, back=back)
