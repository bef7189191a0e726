"""Discounts above a limit: asking for approval, deciding, and the limits in the settings."""

from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from webapp.db import transaction
from webapp.domain.company import Company
from webapp.domain.discount import DiscountApproval, LONGEST_WORDS
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.proposal import ProposalVersion
from webapp.domain.words import Role
from webapp.web import once
from webapp.web.access import need, requires
from webapp.web.answers import see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import TextField
from webapp.web.proposal_form import ScaledField
from webapp.web.session import me
from webapp.web.settings_form import Section

bp = Blueprint("discounts", __name__)

LIMITED = (Role.MEMBER, Role.HEAD, Role.DIRECTOR)


class WordsForm(FlaskForm):
    words = TextField(_l("Why"), required=False, longest=LONGEST_WORDS)


class DiscountsForm(Section):
    """What each role gives without asking."""

    member = ScaledField(_l("A member gives without asking, %"), digits=2, most=100_00)
    head = ScaledField(_l("A head gives without asking, %"), digits=2, most=100_00)
    director = ScaledField(_l("A director gives, %"), digits=2, most=100_00)

    @classmethod
    def of(cls, company: Company) -> "DiscountsForm":
        return cls(formdata=None, data=dict(company.discount_limits))

    def said(self) -> dict[str, Any]:
        return {"discount_limits": {role.value: self[role.value].data for role in LIMITED}}


@bp.post("/proposals/versions/<int:id>/discount")
@requires(Permission.PROPOSAL_EDIT, ProposalVersion)
def ask(version: ProposalVersion) -> Response:
    back, form = _page_of(version), WordsForm()
    if not form.validate_on_submit():
        return see(back, next(iter(form.words.errors), _("Please repeat that.")), "bad")
    try:
        with transaction() as session:
            once.take(session)
            DiscountApproval.ask(session, version, form.words.data or "", by=me(), at=now())
            once.leads_to(back)
    except Refused as refusal:
        return see(back, say(refusal), "bad")
    return see(back, _("Approval is asked for."))


@bp.post("/discounts/<int:id>")
@requires(Permission.CLIENT_VIEW, DiscountApproval)
def decide(approval: DiscountApproval) -> Response:
    need(Permission.DISCOUNT_APPROVE, approval.about)
    back, form = _page_of(approval.about), WordsForm()
    approves = request.form.get("answer") == "approve"
    try:
        with transaction() as session:
            approval = session.get_one(DiscountApproval, approval.id, with_for_update=True)
            reason = form.words.data or ""
            session.add(approval.decide(session, approves=approves, reason=reason, by=me(), at=now()))
    except Refused as refusal:
        return see(back, say(refusal), "bad")
    return see(back, _("The discount is approved.") if approves else _("The discount is refused."))


def _page_of(version: ProposalVersion) -> str:
    return url_for("proposals.show", id=version.proposal_id, version=version.number)
