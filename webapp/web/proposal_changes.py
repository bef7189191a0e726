"""The difference between two versions of a proposal in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import get_locale

from webapp.domain.product import Billing
from webapp.domain.proposal_diff import Difference
from webapp.domain.proposal_lines import ProposalLine
from webapp.domain.words import N_
from webapp.pdf.words import percent
from webapp.web.i18n import day, LANGUAGES, money
from webapp.web.i18n import translated as _
from webapp.web.quantities import quantity_text

NAMES = {
    "title": N_("Title"),
    "language": N_("Language"),
    "currency": N_("Currency"),
    "prices_include_tax": N_("Prices"),
    "dated_on": N_("Date"),
    "valid_until": N_("Valid until"),
    "discount": N_("Discount"),
    "look": N_("Look"),
    "attachments": N_("Attachments"),
    "text": N_("The task, in the client's words"),
    "terms": N_("Terms"),
    "name": N_("Item"),
    "quantity": N_("Quantity"),
    "unit": N_("Unit"),
    "price_minor": N_("Price"),
    "tax": N_("VAT"),
    "billing": N_("Billing"),
    "section": N_("Section"),
    "choice": N_("Choice"),
}
TAXES = {"standard": N_("Standard"), "reduced": N_("Reduced"), "zero": N_("Zero"), "none": N_("Without tax")}


@dataclass(frozen=True, slots=True)
class Told:
    """Each part as sentences; ``texts`` are pairs of a name and its marked rows."""

    fields: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def told(difference: Difference, currency: str) -> Told:
    return Told(
        tuple(_change(*change, currency) for change in difference.fields),
        tuple(_line(line, currency) for line in difference.added),
        tuple(_line(line, currency) for line in difference.removed),
        tuple(
            (each.line.name, "; ".join(_change(*change, currency) for change in each.changes))
            for each in difference.changed
        ),
        tuple((_(NAMES[each.name]), each.rows) for each in difference.texts),
    )


def _line(line: ProposalLine, currency: str) -> str:
    price = money(line.price_minor, currency) if line.price_minor is not None else ""
    return " · ".join(filter(None, (line.name, f"{quantity_text(line.quantity)} {line.unit}".strip(), price)))


def _change(name: str, was: Any, now: Any, currency: str) -> str:
    return f"{_(NAMES.get(name, name))}: {_value(name, was, currency)} → {_value(name, now, currency)}"


def _value(name: str, value: Any, currency: str) -> str:
    if value is None or value == "":
        return "–"
    words: Mapping[str, Any] = {
        "price_minor": lambda: money(value, currency),
        "quantity": lambda: quantity_text(value),
        "discount": lambda: percent(value, str(get_locale() or "en")),
        "tax": lambda: _(TAXES.get(value, value)),
        "billing": lambda: _(Billing(value).label),
        "language": lambda: LANGUAGES[value],
        "prices_include_tax": lambda: _(N_("include VAT")) if value else _(N_("are without VAT")),
    }
    if name in words:
        return str(words[name]())
    return day(value) if isinstance(value, date) else str(value)
