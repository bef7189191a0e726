"""What an import of the catalogue would write, before it is written."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from webapp.domain.pricing import Break
from webapp.exchange.catalogue_told import Fault


@dataclass(frozen=True, slots=True)
class Change:
    """A product or a list: new, or with the fields that become another value (was, now)."""

    name: str
    is_new: bool
    fields: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Prices:
    """A product's prices in a list, as they were and as they become."""

    price_list: str
    product: str
    currency: str
    was: tuple[Break, ...]
    now: tuple[Break, ...]


@dataclass(slots=True)
class CataloguePlan:
    """Everything that would be written. ``same`` counts products of the file of which nothing changes."""

    families: list[str] = field(default_factory=list)
    products: list[Change] = field(default_factory=list)
    lists: list[Change] = field(default_factory=list)
    prices: list[Prices] = field(default_factory=list)
    same: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        return bool(self.families or self.products or self.lists or self.prices)

    @property
    def digest(self) -> str:
        """Another one where another thing would be written than what somebody saw."""
        said = [self.families, *(repr(each) for each in (self.products, self.lists, self.prices))]
        return sha256(json.dumps(said).encode()).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        new = sum(change.is_new for change in self.products)
        return {
            "added": new,
            "changed": len(self.products) - new,
            "lists": sum(change.is_new for change in self.lists),
            "prices": len(self.prices),
        }
