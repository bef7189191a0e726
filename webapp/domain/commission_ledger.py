"""The commission of a month as a pure function of facts: whatever the order in which they became known, the lines are
the same.

What a payment's part is worth goes by the day the payment *came* (rule version, initial or current, months since the
first payment, the month's paying clients). What undoes an allocation takes back its lines, with their versions and
sums, whoever they were for.

A payment for a bundle is taken apart by what each part cost alone when it was sold, to the minor unit, initial and
current payments each by themselves: a rule for some products or families pays for what falls to those. What falls to a
part with a period of its own is initial or current by that one. A rule that is for the bundle, or for everything, pays
for all of it, once. What no rule is about says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from webapp.domain.calendar import month_of
from webapp.domain.commission_sharing import about, initial_and_current, names, Piece, total
from webapp.domain.commission_terms import months_between, Payee, Portion, Terms
from webapp.domain.commission_world import Entered, InForce, Line, World
from webapp.domain.money import apportioned, share, WHOLE
from webapp.domain.words import N_

REASONS: dict[str, str] = {
    "no_rule": N_("no rule was in force for it"),
    "handoff": N_("the hand-off was not accepted yet"),
    "expired": N_("the rule pays only for the first months"),
    "nothing": N_("what it takes back had earned nothing"),
}
"""Why a line pays nothing."""


def ledger(entered: Iterable[Entered], world: World, closed_through: date | None) -> list[Line]:
    """The lines of a month's allocations. Those that belong to a closed month correct it."""
    known = sorted(entered, key=lambda entry: entry.id)
    found: dict[int, list[Line]] = {}
    for entry in sorted(known, key=lambda entry: entry.reverses_id is not None):
        month = month_of(entry.entered_on)
        corrects = month if closed_through is not None and month <= closed_through else None
        if entry.reverses_id is None:
            found[entry.id] = _earned(entry, world, corrects)
        else:
            original = found.get(entry.reverses_id, world.earlier.get(entry.reverses_id, ()))
            found[entry.id] = _taken_back(entry, original, corrects)
    return [line for entry in known for line in found[entry.id]]


def _earned(entry: Entered, world: World, corrects: date | None) -> list[Line]:
    early, late = initial_and_current(entry, world)
    lines = [*_of_portion(entry, Portion.INITIAL, early, world), *_of_portion(entry, Portion.CURRENT, late, world)]
    return [replace(line, corrects=corrects) for line in lines] if corrects else lines


def _of_portion(entry: Entered, portion: Portion, whole: Sequence[Piece], world: World) -> list[Line]:
    """What all versions pay for the initial or the current payment, and the rest that none pays for."""
    lines, rest = list[Line](), list(whole)
    for version in world.versions:
        some = about(version.terms, entry, whole)
        paid = _by(version, entry, portion, some, names(some, entry), world)
        rest = [each for each in rest if not paid or each not in some]
        lines += paid
    left = total(rest)
    return [*lines, _line(entry, portion, left, why="no_rule", parts=names(rest, entry))] if left else lines


def _by(
    version: InForce, entry: Entered, portion: Portion, some: Sequence[Piece], parts: str | None, world: World
) -> list[Line]:
    """What one version pays for some pieces of one portion; nothing where it is not about them."""
    terms, day, base = version.terms, entry.received_on, total(some)
    if terms.portion is not portion or day < version.starts_on or (version.until and day >= version.until):
        return []
    if not base:
        return []
    payee, told = _payee(entry, terms, some, world)
    if payee is None:
        return []
    told["parts"] = parts
    months = months_between(world.first_paid.get(entry.client_id, day), day)
    accepted = world.accepted.get(entry.client_id)
    why = ""
    if terms.after_handoff and (accepted is None or day < accepted):
        why = "handoff"
    elif terms.ends_after is not None and months >= terms.ends_after:
        why = "expired"
    if why:
        return [_line(entry, portion, base, payee, version.id, why=why, months=months, **told)]
    clients = world.paying.get((entry.hunter_id, month_of(day)), 0)
    rate, tier, step = terms.rate(clients, months)
    values = {"clients": clients if terms.tiers else None, "tier": tier or None, "months": months if step else None}
    return _shared(entry, portion, base, rate, payee, version, values | told | {"step": step or None})


def _payee(entry: Entered, terms: Terms, some: Sequence[Piece], world: World) -> tuple[int | None, dict[str, Any]]:
    """Whom the terms pay for it, and what proves it; None where they are not about it. The one who attracted the client
    earns for that, and not again for selling it more or telling it."""
    if terms.payee is Payee.HUNTER:
        return entry.hunter_id, {}
    if terms.payee is Payee.SELLER:
        return entry.seller_id if entry.seller_id != entry.hunter_id else None, {}
    given = (entry.product_id or 0, *(each.product.product_id for each in some))
    told = [world.tellings[entry.client_id, each] for each in given if (entry.client_id, each) in world.tellings]
    telling = min(told, key=lambda each: (each.told_on, each.order), default=None)
    if telling is None or entry.sold_on is None or telling.person_id == entry.hunter_id:
        return None, {}
    days = (entry.sold_on - telling.told_on).days
    if days < 0 or (terms.told_within is not None and days > terms.told_within):
        return None, {}
    return telling.person_id, {"told_on": telling.told_on.isoformat(), "sold_on": entry.sold_on.isoformat()}


def _shared(
    entry: Entered, portion: Portion, base: int, rate: int, payee: int, version: InForce, values: dict[str, Any]
) -> list[Line]:
    whole = share(base, rate)
    given = {split.person_id: split.share for split in version.terms.splits}
    given[payee] = given.get(payee, 0) + WHOLE - sum(given.values())
    people = sorted(person for person, part in given.items() if part)
    parts = apportioned(whole, [given[person] for person in people])
    return [
        _line(
            entry,
            portion,
            base,
            person,
            version.id,
            rate,
            part,
            **values,
            share=None if given[person] == WHOLE else given[person],
        )
        for person, part in zip(people, parts, strict=True)
    ]


def _line(
    entry: Entered,
    portion: Portion,
    base: int,
    person_id: int | None = None,
    version_id: int | None = None,
    rate: int = 0,
    amount: int = 0,
    **values: Any,
) -> Line:
    told = tuple(sorted((key, value) for key, value in values.items() if value is not None))
    return Line(
        entry.id,
        entry.client_id,
        person_id or entry.hunter_id,
        portion,
        version_id,
        base,
        rate,
        amount,
        entry.currency,
        entry.received_on,
        None,
        told,
    )


def _taken_back(entry: Entered, original: Iterable[Line], corrects: date | None) -> list[Line]:
    """The lines of the undone allocation with their sums below zero."""
    lines = [
        replace(
            line,
            allocation_id=entry.id,
            base_minor=-line.base_minor,
            amount_minor=-line.amount_minor,
            corrects=line.corrects or corrects,
        )
        for line in original
    ]
    return lines or [replace(_line(entry, Portion.CURRENT, entry.amount_minor, why="nothing"), corrects=corrects)]
