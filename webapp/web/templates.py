"""Templates of proposals: their list, and the editor with its live preview, which a print worker prints."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import abort, Blueprint, request, Response, send_file, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.file import StoredFile
from webapp.domain.permissions import Permission
from webapp.domain.proposal_template import logo_content, ProposalTemplate
from webapp.domain.template_preview import TemplatePreview
from webapp.exchange import logo
from webapp.jobs import later
from webapp.previewing import print_preview
from webapp.queries.proposal_templates import template_rows
from webapp.web import once
from webapp.web.access import actor, load, requires
from webapp.web.answers import fragment, page, see
from webapp.web.attack_form import Seen
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import refuse
from webapp.web.proposal_file import drawn
from webapp.web.session import me
from webapp.web.template_example import example
from webapp.web.template_form import filled, TemplateForm

bp = Blueprint("templates", __name__)


@bp.get("/proposals/templates")
@requires(Permission.TEMPLATE_EDIT)
def show_all() -> Response:
    return page("proposal_templates.html", rows=template_rows(db.session()))


@bp.route("/proposals/templates/new", methods=["GET", "POST"])
@requires(Permission.TEMPLATE_EDIT)
def add() -> Response:
    form = TemplateForm(shown=_own_language())
    if form.validate_on_submit():
        try:
            sent = form.sent_logo()
            with transaction() as session:
                once.take(session)
                file = StoredFile.store(session, *sent) if sent else None
                template = ProposalTemplate.add(session, form.look(), file, by=me(), at=now())
                url = once.leads_to(url_for(".change", id=template.id))
            return see(url, _("Added."))
        except Refused as refusal:
            refuse(form, refusal)
    return _editor(form, None, 422 if form.is_submitted() else 200)


@bp.route("/proposals/templates/<int:id>", methods=["GET", "POST"])
@requires(Permission.TEMPLATE_EDIT, ProposalTemplate)
def change(template: ProposalTemplate) -> Response:
    if request.method == "GET":
        form = filled(template)
        form.shown.data = _own_language()
        return _editor(form, template)
    form, status = TemplateForm(), 422
    if form.validate():
        try:
            sent = form.sent_logo()
            with transaction() as session:
                file = StoredFile.store(session, *sent) if sent else None
                file = file or (None if form.without_logo.data else template.logo)
                told = template.change(session, form.look(), file, by=me(), at=now(), seen=form.seen)
                session.add_all([told] if told else [])
            return see(url_for(".change", id=template.id), _("Saved"))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(template.version)
    return _editor(form, template, status)


@bp.post("/proposals/templates/preview")
@requires(Permission.TEMPLATE_EDIT)
def preview() -> Response:
    """Have what stands in the form printed. Nothing of it is saved."""
    form, number = TemplateForm(), request.args.get("template", 0, type=int)
    wanted, faults = None, []
    if form.validate():
        try:
            wanted = _wanted(form, load(ProposalTemplate, number) if number else None)
        except Refused as refusal:
            refuse(form, refusal)
    if wanted is None:
        faults = [f"{field.label.text}: {error}" for field in form for error in field.errors] + form.form_errors
        wanted = TemplatePreview.of(db.session(), actor().id)
    return fragment("proposal_template.html", "printed", preview=wanted, faults=faults)


@bp.get("/proposals/templates/preview")
@requires(Permission.TEMPLATE_EDIT)
def look_again() -> Response:
    """What the page asks while a worker prints: nothing new, or the picture."""
    found = TemplatePreview.of(db.session(), actor().id)
    if found is None or not found.is_printed:
        return Response(status=204)
    return fragment("proposal_template.html", "printed", preview=found, faults=[])


@bp.get("/proposals/templates/preview/<any(picture, file):part>")
@requires(Permission.TEMPLATE_EDIT)
def printed(part: str) -> Response:
    """One's own preview: its pages as a picture, or the PDF."""
    found = TemplatePreview.of(db.session(), actor().id)
    content = found and (found.picture if part == "picture" else found.pdf)
    if not content:
        abort(404)
    return send_file(BytesIO(content), "image/png" if part == "picture" else "application/pdf")


@bp.get("/proposals/templates/<int:id>/logo")
@requires(Permission.TEMPLATE_EDIT, ProposalTemplate)
def show_logo(template: ProposalTemplate) -> Response:
    return drawn({"look": {"logo": logo_content(template.logo)}})


@bp.post("/proposals/templates/<int:id>/<any(used, retired, restored):what>")
@requires(Permission.TEMPLATE_EDIT, ProposalTemplate)
def click(template: ProposalTemplate, what: str) -> Response:
    at, seen = now(), Seen().seen
    verbs: dict[str, Callable[[], Event]] = {
        "used": lambda: template.use(db.session(), by=me(), at=at, seen=seen),
        "retired": lambda: template.retire(by=me(), at=at, seen=seen),
        "restored": lambda: template.restore(by=me(), at=at, seen=seen),
    }
    try:
        with transaction() as session:
            session.add(verbs[what]())
    except Refused as refusal:
        return see(url_for(".show_all"), say(refusal), "bad")
    return see(url_for(".show_all"), _("Changed."))


def _own_language() -> str:
    return "ru" if str(get_locale()) == "ru" else "en"


def _wanted(form: TemplateForm, template: ProposalTemplate | None) -> TemplatePreview:
    look, sent = form.look(), form.sent_logo()
    look.check()
    if sent is None and template is not None and template.logo is not None and not form.without_logo.data:
        named, content = logo_content(template.logo), template.logo.content
    else:
        named, content = {"sha256": "", "media_type": sent[1]} if sent else None, sent[0] if sent else None
    company, author, at = db.session.get_one(Company, 1), me().name, now()
    with transaction() as session:
        shown = example(look, named, form.shown.data, company, author=author, at=at)
        wanted = TemplatePreview.ask(session, actor().id, shown, content, at=at)
    if not wanted.is_printed:
        later(print_preview, wanted.id)
        db.session.refresh(wanted)
    return wanted


def _editor(form: TemplateForm, template: ProposalTemplate | None, status: int = 200) -> Response:
    context: dict[str, Any] = {"form": form, "kept": template, "largest": logo.LARGEST}
    return page("proposal_template.html", status, **context, preview=None, faults=[])
