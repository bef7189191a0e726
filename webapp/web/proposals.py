"""Proposals: drafting, the preview, sending, the stored PDF."""

from typing import Any

from flask import Blueprint, request, Response, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.deal import Deal
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import ProposalAnswer
from webapp.domain.proposal_content import content
from webapp.jobs import later
from webapp.pdf.words import percent
from webapp.printing import print_record, print_version
from webapp.queries import discounts, products, proposals, shares
from webapp.queries.proposal_changes import changes_since_the_last
from webapp.web import once, proposal_file
from webapp.web.access import actor, need, requires
from webapp.web.answers import fragment, page, see
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.from_catalogue import asked_to_put
from webapp.web.proposal_changes import told
from webapp.web.proposal_form import DraftForm, filled, typed
from webapp.web.proposal_putting import with_product
from webapp.web.proposal_totals import counted
from webapp.web.session import me
from webapp.web.sharing import just_made

bp = Blueprint("proposals", __name__)
bp.register_blueprint(proposal_file.bp)
bp.add_app_template_filter(lambda basis_points: percent(basis_points, str(get_locale())), "rate")

LARGEST_FORM = 16 * 1024 * 1024
"""A pasted text of this size still comes back with a sentence at its field."""


@bp.url_value_preprocessor
def read_long_texts(endpoint: str | None, values: object) -> None:
    request.max_form_memory_size = LARGEST_FORM


@bp.post("/deals/<int:id>/proposals")
@requires(Permission.PROPOSAL_EDIT, Deal)
def draft(deal: Deal) -> Response:
    with transaction() as session:
        once.take(session)
        proposal = Proposal.draft(session, deal, by=me(), at=now())
        url = once.leads_to(url_for("proposals.edit", id=proposal.last.id))
    return see(url)


@bp.get("/proposals/<int:id>")
@requires(Permission.PROPOSAL_VIEW, Proposal)
def show(proposal: Proposal) -> Response:
    return _shown(proposal, request.args.get("version", type=int))


@bp.get("/proposals/versions/<int:id>/progress")
@requires(Permission.PROPOSAL_VIEW, ProposalVersion)
def progress(version: ProposalVersion) -> Response:
    """What the page asks while the PDF is being printed: nothing new, or how it stands now."""
    if request.args.get("seen", type=int) == version.version:
        return Response(status=204)
    return fragment("proposal.html", "standing", **_standing(version.proposal, version.number))


@bp.get("/proposals/versions/<int:id>/edit")
@requires(Permission.PROPOSAL_EDIT, ProposalVersion)
def edit(version: ProposalVersion) -> Response:
    if not version.is_draft:
        return see(_page_of(version))
    return _editor(version, filled(version))


@bp.post("/proposals/versions/<int:id>")
@requires(Permission.PROPOSAL_EDIT, ProposalVersion)
def change(version: ProposalVersion) -> Response:
    if asked_to_put(request.form):
        form, refusal = with_product(version)
        return _editor(version, form, 422 if refusal else 200, putting=refusal)
    form = typed(request.form)
    form.offer(proposals.recipients(db.session(), version.proposal.deal.client_id), version)
    if not form.validate():
        return _editor(version, form, 422)
    try:
        with transaction() as session:
            told = version.change(form.draft(_contact(form)), by=me(), at=now(), seen=_seen())
            session.add_all([told] if told else [])
    except Refused as refusal:
        form.refuse(refusal)
        return _editor(version, form, 409 if isinstance(refusal, Stale) else 422)
    if request.form.get("then") == "look":
        return see(_page_of(version))
    blank = 1 if request.form.get("then") == "line" else None
    return see(url_for(".edit", id=version.id, blank=blank), _("Saved"))


@bp.post("/proposals/versions/<int:id>/totals")
@requires(Permission.PROPOSAL_EDIT, ProposalVersion)
def totals(version: ProposalVersion) -> Response:
    """The sums of what stands in the form right now. Writes nothing."""
    form = typed(request.form)
    form.offer([], version)
    form.read_lines()
    return fragment("proposal_form.html", "totals", counted=counted(form, version))


@bp.post("/proposals/versions/<int:id>/sending")
@requires(Permission.PROPOSAL_EDIT, ProposalVersion)
def send(version: ProposalVersion) -> Response:
    try:
        with transaction() as session:
            by, at, company = me(), now(), session.get_one(Company, 1)
            session.add(version.send(content(version, company, author=by, at=at), by=by, at=at, seen=_seen()))
    except Refused as refusal:
        status = 409 if isinstance(refusal, Stale) else 422
        return _shown(version.proposal, version.number, status, refusal=say(refusal))
    later(print_version, version.id)
    return see(_page_of(version))


@bp.post("/proposals/versions/<int:id>/print")
@requires(Permission.PROPOSAL_EDIT, ProposalVersion)
def print_again(version: ProposalVersion) -> Response:
    """Somebody asks once more for a PDF that could not be made."""
    later(print_version, version.id)
    return see(_page_of(version))


@bp.post("/proposals/<int:id>/record")
@requires(Permission.PROPOSAL_EDIT, Proposal)
def record_again(proposal: Proposal) -> Response:
    """Somebody asks once more for the record of the acceptance."""
    accepted = ProposalAnswer.acceptance_of(db.session(), proposal.id)
    if accepted is not None:
        later(print_record, accepted.id)
    return see(url_for(".show", id=proposal.id))


@bp.post("/proposals/<int:id>/versions")
@requires(Permission.PROPOSAL_EDIT, Proposal)
def next_version(proposal: Proposal) -> Response:
    with transaction() as session:
        once.take(session)
        version = proposal.next_version(session, by=me(), at=now())
        url = once.leads_to(url_for("proposals.edit", id=version.id))
    return see(url)


@bp.post("/proposals/versions/<int:id>/discard")
@requires(Permission.PROPOSAL_EDIT, ProposalVersion)
def discard(version: ProposalVersion) -> Response:
    url = url_for(".show", id=version.proposal_id)
    with transaction() as session:
        session.add(version.discard(session, by=me(), at=now(), seen=_seen()))
    return see(url, _("The draft is discarded"))


def _seen() -> int:
    """The version that the person had before their eyes; without one, none."""
    return request.form.get("version", 0, type=int)


def _page_of(version: ProposalVersion) -> str:
    return url_for("proposals.show", id=version.proposal_id, version=version.number)


def _contact(form: DraftForm) -> Contact | None:
    return db.session.get(Contact, form.contact_id.data) if form.contact_id.data else None


def _standing(proposal: Proposal, number: int | None) -> dict[str, Any]:
    shown = proposals.shown(db.session(), actor(), proposal.id, now())
    version = shown.version(number)
    changes = changes_since_the_last(db.session(), actor(), proposal.id, version.number)
    return {
        "shown": shown,
        "version": version,
        "proposal": proposal,
        "links": shares.links_of(db.session(), actor(), version.id, now()),
        "answers": shares.answers_of(db.session(), actor(), proposal.id),
        "new_link": just_made(version.id),
        "changes": changes and told(changes, version.currency),
        "discount": discounts.discount_of(db.session(), actor(), version.id),
    }


def _shown(proposal: Proposal, number: int | None, status: int = 200, refusal: str = "") -> Response:
    return page("proposal.html", status, refusal=refusal, **_standing(proposal, number))


def _editor(version: ProposalVersion, form: DraftForm, status: int = 200, putting: Refused | None = None) -> Response:
    """The form as it was typed. After somebody else's change it holds their version: saving again replaces that."""
    db.session.refresh(version)
    need(Permission.PROPOSAL_EDIT, version)
    deal = version.proposal.deal
    form.offer(proposals.recipients(db.session(), deal.client_id), version)
    form.offer_goods(products.offered(db.session(), actor()))
    if asked_to_put(request.form):  # nothing was saved: what they saw is still what they saw
        form.read_lines()
        if putting is not None:
            form.refuse(putting)
    else:
        form.version.data = version.version
    return page("proposal_form.html", status, form=form, version=version, deal=deal, counted=counted(form, version))
