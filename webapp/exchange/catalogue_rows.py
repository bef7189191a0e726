"""What the rows of one product say together: the parts of a bundle, changes of its VAT, and whom it suits. Looked at
beside the rest of the file and the catalogue, so that what cannot be is said at its row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.product import Billing, MOST_PARTS, Product
from webapp.domain.tax import settled
from webapp.domain.words import N_
from webapp.exchange.catalogue_suits import named, Names, numbered, Numbers, OWNED
from webapp.exchange.catalogue_told import Fault, Told, ToldProduct


@dataclass(frozen=True, slots=True)
class Beside:
    """The file and the catalogue beside a product: ``products`` are those that the file names, ``bundled`` the names of
    those that a bundle holds after the import; ``numbers`` of what is new are any."""

    told: Told
    products: Mapping[str, Product]
    bundled: frozenset[str]
    names: Names
    numbers: Numbers

    def billing(self, name: str) -> str:
        """How it is billed after the import."""
        said, known = self.told.products.get(name), self.products.get(name)
        stands = known.billing if known is not None else Billing.ONE_OFF
        return (said.values.get("billing") if said is not None else None) or stands.value

    def is_bundle(self, name: str) -> bool:
        """Whether it holds anything after the import."""
        said, known = self.told.products.get(name), self.products.get(name)
        return bool((said is not None and "parts" in said.values) or (known is not None and known.parts))


def stand(product: Product, names: Names) -> dict[str, Any]:
    """What the rows of a product of the catalogue would say."""
    return {
        "bundle_off": product.bundle_off,
        "parts": [(part.product.name, part.quantity) for part in product.parts],
        "tax_changes": product.tax_changes,
        "suits": named(product.eligibility, names),
    }


def taxed(told: ToldProduct, known: Product | None) -> list[list[str]]:
    """Its changes of VAT with those that the file says."""
    first = told.values.get("tax") or "" if "tax" in told.values or known is None else known.tax
    return settled(first, [*([] if known is None else known.tax_changes), *told.values["tax_changes"]])


def faults(told: ToldProduct, beside: Beside) -> list[Fault]:
    """What its rows cannot say."""
    return [*_of_parts(told, beside), *_of_taxes(told), *_of_sets(told, beside)]


def _of_parts(told: ToldProduct, beside: Beside) -> list[Fault]:
    parts: list[tuple[str, int]] = told.values.get("parts", [])
    lines, found, seen = told.lines.get("parts", []), [], {told.name}
    if not beside.is_bundle(told.name) and told.values.get("bundle_off") is not None:
        found.append(Fault(told.line, "bundle_off", N_("Name the parts of the bundle")))
    if parts and told.name in beside.bundled:
        found.append(Fault(lines[0], "part", N_("This product is part of a bundle: it cannot be one")))
    if len(parts) > MOST_PARTS:
        found.append(Fault(lines[MOST_PARTS], "part", N_("A bundle has at most %(most)s parts"), {"most": MOST_PARTS}))
    for (name, _quantity), line in zip(parts, lines, strict=True):
        if name not in beside.told.products and name not in beside.products:
            found.append(Fault(line, "part", N_("The catalogue has no “%(name)s”"), {"name": name}))
        elif name in seen:
            found.append(Fault(line, "part", N_("Name each product once")))
        elif beside.is_bundle(name):
            found.append(Fault(line, "part", N_("A bundle holds products, no bundles")))
        elif beside.billing(name) != beside.billing(told.name):
            found.append(Fault(line, "part", N_("All parts are billed as the bundle is: once, or each month")))
        seen.add(name)
    return found


def _of_taxes(told: ToldProduct) -> list[Fault]:
    days = [starts for starts, _key in told.values.get("tax_changes", ())]
    again = N_("Two changes of VAT on one day")
    return [
        Fault(line, "tax_from", again)
        for place, line in enumerate(told.lines.get("tax_changes", ()))
        if days[place] in days[:place]
    ]


def _of_sets(told: ToldProduct, beside: Beside) -> list[Fault]:
    found, sets = [], told.values.get("suits", [])
    for said, line in zip(sets, told.lines.get("suits", ()), strict=True):
        unknown = [
            Fault(line, f"suits_{name}", N_("The catalogue has no “%(name)s”"), {"name": word})
            for name, kind in OWNED.items()
            for word in said.get(name, ())
            if word not in beside.numbers[kind]
        ]
        found += unknown or _refused([said], beside.numbers, line)
    return found or _refused(sets, beside.numbers, told.line)


def _refused(sets: list[dict[str, Any]], numbers: Numbers, line: int) -> list[Fault]:
    try:
        numbered(sets, numbers)
    except Refused as refusal:
        column = f"suits_{refusal.field}" if refusal.field != "sets" else "suits_sectors"
        return [Fault(line, column, refusal.message, refusal.values)]
    return []


def families_of(told: Told) -> list[str]:
    """The families that the file's products stand in."""
    return list(dict.fromkeys(filter(None, (each.values.get("family") for each in told.products.values()))))
