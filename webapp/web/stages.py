"""Stages: a head configures the columns of the department's lane."""

from flask import abort, Blueprint, request, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import InputRequired

from webapp.db import db, transaction
from webapp.domain.errors import Refused
from webapp.domain.permissions import Permission
from webapp.domain.stage import EXIT_CRITERIA, Stage
from webapp.domain.words import Department
from webapp.queries import stages
from webapp.web import once
from webapp.web.access import actor, load, need, requires
from webapp.web.answers import by_htmx, fragment, page, see
from webapp.web.clock import now
from webapp.web.forms import refuse, TextField, WholeField
from webapp.web.session import me
from webapp.web.users_form import chosen, number

bp = Blueprint("stages", __name__)


class StageForm(FlaskForm):
    """A stage: named by what the client did; how long is too long; what must hold before it is left."""

    name = TextField(
        _l("Stage name"), longest=80, description=_l("What the client did, for example “Got our proposal”")
    )
    limit_days = WholeField(_l("Days after which it takes too long"), required=False, least=1, most=Stage.LONGEST_LIMIT)
    criteria = SelectMultipleField(
        _l("Before a client goes on there must be"),
        choices=lambda: [(key, _(criterion.label)) for key, criterion in EXIT_CRITERIA.items()],
    )
    chance = WholeField(
        _l("Chance that a deal is won from here, %"),
        required=False,
        most=100,
        description=_l("Weighs the forecast of deals. Left empty, the measured share does."),
    )

    @property
    def basis_points(self) -> int | None:
        """In basis points."""
        return None if self.chance.data is None else self.chance.data * 100


class RemoveForm(FlaskForm):
    """Where the clients of a removed stage go."""

    to_id = SelectField(_l("Its clients move to"), [InputRequired(_l("Please choose"))], coerce=chosen)


@bp.get("/settings/stages")
@requires(Permission.HEADS_VIEW)
def show() -> Response:
    department = actor().department or asked(request.args.get("department", ""), Department.SALES)
    return page("stages.html", **lane(department))


def asked(text: str, otherwise: Department | None = None) -> Department:
    return Department(text) if text in set(Department) else otherwise or abort(404)


def lane(department: Department) -> dict[str, object]:
    return {"department": department, "rows": stages.lane(db.session, actor(), department)}


@bp.route("/settings/stages/new/<department>", methods=["GET", "POST"])
@requires(Permission.HEADS_VIEW)
def add(department: str) -> Response:
    of = asked(department)
    need(Permission.STAGE_EDIT, Stage(department=of))
    form = StageForm()
    if form.validate_on_submit():
        try:
            with transaction() as written:
                once.take(written)
                Stage.add(
                    written,
                    of,
                    form.name.data,
                    limit_days=form.limit_days.data,
                    criteria=form.criteria.data,
                    chance=form.basis_points,
                    by=me(),
                    at=now(),
                )
                url = once.leads_to(url_for(".show", department=of))
            return see(url, _("The stage is added."))
        except Refused as refusal:
            refuse(form, refusal)
    return page("stage.html", 422 if form.is_submitted() else 200, form=form, stage=None, department=of)


@bp.route("/settings/stages/<int:id>", methods=["GET", "POST"])
@requires(Permission.STAGE_EDIT, Stage)
def change(stage: Stage) -> Response:
    form = StageForm(data=_known(stage))
    if form.validate_on_submit():
        # A default stage keeps its English name, which everybody reads in their own language, until it is renamed.
        name = stage.name if form.name.data == _(stage.name) else form.name.data
        try:
            with transaction() as written:
                told = stage.change(
                    written,
                    name=name,
                    limit_days=form.limit_days.data,
                    criteria=form.criteria.data,
                    chance=form.basis_points,
                    by=me(),
                    at=now(),
                )
                written.add(told)
            return see(url_for(".show", department=stage.department), _("Saved."))
        except Refused as refusal:
            refuse(form, refusal)
    return screen(stage, 422 if form.is_submitted() else 200, form=form)


def screen(stage: Stage, status: int = 200, **forms: object) -> Response:
    rows = stages.lane(db.session, actor(), stage.department)
    here = next((row for row in rows if row.id == stage.id), None) or abort(404)
    context = {"form": StageForm(formdata=None, data=_known(stage)), "removal": removal(rows, stage)} | forms
    return page("stage.html", status, stage=here, department=stage.department, last=len(rows) == 1, **context)


def _known(stage: Stage) -> dict[str, object]:
    percent = None if stage.chance is None else stage.chance // 100
    return {"name": _(stage.name), "limit_days": stage.limit_days, "criteria": stage.criteria, "chance": percent}


def removal(rows: list[stages.StageRow], stage: Stage) -> RemoveForm:
    form = RemoveForm()
    form.to_id.choices = [(row.id, _(row.name)) for row in rows if row.id != stage.id]
    return form


@bp.post("/settings/stages/<int:id>/position")
@requires(Permission.STAGE_EDIT, Stage)
def move(stage: Stage) -> Response:
    """Another place in the lane, counted from 0."""
    position = number(request.form.get("position"))
    if position is None:
        abort(400)
    with transaction() as written:
        written.add(stage.move(written, position, by=me(), at=now()))
    if not by_htmx():
        return see(url_for(".show", department=stage.department))
    said = _("%(stage)s is now at place %(place)s.", stage=_(stage.name), place=stage.position + 1)
    return fragment("stages.html", "lane", "said", said=said, **lane(stage.department))


@bp.post("/settings/stages/<int:id>/removal")
@requires(Permission.STAGE_EDIT, Stage)
def remove(stage: Stage) -> Response:
    """Its clients, if there are any, move to another stage in the same transaction."""
    form = removal(stages.lane(db.session, actor(), stage.department), stage)
    standing = bool(stages.standing(db.session, stage))
    if standing and not form.validate_on_submit():
        return screen(stage, 422, removal=form)
    try:
        with transaction() as written:
            stage.hold(written)
            to = load(Stage, form.to_id.data) if standing and form.to_id.data else None
            written.add_all(stage.remove(written, stages.standing(written, stage), to, by=me(), at=now()))
    except Refused as refusal:
        refuse(form, refusal)
        return screen(stage, 422, removal=form)
    return see(url_for(".show", department=stage.department), _("The stage is removed."))
