"""What the demo company's people say, write and sell: the shape that each language fills."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Good:
    """A product of the catalogue; ``price`` in whole units of the company's currency."""

    name: str
    family: str
    unit: str
    price: int
    monthly: bool
    description: str


@dataclass(frozen=True)
class Catalogue:
    """What stands in the catalogue beside the goods."""

    yearly: str
    """A price list's name around ``{year}``."""
    offer: str
    family: str
    """Of the bundles."""
    bundles: tuple[tuple[str, str], ...]
    """Names and descriptions."""
    retired: Good
    sectors: Mapping[str, Lines]
    """Sectors of clients whom some products suit."""


@dataclass(frozen=True)
class Texts:
    """One language. ``{name}`` in a text is the contact's name, ``{product}`` what is sold."""

    company: dict[str, Any]
    people: dict[str, tuple[str, str]]
    """Part in the story (see ``people.PARTS``): name and the login's first half."""
    mail: str
    """The domain of the logins."""
    clients: Mapping[str, Lines]
    """Names by sector; a name may hold its legal form."""
    cities: Lines
    districts: Mapping[str, Lines]
    """Of the cities that are large enough to plan visits by them."""
    streets: Lines
    men: Lines
    women: Lines
    surnames: tuple[tuple[str, str], ...]
    """A man's and a woman's form."""
    positions: Mapping[str, Lines]
    """By decision role."""
    phone: str
    """A number that nobody has, with a place for four digits."""
    goods: tuple[Good, ...]
    catalogue: Catalogue
    rivals: Lines
    rival_notes: Lines
    """What we know and answer, in their order."""
    noticed: Mapping[str, Lines]
    """Evidence by kind of signal, around ``{name}`` and ``{rival}``."""
    visited: Lines
    """What came of a visit that defends a client."""
    defended: Lines
    false_alarms: Lines
    gone: Mapping[str, Lines]
    """What was learned from a lost attack, by its cause."""
    notes: Lines
    tasks: Mapping[str, Lines]
    """Subjects by moment of the story."""
    said: Mapping[str, Lines]
    """Outcomes of interactions by moment of the story."""
    lost: Mapping[str, Lines]
    """The same of a client lost without a competitor."""
    promises: Lines
    broken: Lines
    answers: Mapping[str, Lines]
    """By key of a checklist's line."""
    returned: Lines
    deals: str
    """A deal's name around ``{product}``."""
    more: str
    """The same for a further sale."""
    offer: Lines
    """A proposal's text: the task in the client's words."""
    terms: str
    asked: str
    """What a client asks about a proposal."""
    wished: str
    """Why a client should get a discount above the limit."""
    tax: str
    """A key of the tax rates, for what is paid for."""
    purpose: str
    """What a payer writes, around ``{numbers}`` of invoices."""
    rules: Lines
    """Names of the commission rules, for initial and for current payments."""
    dispute: str
    """What a client says against an invoice."""
    credit: str
    """Why a part of an invoice was taken back."""
    strangers: Lines
    """Names of payers whom nobody knows, each with ``|`` and what they wrote."""
    quits: str
    """Why a client ended a contract."""
    left: str
    """Why clients were reassigned when a colleague left."""
    shared: str
    """Why a head reassigned one client."""
    tiers: Lines
    """Names of the VIP tiers, the highest first."""
    agreed: str
    """Why a review of the VIP list decided as proposed."""
    later: str
    """Why it let a client wait."""
    source: Lines
    """Why we may keep a contact's data."""
