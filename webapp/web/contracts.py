"""Contracts: a client's, concluding them by hand or from a won deal, new terms, the end."""

from flask import abort, Blueprint, Response, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from webapp.db import db, transaction
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contract import Contract
from webapp.domain.deal import Deal, DealStatus
from webapp.domain.errors import Refused, Stale
from webapp.domain.permissions import Permission
from webapp.domain.tax import tax_of
from webapp.queries import contracts, products
from webapp.queries.client_money import client_money
from webapp.queries.sale_credit import sale_credits
from webapp.web import once
from webapp.web.access import actor, can, requires
from webapp.web.answers import page, see
from webapp.web.clock import now
from webapp.web.contract_form import basis_points_text, ContractForm, EndForm, of_line, SoldForm, TermsForm
from webapp.web.forms import refuse
from webapp.web.session import me
from webapp.web.touch_forms import today

bp = Blueprint("contracts", __name__)
bp.add_app_template_filter(basis_points_text, "basis_points")


@bp.get("/clients/<int:id>/contracts")
@requires(Permission.CLIENT_VIEW, Client)
def show(client: Client) -> Response:
    rows = contracts.contracts_of(db.session(), actor(), client.id, today())
    return page(
        "contracts.html",
        client=client,
        rows=rows,
        credit=sale_credits(db.session(), actor(), client.id),
        sums=contracts.monthly_sums(rows),
        money=client_money(db.session(), actor(), client.id, today()),
        may_edit=can(Permission.CONTRACT_EDIT, client),
    )


@bp.get("/contracts/<int:id>")
@requires(Permission.CLIENT_VIEW, Contract)
def find(contract: Contract) -> Response:
    """Where the contract stands: among its client's."""
    return see(url_for("contracts.show", id=contract.client_id, _anchor=f"contract-{contract.id}"))


@bp.route("/clients/<int:id>/contracts/new", methods=["GET", "POST"])
@requires(Permission.CONTRACT_EDIT, Client)
def add(client: Client) -> Response:
    company, status = db.session.get_one(Company, 1), 200
    form = ContractForm(data={"currency": company.currency, "tax": tax_of("", company.currency, today())})
    offered = products.offered(db.session(), actor())
    form.offer([(product.id, product.name) for product in offered])
    back = url_for("contracts.show", id=client.id)
    if form.validate_on_submit():
        names = {product.id: product.name for product in offered}
        try:
            with transaction() as session:
                once.take(session)
                Contract.conclude(
                    session,
                    client,
                    form.name.data or names.get(form.product_id.data, ""),
                    form.billing.data,
                    form.amount_minor.data,
                    form.currency.data,
                    form.starts_on.data,
                    by=me(),
                    at=now(),
                    **form.terms,
                )
                once.leads_to(back)
            return see(back, _("The contract is concluded."))
        except Refused as refusal:
            status = _refused(form, refusal)
    title = _("New contract with %(name)s", name=client.name)
    return page("form.html", _status(form, status), form=form, title=title, back=back, note=_promise())


@bp.route("/deals/<int:id>/contracts/new", methods=["GET", "POST"])
@requires(Permission.CONTRACT_EDIT, Deal)
def sell(deal: Deal) -> Response:
    """A contract for each line of a won deal."""
    if deal.status is not DealStatus.WON:
        abort(404)
    own = {line.product.tax_on(today()) if line.product else "" for line in deal.lines}
    concluded = contracts.contracts_from(db.session(), actor(), deal.id, today())
    known = {
        "seen": len(concluded),
        "tax": tax_of(own.pop() if len(own) == 1 else "", deal.currency, today()),
        "lines": [of_line(line, taken=not concluded) for line in deal.lines],
    }
    form, status = SoldForm(data={"starts_on": today(), **known}).offer(deal), 200
    if len(form.lines) != len(deal.lines):
        abort(400)
    back = url_for("contracts.show", id=deal.client_id)
    if form.validate_on_submit():
        try:
            return see(back, _("%(count)s contracts are concluded.", count=_conclude(deal, form, back)))
        except Refused as refusal:
            status = _refused(form, refusal)
    view = {"form": form, "deal": deal, "concluded": [row.name for row in concluded], "note": _promise()}
    return page("contract_deal.html", _status(form, status), **view)


def _conclude(deal: Deal, form: SoldForm, back: str) -> int:
    with transaction() as session:
        once.take(session)
        session.get_one(Deal, deal.id, with_for_update=True)
        form.check_seen(len(contracts.contracts_from(session, actor(), deal.id, today())))
        taken = [(line, entry.form) for line, entry in zip(deal.lines, form.lines, strict=True) if entry.taken.data]
        if not taken:
            raise Refused(_("Tick at least one line"))
        for line, typed in taken:
            Contract.conclude(
                session,
                deal.client,
                typed.name.data,
                typed.billing.data,
                typed.amount_minor.data,
                deal.currency,
                form.starts_on.data,
                by=me(),
                at=now(),
                deal=deal,
                product_id=line.product_id,
                **form.terms,
            )
        once.leads_to(back)
        return len(taken)


@bp.route("/contracts/<int:id>/edit", methods=["GET", "POST"])
@requires(Permission.CONTRACT_EDIT, Contract)
def change(contract: Contract) -> Response:
    form, status = TermsForm(obj=contract).offer(contract), 200
    form.amount_minor.currency = contract.currency
    back = url_for("contracts.show", id=contract.client_id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                session.add(contract.change(by=me(), at=now(), seen=form.seen, **form.fields))
            return see(back, _("Changed. It holds for the invoices to come."))
        except Refused as refusal:
            status = _refused(form, refusal, contract)
    return page("form.html", _status(form, status), form=form, title=contract.name, back=back)


@bp.route("/contracts/<int:id>/end", methods=["GET", "POST"])
@requires(Permission.CONTRACT_EDIT, Contract)
def end(contract: Contract) -> Response:
    form, status = EndForm(version=str(contract.version), ends_on=contract.ends_on), 200
    back = url_for("contracts.show", id=contract.client_id)
    if form.validate_on_submit():
        try:
            with transaction() as session:
                told = contract.end(form.ends_on.data, form.reason.data, by=me(), at=now(), seen=form.seen)
                session.add(told)
            return see(back, _("The contract's last day is noted."))
        except Refused as refusal:
            status = _refused(form, refusal, contract)
    title = _("When does “%(name)s” end?", name=contract.name)
    return page("form.html", _status(form, status), form=form, title=title, back=back)


def _promise() -> str:
    return _("The night writes the invoices: each month's on its first day, the first one in the coming night.")


def _refused(form: FlaskForm, refusal: Refused, contract: Contract | None = None) -> int:
    refuse(form, refusal)
    if contract is not None:
        form.version.data = str(contract.version)
    return 409 if isinstance(refusal, Stale) else 422


def _status(form: FlaskForm, status: int) -> int:
    return 422 if form.is_submitted() and status == 200 else status
