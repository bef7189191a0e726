"""Whom a product suits, as a table says it: each set of conditions is a row, and what is owned has its name there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from webapp.domain.eligibility import Eligibility, EligibilityRule, MOST_EMPLOYEES
from webapp.domain.words import Department
from webapp.exchange.catalogue_row import Row

WORDS = ("sectors", "cities", "owns", "owns_families", "lacks", "lacks_families")
OWNED: dict[str, str] = {
    "owns": "products",
    "lacks": "products",
    "owns_families": "families",
    "lacks_families": "families",
}
"""The conditions that name things of the catalogue, and of which kind those are."""

GONE = "?"

NamedSet = dict[str, Any]
"""A set as ``Eligibility.as_json`` says it, with names in place of numbers."""


Names = Mapping[str, Mapping[int, str]]
"""The names of ``products`` and ``families`` by their numbers."""

Numbers = Mapping[str, Mapping[str, int]]
"""The numbers by the names."""


def read_set(row: Row) -> NamedSet:
    """The conditions of a row, as far as they can be read."""
    currency = row.currency("suits_currency") or "RUB"
    said: NamedSet = {name: row.several(f"suits_{name}") for name in WORDS}
    said |= {name: row.whole(f"suits_{name}", MOST_EMPLOYEES) for name in ("employees_from", "employees_to")}
    said |= {name: row.money(f"suits_{name}", currency) for name in ("monthly_from", "monthly_to")}
    lanes = [row.known("suits_lanes", list(Department), word) for word in row.several("suits_lanes")]
    said["lanes"] = [lane for lane in lanes if lane]
    answers = {name: row.known(f"suits_{name}", ("yes", "no")) for name in ("vip", "key")}
    said |= {name: answer == "yes" for name, answer in answers.items() if answer}
    return _plain({**said, "currency": currency})


def named(kept: dict[str, Any], names: Names) -> list[NamedSet]:
    """The sets of a rule as a product keeps it; what is gone from the catalogue is GONE."""
    sets = EligibilityRule.of_json(kept).sets
    return [_plain(_renamed(each.as_json(), lambda kind, number: names[kind].get(number, GONE))) for each in sets]


def numbered(sets: Sequence[NamedSet], numbers: Numbers) -> dict[str, Any]:
    """The rule as a product keeps it. Refused where no such set can be; KeyError where a name is unknown."""
    known = (_renamed(each, lambda kind, name: numbers[kind][name]) for each in sets)
    return EligibilityRule(tuple(map(Eligibility.of_json, known))).as_json()


def _renamed(said: dict[str, Any], word: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {
        name: [word(OWNED[name], each) for each in value] if name in OWNED else value for name, value in said.items()
    }


def _plain(said: NamedSet) -> NamedSet:
    """Only what is said, lists in order; a currency only where a sum is of it."""
    found = {name: sorted(value) if isinstance(value, list) else value for name, value in said.items()}
    if found.get("monthly_from") is None and found.get("monthly_to") is None:
        found.pop("currency", None)
    return {name: value for name, value in sorted(found.items()) if value not in ([], None, "")}
