"""The sums of a draft as it stands in the form: counted by the server while somebody types."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from webapp.db import db
from webapp.domain.discount_depth import COIN, Priced
from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES
from webapp.domain.price_book import price_book, with_kin
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_lines import check_lines, line_sums, ProposalLine, Totals, totals
from webapp.domain.tax import rates_on
from webapp.pdf.words import sum_in_words
from webapp.web.errors import say
from webapp.web.from_catalogue import why
from webapp.web.proposal_form import DraftForm


@dataclass(frozen=True, slots=True)
class Counted:
    """Sums per billing with their words in the document's language, or what keeps them from being counted."""

    currency: str
    prices_include_tax: bool
    totals: tuple[Totals, ...] = ()
    words: tuple[str, ...] = ()
    fault: str = ""
    beside: tuple[str, ...] = ()
    """Where a line's price is not what the catalogue asks for so many: what that asks."""


def counted(form: DraftForm, version: ProposalVersion) -> Counted:
    """Of a form freshly read or already validated. Writes nothing, neither to the database nor to the form."""
    currency = form.currency.data if form.currency.data in CURRENCIES else version.currency
    language = form.language.data if form.language.data in ("ru", "en") else version.language
    include = form.prices.data != "without"
    wrong = _fault(form)
    if wrong:
        return Counted(currency, include, fault=wrong)
    discount = form.discount.data or 0
    lines = [entry.form.line() for entry in form.lines]
    rates = rates_on(form.dated_on.data or version.dated_on)
    try:
        check_lines(lines, rates, prices_include_tax=include)
    except Refused as refusal:
        return Counted(currency, include, fault=say(refusal))
    found = totals(line_sums(line, rates, prices_include_tax=include, discount=discount) for line in lines)
    words = tuple(sum_in_words(total.total_minor, currency, language) for total in found.values())
    beside = tuple(_beside(lines, Priced(currency, form.dated_on.data or version.dated_on, include)))
    return Counted(currency, include, tuple(found.values()), words, beside=beside)


def _beside(lines: Sequence[ProposalLine], priced: Priced) -> Iterator[str]:
    wanted = {line.product_id for line in lines if line.product_id is not None}
    if not wanted:
        return
    day, currency, rates = priced.day, priced.currency, rates_on(priced.day)
    book = price_book(db.session(), day, with_kin(db.session(), wanted))
    for number, line in enumerate(lines, 1):
        if line.product_id not in book.goods or line.price_minor is None:
            continue
        asked = book.price(line.product_id, day, currency, line.quantity)
        least = book.least(line.product_id, day, currency, line.quantity)
        if asked is None or least is None:
            yield _(
                "Line %(number)s: the catalogue names no price in %(currency)s", number=number, currency=priced.currency
            )
        elif not least - COIN <= priced.with_tax(line.price_minor, rates[line.tax]) <= asked.minor + COIN:
            yield _("Line %(number)s: the catalogue asks %(price)s", number=number, price=why(asked, currency))


def _fault(form: DraftForm) -> str:
    """The first thing wrong with a line, as a sentence with its number; empty when all can be counted."""
    return next((f"{label}: {error}" for name, label, error in form.faults() if name.startswith("lines-")), "")
