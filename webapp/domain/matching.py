"""Matching: which invoices a payment covers. Policy as data, and pure: the same facts give the same answer.

The trade's order: the numbers in the purpose, then who pays (by ИНН; a КПП is a branch, not an identity), then the sum.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from webapp.domain.calendar import years_on
from webapp.domain.invoice_state import YEARS_TO_CLAIM
from webapp.domain.words import N_


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a payment is thought to cover something. What is certain is done without asking a person."""

    label: str
    certain: bool


REASONS: dict[str, Reason] = {
    "number_payer": Reason(N_("The invoice's number is in the purpose, and the client pays"), True),
    "number_third": Reason(N_("The invoice's number is in the purpose, and this payer pays for the client"), True),
    "number_name": Reason(N_("The invoice's number is in the purpose, and the payer is called like the client"), True),
    "sum_payer": Reason(N_("The client pays exactly what it owes"), True),
    "sum_third": Reason(N_("This payer pays for the client exactly what it owes"), True),
    "advance": Reason(N_("The client pays and owes nothing: it is paid in advance"), True),
    "several": Reason(N_("The invoice's number is in the purpose, and more than one invoice has it"), False),
    "oldest": Reason(N_("The client pays, but neither number nor sum fits: the oldest invoices first"), False),
    "number_sum": Reason(N_("Number and sum of the invoice fit, but somebody else pays"), False),
    "number": Reason(N_("The invoice's number is in the purpose, but somebody else pays"), False),
    "name": Reason(N_("The payer is called like the client"), False),
}

MOST = 3
"""Suggestions that a person is shown."""

DATE = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})(?!\d)")
NOISE = (
    DATE,
    re.compile(r"\d+(?:[.,]\d+)?\s*%"),
    re.compile(r"(?:сумм\w*|ндс|vat|sum|amount)\D{0,12}\d[\d ']*(?:[.,=-]\d{2})?(?!\d)", re.IGNORECASE),
    re.compile(r"(?<!\d)\d[\d ']*(?:[.=-]\d{2}|,00)(?!\d)"),
    re.compile(r"(?<!\d)\d[\d ']*(?:,\d{2})?\s*(?:руб|р\.|rub|₽|€|\$)", re.IGNORECASE),
)
"""What is no invoice's number: dates, percents, sums. (17,18 are two numbers.)"""
NUMBER = re.compile(r"(?<![\d])\d{1,9}(?![\d])")
"""Taxpayer numbers and accounts are longer than an invoice's number."""


@dataclass(frozen=True, slots=True)
class Received:
    """What is known of a payment. ``minor`` is what of it covers nothing yet."""

    minor: int
    currency: str
    received_on: date
    purpose: str = ""


@dataclass(slots=True)
class Owed:
    """An invoice on which ``outstanding`` minor units are owed."""

    id: int
    client_id: int
    number: int
    issued_on: date
    due_on: date
    currency: str
    outstanding: int


@dataclass(frozen=True, slots=True)
class Payers:
    """Whose clients' money it may be: whose own ИНН it is, for whom the payer is known to pay, who is called so."""

    own: frozenset[int] = frozenset()
    third: frozenset[int] = frozenset()
    named: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """A suggestion: the client, and which invoices get how much (minor units). No parts: an advance."""

    reason: str
    client_id: int
    parts: tuple[tuple[int, int], ...]

    @property
    def certain(self) -> bool:
        return REASONS[self.reason].certain


def numbers_in(purpose: str) -> frozenset[int]:
    """The numbers that a purpose names, without dates, sums and percents."""
    for noise in NOISE:
        purpose = noise.sub(" ", purpose)
    return frozenset(int(number) for number in NUMBER.findall(purpose))


def dates_in(purpose: str) -> frozenset[date]:
    """The dates that a purpose names."""
    found = set()
    for day, month, year in DATE.findall(purpose):
        try:
            found.add(date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)))
        except ValueError:
            continue
    return frozenset(found)


def suggestions(payment: Received, payers: Payers, owed: Collection[Owed]) -> list[Match]:
    """What the payment may cover, the best first. ``owed`` are the invoices with its numbers, and its payers' ones."""
    oldest = years_on(payment.received_on, -YEARS_TO_CLAIM)
    fitting = sorted(
        (each for each in owed if each.currency == payment.currency and each.outstanding > 0),
        key=lambda each: (each.due_on, each.id),
    )
    fitting = [each for each in fitting if each.issued_on >= oldest]
    found: dict[int, Match] = {}
    for match in _ranked(payment, payers, fitting):
        found.setdefault(match.client_id, match)
    ranked = sorted(found.values(), key=lambda match: not match.certain)
    if len([match for match in ranked if match.certain]) > 1:  # two clients fit alike: a person decides
        ranked = [Match("oldest", match.client_id, match.parts) if match.certain else match for match in ranked]
    return ranked[:MOST]


def _ranked(payment: Received, payers: Payers, owed: list[Owed]) -> Iterator[Match]:
    """Every suggestion, the best first; a client may come more than once."""
    numbers, dates = numbers_in(payment.purpose), dates_in(payment.purpose)
    numbered = [each for each in owed if each.number in numbers]
    known = [("payer", client) for client in sorted(payers.own)] + [
        ("third", client) for client in sorted(payers.third)
    ]
    for kind, client in [*known, *(("name", client) for client in sorted(payers.named))]:
        theirs = _of(client, numbered)
        if theirs:
            chosen = _one_of_each(theirs, dates, payment.minor)
            reason = f"number_{kind}" if len(chosen) == len({each.number for each in theirs}) else "several"
            yield Match(reason, client, _spread(payment.minor, chosen))
    for kind, client in known:
        theirs = _of(client, owed)
        exact = _exact(payment.minor, theirs)
        if exact:
            yield Match(f"sum_{kind}", client, _spread(payment.minor, exact))
        elif theirs:
            yield Match("oldest", client, _spread(payment.minor, theirs))
        elif kind == "payer":
            yield Match("advance", client, ())
    yield from _of_strangers(payment, payers, owed, _one_of_each(numbered, dates, payment.minor))


def _of_strangers(payment: Received, payers: Payers, owed: list[Owed], numbered: list[Owed]) -> Iterator[Match]:
    """Nobody of whom we know it pays: a number with its sum, then a name, then a number alone."""
    clients = sorted({each.client_id for each in numbered})
    for client in clients:
        if sum(each.outstanding for each in _of(client, numbered)) == payment.minor:
            yield Match("number_sum", client, _spread(payment.minor, _of(client, numbered)))
    for client in sorted(payers.named):
        theirs = _of(client, owed)
        likely = _of(client, numbered) or _exact(payment.minor, theirs) or theirs
        yield Match("name", client, _spread(payment.minor, likely))
    for client in clients:
        yield Match("number", client, _spread(payment.minor, _of(client, numbered)))


def _of(client: int, owed: list[Owed]) -> list[Owed]:
    return [each for each in owed if each.client_id == client]


def _one_of_each(owed: list[Owed], dates: frozenset[date], minor: int) -> list[Owed]:
    """One invoice of each number, where years have the same: by the date in the purpose, else by the sum. A number
    for which neither tells keeps all its invoices."""
    chosen: list[Owed] = []
    for number in sorted({each.number for each in owed}):
        same = [each for each in owed if each.number == number]
        dated = [each for each in same if each.issued_on in dates]
        exact = [each for each in same if each.outstanding == minor]
        chosen += next((few for few in (same, dated, exact) if len(few) == 1), same)
    return sorted(chosen, key=lambda each: (each.due_on, each.id))


def _exact(minor: int, owed: list[Owed]) -> list[Owed]:
    """The invoice of exactly this sum, if it is the only one; else the oldest ones that add up to it."""
    single = [each for each in owed if each.outstanding == minor]
    if len(single) == 1:
        return single
    total = 0
    for place, each in enumerate(owed, start=1):
        total += each.outstanding
        if total == minor:
            return owed[:place]
    return []


def _spread(minor: int, owed: list[Owed]) -> tuple[tuple[int, int], ...]:
    """The sum over the invoices in their order, until nothing is left of it."""
    parts = []
    for each in owed:
        part = min(minor, each.outstanding)
        if part:
            parts.append((each.id, part))
        minor -= part
    return tuple(parts)
