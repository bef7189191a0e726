"""The words of letters: heads and administrators write the company's own, with places that Baton fills."""

from dataclasses import dataclass

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.letter_text import check_places, fill, fill_line, LetterText, PLACES, shipped, TextKind, words
from webapp.domain.permissions import Permission
from webapp.exchange.letters import EXAMPLES
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import LongTextField, refuse, TextField
from webapp.web.i18n import LANGUAGES
from webapp.web.session import me

bp = Blueprint("letter_texts", __name__)


class WordsForm(FlaskForm):
    """Subject and text of one kind of letter."""

    subject = TextField(_l("Subject"), longest=200)
    body = LongTextField(_l("Text"), longest=10_000, render_kw={"rows": 14})


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter with example values."""

    subject: str
    body: str


@bp.get("/settings/letters")
@requires(Permission.LETTER_TEXT_EDIT)
def show() -> Response:
    own = {(text.kind, text.language) for text in db.session.query(LetterText)}
    return page("letter_texts.html", kinds=list(TextKind), own=own)


@bp.get("/settings/letters/<kind>/<language>")
@requires(Permission.LETTER_TEXT_EDIT)
def edit(kind: str, language: str) -> Response:
    of = _asked(kind, language)
    subject, body = words(db.session(), of, language)
    return _editor(of, language, WordsForm(formdata=None, data={"subject": subject, "body": body}))


@bp.post("/settings/letters/<kind>/<language>")
@requires(Permission.LETTER_TEXT_EDIT)
def change(kind: str, language: str) -> Response:
    of, form = _asked(kind, language), WordsForm()
    if not form.validate_on_submit():
        return _editor(of, language, form, 422)
    try:
        if request.form.get("then") == "look":
            check_places(of, subject=form.subject.data, body=form.body.data)
            return _editor(of, language, form)
        with transaction() as session:
            LetterText.keep(session, of, language, form.subject.data, form.body.data, by=me(), at=now())
    except Refused as refusal:
        refuse(form, refusal)
        return _editor(of, language, form, 422)
    return see(url_for(".show"), _("Saved."))


@bp.post("/settings/letters/<kind>/<language>/shipped")
@requires(Permission.LETTER_TEXT_EDIT)
def drop(kind: str, language: str) -> Response:
    """Back to the words that come with Baton."""
    of = _asked(kind, language)
    with transaction() as session:
        text = LetterText.find(session, of, language)
        session.add_all([text.drop(session, by=me(), at=now())] if text is not None else [])
    return see(url_for(".edit", kind=of, language=language), _("These are the shipped words again."))


def _asked(kind: str, language: str) -> TextKind:
    if kind not in set(TextKind) or language not in LANGUAGES:
        abort(404)
    return TextKind(kind)


def _editor(kind: TextKind, language: str, form: WordsForm, status: int = 200) -> Response:
    company = db.session.get_one(Company, 1)
    examples = {**EXAMPLES[language], "company": company.name, "author": me().name}
    subject, body = form.subject.data or "", form.body.data or ""
    return page(
        "letter_text.html",
        status,
        form=form,
        kind=kind,
        language=language,
        fills=PLACES[kind],
        preview=Preview(fill_line(subject, examples), fill(body, examples)),
        is_shipped=(subject, body.strip()) == (shipped(kind, language)[0], shipped(kind, language)[1].strip()),
        has_own=LetterText.find(db.session(), kind, language) is not None,
    )
