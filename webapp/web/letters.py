"""Letters: the list with those in trouble first, one letter, and what a person decides about it."""

from datetime import datetime
from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterState, MOST_ATTEMPTS
from webapp.domain.permissions import allows, Permission
from webapp.domain.user import User
from webapp.jobs import later
from webapp.posting import post_letters
from webapp.queries import letters
from webapp.queries.letters import WantedLetters
from webapp.web.access import actor, LARGEST_ID, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import EmailField, LongTextField, refuse
from webapp.web.session import me

bp = Blueprint("letters", __name__)


class AgainForm(FlaskForm):
    """Where it goes this time."""

    address = EmailField(_l("E-mail"))


class ReturnForm(FlaskForm):
    """Why it came back, as the message says."""

    reason = LongTextField(_l("What does the message say?"), longest=500, render_kw={"rows": 4})


@bp.get("/letters")
@requires(Permission.CLIENT_VIEW)
def show_all() -> Response:
    asked = _asked()
    found = letters.list_letters(db.session(), actor(), asked)
    return page("letters.html", asked=asked, found=found, states=list(LetterState), address=_address)


@bp.get("/letters/<int:id>")
@requires(Permission.CLIENT_VIEW, Letter)
def show(letter: Letter) -> Response:
    return page("letter.html", **_shown(letter))


@bp.route("/letters/<int:id>/again", methods=["GET", "POST"])
@requires(Permission.LETTER_DECIDE, Letter)
def repeat(letter: Letter) -> Response:
    """Send it again, to a corrected address if need be. Who may not see the address sends it to the contact's."""
    present = letter.contact.email if letter.contact is not None and letter.contact.email else letter.address
    form = AgainForm(data={"address": present})
    if not _sees_address(letter):
        del form.address
    if form.validate_on_submit():
        address = form.address.data if form.address else present
        try:
            return _decided(
                letter, _("The letter goes out again."), lambda it, by, at: it.repeat(address, by=by, at=at)
            )
        except Refused as refusal:
            refuse(form, refusal)
    note = _("It may have arrived already: then the client gets it twice.") if letter.state == "unsure" else ""
    return _form(letter, form, _("Send the letter again"), note or letter.subject, _("Send"))


@bp.route("/letters/<int:id>/return", methods=["GET", "POST"])
@requires(Permission.LETTER_DECIDE, Letter)
def come_back(letter: Letter) -> Response:
    """A person read the message that it came back."""
    form = ReturnForm()
    if form.validate_on_submit():
        try:
            reason = form.reason.data
            return _decided(letter, _("Recorded."), lambda it, by, at: it.bounce(reason, by=by, at=at))
        except Refused as refusal:
            refuse(form, refusal)
    return _form(letter, form, _("The letter came back"), letter.subject, _("Save"))


@bp.post("/letters/<int:id>/arrival")
@requires(Permission.LETTER_DECIDE, Letter)
def arrive(letter: Letter) -> Response:
    return _click(letter, _("Recorded."), lambda it, by, at: it.arrive(by=by, at=at))


@bp.post("/letters/<int:id>/cancel")
@requires(Permission.LETTER_DECIDE, Letter)
def cancel(letter: Letter) -> Response:
    return _click(letter, _("The letter stays as it is."), lambda it, by, at: it.cancel(by=by, at=at))


def _click(letter: Letter, message: str, verb: Any) -> Response:
    try:
        return _decided(letter, message, verb)
    except Refused as refusal:
        return page("letter.html", 409, **_shown(letter, say(refusal)))


def _decided(letter: Letter, message: str, verb: Any) -> Response:
    """What a person decided, said to the letter as it is now: a worker may have it in hand."""
    key = letter.id
    with transaction() as session:
        by: User
        at: datetime
        by, at = me(), now()
        found = session.get_one(Letter, key, with_for_update=True)
        told: Event = verb(found, by, at)
        session.add(told)
        waits = found.state is LetterState.WAITING
    if waits:
        later(post_letters)
    return see(url_for(".show", id=key), message)


def _shown(letter: Letter, refusal: str = "") -> dict[str, Any]:
    db.session.refresh(letter)
    return {
        "letter": letter,
        "shown_address": letter.address if _sees_address(letter) else "",
        "may_decide": allows(actor(), Permission.LETTER_DECIDE, letter),
        "most": MOST_ATTEMPTS,
        "refusal": refusal,
    }


def _sees_address(letter: Letter) -> bool:
    company = db.session.get_one(Company, 1)
    erased = letter.contact is not None and letter.contact.removed_at is not None
    return not erased and allows(actor(), Permission.CONTACT_DETAILS, (company, letter))


def _form(letter: Letter, form: FlaskForm, title: str, note: str, save: str) -> Response:
    status = 422 if form.is_submitted() else 200
    back = url_for(".show", id=letter.id)
    return page("form.html", status, form=form, title=title, note=note, save=save, back=back)


def _asked() -> WantedLetters:
    """What the address asks for. What cannot be read is as if it were not asked."""
    state = request.args.get("state", "")
    client = request.args.get("client", type=int)
    troubled, _dash, last = request.args.get("after", "").partition("-")
    cursor = (troubled == "1", int(last)) if troubled in ("0", "1") and last.isascii() and last.isdigit() else None
    return WantedLetters(
        LetterState(state) if state in set(LetterState) else None,
        client if client and 0 < client < LARGEST_ID else None,
        cursor if cursor and cursor[1] < LARGEST_ID else None,
    )


def _address(asked: WantedLetters, after: tuple[bool, int] | None = None) -> str:
    return url_for(
        ".show_all",
        state=asked.state.value if asked.state else None,
        client=asked.client_id,
        after=f"{after[0]:d}-{after[1]}" if after else None,
    )
