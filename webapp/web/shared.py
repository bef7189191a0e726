"""The page that a client opens by a link: read a proposal, download it, ask, accept or decline. No login.

Whoever has the token may read one version and answer it. It stands in the address, so that no address of this
blueprint is told to anybody: no referrer, no index, no event and no message of the application holds it.
"""

from flask import abort, Blueprint, g, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectMultipleField
from wtforms.validators import InputRequired

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused
from webapp.domain.proposal_answer import AnswerKind, LONGEST_NAME, LONGEST_WORDS, ProposalAnswer, Visitor
from webapp.domain.proposal_choice import agreed, comes_to
from webapp.domain.share_link import ShareLink
from webapp.jobs import later
from webapp.posting import post_letters
from webapp.printing import print_record
from webapp.sharing import write_to_owner
from webapp.web import shared_files
from webapp.web.access import public
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.forms import LongTextField, refuse, TextField
from webapp.web.i18n import money
from webapp.web.shared_access import by_link, note_reading, open_by_secret, READING, WRITING
from webapp.web.shared_files import record_of

bp = Blueprint("shared", __name__, url_prefix="/p/<token>")
bp.register_blueprint(shared_files.bp)
open_by_secret(bp)


class AskForm(FlaskForm):
    name = TextField(_l("Your name"), longest=LONGEST_NAME, render_kw={"autocomplete": "name"})
    words = LongTextField(_l("Your question"), longest=LONGEST_WORDS, render_kw={"rows": 4})


class AcceptForm(FlaskForm):
    name = TextField(_l("Your name and position"), longest=LONGEST_NAME, render_kw={"autocomplete": "name"})
    words = LongTextField(_l("Anything to add"), required=False, longest=LONGEST_WORDS, render_kw={"rows": 2})
    agreed = BooleanField(
        _l("I accept this proposal on behalf of the client, and am entitled to"),
        [InputRequired(_l("Please tick this to accept"))],
    )

    chosen = SelectMultipleField(_l("At your choice"), coerce=int, choices=[], validate_choice=False)
    counted = HiddenField()


class DeclineForm(FlaskForm):
    name = TextField(_l("Your name"), longest=LONGEST_NAME, render_kw={"autocomplete": "name"})
    words = LongTextField(_l("Why does it not suit you?"), longest=LONGEST_WORDS, render_kw={"rows": 4})


FORMS: dict[AnswerKind, type[FlaskForm]] = {
    AnswerKind.ACCEPTED: AcceptForm,
    AnswerKind.QUESTION: AskForm,
    AnswerKind.DECLINED: DeclineForm,
}


@bp.get("")
@public
@READING
@by_link
def show(link: ShareLink) -> Response:
    note_reading(link, now())
    return _screen(link)


@bp.post("/<any(accepted, question, declined):kind>")
@public
@WRITING
@by_link
def answer(link: ShareLink, kind: str) -> Response:
    if g.actor is not None:
        abort(403)  # only the client answers
    asked = AnswerKind(kind)
    form = FORMS[asked]()
    if form.validate_on_submit() and _knows_the_sum(link, form):
        try:
            _take(link, asked, form)
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return see(url_for("shared.show", token=g.token, _anchor="said"))
    return _screen(link, 422, {asked: form})


def _take(link: ShareLink, kind: AnswerKind, form: FlaskForm) -> None:
    visitor, at = Visitor(request.remote_addr or "", request.user_agent.string), now()
    with transaction() as session:
        link = session.get_one(ShareLink, link.id, with_for_update=True)
        name, words, chosen = form["name"].data, form["words"].data, _chosen(form)
        given = ProposalAnswer.give(session, link, kind, name, words, visitor=visitor, at=at, chosen=chosen)
        session.flush()
        letter = write_to_owner(session, given, at=at)
    if kind is AnswerKind.ACCEPTED:
        later(print_record, given.id)
    if letter is not None:
        later(post_letters)


def _chosen(form: FlaskForm) -> list[int]:
    return list(dict.fromkeys(form["chosen"].data)) if "chosen" in form else []


def _knows_the_sum(link: ShareLink, form: FlaskForm) -> bool:
    """Whoever adds something to what is included sees first what that comes to, and accepts then."""
    chosen = _chosen(form)
    if not chosen:
        return True
    try:
        sums = comes_to(agreed((link.shared.printed or {})["lines"], chosen))
    except Refused as refusal:
        refuse(form, refusal)
        return False
    counted = ",".join(f"{billing}:{minor}" for billing, minor in sorted(sums.items()))
    if form["counted"].data == counted:
        return True
    form["counted"].data = counted
    form.form_errors.append(_("With your choice it comes to %(sum)s. Accept once more, please.", sum=_said(link, sums)))
    return False


def _said(link: ShareLink, sums: dict[str, int]) -> str:
    monthly, currency = sums.get("monthly"), link.shared.currency
    parts = [money(sums["one_off"], currency)] if "one_off" in sums else []
    return ", ".join(parts + ([_("%(sum)s a month", sum=money(monthly, currency))] if monthly is not None else []))


def _screen(link: ShareLink, status: int = 200, tried: dict[AnswerKind, FlaskForm] | None = None) -> Response:
    version, company = link.shared, db.session.get_one(Company, 1)
    db.session.refresh(version.proposal.deal)
    accepted = ProposalAnswer.acceptance_of(db.session(), version.proposal_id)
    here, lines = accepted is not None and accepted.link_id == link.id, (version.printed or {})["lines"]
    chosen = accepted.chosen if accepted is not None and here else []
    forms = {kind.value: (tried or {}).get(kind) or form(None) for kind, form in FORMS.items()}
    return page(
        "shared.html",
        status,
        link=link,
        token=g.token,
        version=version,
        content=version.printed,
        company=company,
        forms=forms,
        tried=next((kind.value for kind in tried or {}), ""),
        accepted=accepted,
        here=here,
        sums=comes_to(agreed(lines, chosen)),
        chosen=[lines[place]["name"] for place in chosen],
        said=ProposalAnswer.last_by(db.session(), link.id),
        record=record_of(link),
        acceptable=accepted is None and version.proposal.deal.is_open and version.lasts(company.today(now())),
        declinable=accepted is None and version.proposal.deal.is_open,
        ours=g.actor is not None,
    )
