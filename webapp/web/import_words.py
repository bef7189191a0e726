"""The words in which imports are shown: kinds, columns, values, problems."""

from typing import Any

from flask_babel import gettext as _

from webapp.domain.errors import Refused
from webapp.domain.held_row import PROBLEMS
from webapp.domain.words import N_
from webapp.web.errors import say

KINDS: dict[str, str] = {"client": N_("Clients"), "product": N_("Products"), "user": N_("Users"), "deal": N_("Deals")}

SORTS: dict[str, str] = {
    "created": N_("New"),
    "updated": N_("Changed"),
    "unchanged": N_("As before"),
    "held_back": N_("Held back"),
    "still_held": N_("Held back before"),
}

NAMED: dict[str, str] = {
    "client": N_("Unknown client"),
    "product": N_("Unknown product"),
    "user": N_("Unknown sales person"),
}

COLUMNS: dict[str, str] = {
    "account": N_("The client"),
    "sector": N_("Sector"),
    "year_established": N_("Founded"),
    "revenue": N_("Yearly revenue, millions"),
    "employees": N_("Employees"),
    "office_location": N_("City"),
    "subsidiary_of": N_("Belongs to"),
    "product": N_("Product"),
    "series": N_("Family"),
    "sales_price": N_("Price"),
    "sales_agent": N_("Sales person"),
    "manager": N_("Head"),
    "regional_office": N_("Office"),
    "opportunity_id": N_("Number"),
    "deal_stage": N_("Stage"),
    "engage_date": N_("Began on"),
    "close_date": N_("Closed on"),
    "close_value": N_("Sum"),
}
"""What the columns of the built-in export are called on screen."""

FIELDS: dict[str, str] = {
    "sector": N_("Sector"),
    "city": N_("City"),
    "founded": N_("Founded"),
    "revenue_minor": N_("Yearly revenue"),
    "revenue_currency": N_("Currency"),
    "employees": N_("Employees"),
    "parent_id": N_("Belongs to"),
    "attracted_by_id": N_("Attracted by"),
    "attracted_at": N_("Attracted on"),
    "family": N_("Family"),
    "price_minor": N_("Price"),
    "currency": N_("Currency"),
    "office": N_("Office"),
    "head_id": N_("Head"),
    "client_id": N_("The client"),
    "owner_id": N_("Owner"),
    "product_id": N_("Product"),
    "status": N_("State"),
    "opened_on": N_("Began on"),
    "closed_on": N_("Closed on"),
}
"""Values of ours that an import may change."""


def problem_text(problem: dict[str, Any]) -> str:
    """A problem of a row in the reader's language; a column is called as on screen."""
    values = dict(problem["values"])
    if "column" in values:
        values["column"] = column_text(values["column"])
    sentence = PROBLEMS[problem["code"]]
    return _(sentence, **values)


def refusal_text(refusal: Refused) -> str:
    """Why a row still cannot come in; a column is called as on screen."""
    column = refusal.values.get("column")
    return say(Refused(refusal.message, **{**refusal.values, "column": column_text(column)}) if column else refusal)


def problem_kind(code: str) -> str:
    """A kind of problem without the row's own words, for filters."""
    return _(PROBLEM_KINDS[code])


def column_text(column: str) -> str:
    return _(COLUMNS[column]) if column in COLUMNS else column


PROBLEM_KINDS: dict[str, str] = {
    "no_client": N_("No client is named"),
    "unknown_client": N_("Unknown client"),
    "unknown_product": N_("Unknown product"),
    "unknown_person": N_("Unknown sales person"),
    "missing": N_("Something is empty"),
    "bad_date": N_("No such date"),
    "bad_number": N_("No such number"),
    "bad_sum": N_("No such sum"),
    "bad_stage": N_("Unknown stage"),
    "bad_order": N_("It closes before it begins"),
    "not_closed": N_("It has a closing date but is not closed"),
    "too_long": N_("Too long"),
    "twice": N_("Twice in the file"),
    "circle": N_("Above itself"),
    "nobody": N_("Nobody to answer for it"),
}


def pairs(names: list[str]) -> list[tuple[str, str]]:
    """Names as the options of a choice."""
    return [(name, name) for name in names]


WORDS: dict[str, Any] = {
    "pairs": pairs,
    "kinds": KINDS,
    "sorts": SORTS,
    "named": NAMED,
    "fields": FIELDS,
    "problem_text": problem_text,
    "problem_kind": problem_kind,
    "column_text": column_text,
}
"""What the templates of imports are handed."""
