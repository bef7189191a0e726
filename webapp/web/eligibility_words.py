"""Whom a product suits, in words: the conditions as a list, and why one client fails them."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.eligibility import Eligibility, Failure
from webapp.domain.product import Product
from webapp.domain.product_family import family_names
from webapp.domain.words import Department
from webapp.web.i18n import money, number


def told(session: Session, asked: Eligibility) -> list[str]:
    """Each condition as a sentence; none where the product suits everybody."""
    told_of = asked.owns | asked.lacks, asked.owns_families | asked.lacks_families
    products, families = _names(session, *told_of)
    said = [
        (asked.sectors, _("Sector: %(list)s", list=", ".join(sorted(asked.sectors)))),
        (asked.cities, _("City: %(list)s", list=", ".join(sorted(asked.cities)))),
        (asked.lanes, _("Worked with by: %(list)s", list=_lanes(asked.lanes))),
        (_asked(asked.employees_from, asked.employees_to), _employees(asked)),
        (_asked(asked.monthly_from, asked.monthly_to), _monthly(asked)),
        (asked.vip is not None, _("In the VIP programme") if asked.vip else _("Not in the VIP programme")),
        (asked.key is not None, _("A key client") if asked.key else _("No key client")),
        (
            asked.owns or asked.owns_families,
            _("Owns one of: %(list)s", list=_list(products, asked.owns, families, asked.owns_families)),
        ),
        (
            asked.lacks or asked.lacks_families,
            _("Owns none of: %(list)s", list=_list(products, asked.lacks, families, asked.lacks_families)),
        ),
    ]
    return [sentence for condition, sentence in said if condition]


def why_not(session: Session, failures: Iterable[Failure]) -> list[str]:
    """Each failed condition as a sentence in the reader's language."""
    found = list(failures)
    products, families = _names(
        session,
        {key for each in found for key in each.values.get("product_ids", ())},
        {key for each in found for key in each.values.get("family_ids", ())},
    )
    return [_(each.message) % _shown(each.values, products, families) for each in found]


def _shown(values: dict[str, Any], products: dict[int, str], families: dict[int, str]) -> dict[str, Any]:
    shown = {name: _value(name, value, values) for name, value in values.items()}
    owned = [products.get(key, "?") for key in values.get("product_ids", ())]
    return shown | {"names": ", ".join([*owned, *(families.get(key, "?") for key in values.get("family_ids", ()))])}


def _value(name: str, value: Any, values: dict[str, Any]) -> Any:
    if name.endswith("_minor"):
        return money(value, values["currency"])
    if name == "lanes":
        return _lanes(value)
    return number(value) if isinstance(value, int) else value


def _names(session: Session, products: Iterable[int], families: Iterable[int]) -> tuple[dict[int, str], dict[int, str]]:
    named = session.execute(select(Product.id, Product.name).where(Product.id.in_(sorted(products)))).all()
    return dict(named), family_names(session, families)


def _list(products: dict[int, str], own: Iterable[int], families: dict[int, str], of_them: Iterable[int]) -> str:
    names = [products.get(key, "?") for key in sorted(own)]
    return ", ".join([*names, *(families.get(key, "?") for key in sorted(of_them))])


def _lanes(lanes: Iterable[Department]) -> str:
    return ", ".join(_(Department(lane).label) for lane in sorted(lanes))


def _asked(*bounds: int | None) -> bool:
    return any(bound is not None for bound in bounds)


def _employees(asked: Eligibility) -> str:
    least, most = (None if n is None else number(n) for n in (asked.employees_from, asked.employees_to))
    return _("Employees: %(range)s", range=_range(least, most))


def _monthly(asked: Eligibility) -> str:
    sums = (None if n is None else money(n, asked.currency) for n in (asked.monthly_from, asked.monthly_to))
    return _("Pays each month: %(range)s", range=_range(*sums))


def _range(least: str | None, most: str | None) -> str:
    if most is None:
        return _("from %(least)s", least=least)
    return _("up to %(most)s", most=most) if least is None else _("%(least)s to %(most)s", least=least, most=most)
