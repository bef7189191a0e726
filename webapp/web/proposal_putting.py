"""Putting a product of the catalogue on a proposal's draft."""

from datetime import date

from flask import request

from webapp.db import db
from webapp.domain.errors import Refused
from webapp.domain.price_book import price_book
from webapp.domain.pricing import Expanded
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_lines import MOST_LINES
from webapp.domain.tax import rates_on, tax_of
from webapp.web.from_catalogue import put, row_of, with_rows
from webapp.web.proposal_form import DraftForm, typed


def with_product(version: ProposalVersion) -> tuple[DraftForm, Refused | None]:
    """The draft as it was typed, with the product's lines at the price and tax of the document's date."""
    form = typed(request.form)
    day, currency = form.dated_on.data or version.dated_on, form.currency.data or version.currency
    try:
        lines = put(request.form, price_book(db.session(), day), day, currency)
        rows = [_row(line, day, currency, include=form.prices.data != "without") for line in lines]
        return typed(with_rows(request.form, rows, MOST_LINES)), None
    except Refused as refusal:
        return form, refusal


def _row(line: Expanded, day: date, currency: str, *, include: bool) -> dict[str, str]:
    """Prices of the catalogue include the tax: where those of the document do not, it is taken off each."""
    tax, minor = tax_of(line.good.tax_on(day), currency, day), line.price_minor
    if minor is not None and not include:
        minor -= rates_on(day)[tax].inside(minor)
    told = Expanded(line.good, line.quantity, minor)
    return row_of(told) | {"unit": line.good.unit, "discount": "0", "tax": tax}
