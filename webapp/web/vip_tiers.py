"""The tiers of the VIP programme, part of the settings."""

from collections.abc import Callable

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.db import db, transaction
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event
from webapp.domain.permissions import Permission
from webapp.domain.sales_class import SalesClass
from webapp.domain.vip_tier import NormKind, VipTier
from webapp.queries.vip_tiers import tier_rows
from webapp.web import once
from webapp.web.access import requires
from webapp.web.answers import page, see
from webapp.web.attack_form import Seen
from webapp.web.clock import now
from webapp.web.errors import say
from webapp.web.forms import ChoiceField, refuse, TextField, WholeField
from webapp.web.session import me

bp = Blueprint("vip_tiers", __name__)


class TierForm(Seen):
    """A tier: its visit norm, what an owner can carry, and for whom a review suggests it."""

    name = TextField(_l("Name"), longest=80)
    suits = ChoiceField(_l("Suggested for clients of"), SalesClass, default=SalesClass.A)
    norm_kind = ChoiceField(_l("The norm is said in"), NormKind, default=NormKind.A_QUARTER)
    norm_size = WholeField(_l("How many"), least=1, most=VipTier.LONGEST_GAP)
    capacity = WholeField(_l("Clients of the tier that one owner can carry"), least=1, most=VipTier.MOST_CLIENTS)

    NAMES = ("name", "norm_kind", "norm_size", "capacity", "suits")


def note() -> str:
    return _("The method gives no number for how often a client is visited, or how many one person can carry: "
             "these are yours.")  # fmt: skip


@bp.get("/settings/vip-tiers")
@requires(Permission.SETTINGS_EDIT)
def show_all() -> Response:
    return page("vip_tiers.html", rows=tier_rows(db.session()), note=note())


@bp.route("/settings/vip-tiers/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_EDIT)
def add() -> Response:
    form, status, back = TierForm(), 200, url_for(".show_all")
    if form.validate_on_submit():
        try:
            with transaction() as session:
                once.take(session)
                said = {name: form[name].data for name in TierForm.NAMES}
                VipTier.add(session, **said, by=me(), at=now())
                once.leads_to(back)
            return see(back, _("Added."))
        except Refused as refusal:
            refuse(form, refusal)
    status = 422 if form.is_submitted() else 200
    return page("form.html", status, form=form, title=_("New tier"), note=note(), back=back)


@bp.route("/settings/vip-tiers/<int:id>", methods=["GET", "POST"])
@requires(Permission.SETTINGS_EDIT, VipTier)
def change(tier: VipTier) -> Response:
    form, back = TierForm(obj=tier), url_for(".show_all")
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                said = {name: form[name].data for name in TierForm.NAMES}
                session.add(tier.change(session, by=me(), at=now(), seen=form.seen, **said))
            return see(back, _("Changed."))
        except Refused as refusal:
            refuse(form, refusal)
            status = 409 if isinstance(refusal, Stale) else 422
            form.version.data = str(tier.version)
    return page("form.html", status, form=form, title=tier.name, note=note(), back=back)


@bp.post("/settings/vip-tiers/<int:id>/above")
@requires(Permission.SETTINGS_EDIT, VipTier)
def raise_above(tier: VipTier) -> Response:
    return _click(lambda: tier.raise_above(db.session(), by=me(), at=now(), seen=Seen().seen))


@bp.post("/settings/vip-tiers/<int:id>/retired")
@requires(Permission.SETTINGS_EDIT, VipTier)
def retire(tier: VipTier) -> Response:
    return _click(lambda: tier.retire(by=me(), at=now(), seen=Seen().seen))


@bp.post("/settings/vip-tiers/<int:id>/restored")
@requires(Permission.SETTINGS_EDIT, VipTier)
def restore(tier: VipTier) -> Response:
    return _click(lambda: tier.restore(by=me(), at=now(), seen=Seen().seen))


def _click(verb: Callable[[], Event]) -> Response:
    try:
        with transaction() as session:
            session.add(verb())
    except Refused as refusal:
        return see(url_for(".show_all"), say(refusal), "bad")
    return see(url_for(".show_all"), _("Changed."))
