"""What a quarterly review of the VIP list proposes, and why: rules as data, over figures of one client.

Published is the ABC split (A: 10 % of clients and 50 % of sales, B: 30 and 40, the rest C) and that above 75 % of sales
from key clients is mono-dependence. Every other number is the company's own setting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from webapp.domain.errors import Refused
from webapp.domain.sales_class import SalesClass
from webapp.domain.words import N_

USUAL: dict[str, int] = {
    "a_clients": 10,
    "a_sales": 50,
    "b_clients": 30,
    "b_sales": 40,
    "near": 20,
    "growth": 30,
    "rival_days": 180,
    "looked_at": 500,
    "mono": 75,
}
"""Where a company starts. All but ``rival_days`` (days) and ``looked_at`` (clients of each currency) are percents."""

LIMITS: dict[str, tuple[int, int]] = dict.fromkeys(USUAL, (1, 100)) | {
    "near": (0, 99),
    "growth": (1, 1000),
    "rival_days": (1, 730),
    "looked_at": (10, 5000),
}


class VipStep(StrEnum):
    """What happens to a client's place in the programme: proposed by the rules, decided by a person."""

    ENTER = "enter"
    MOVE = "move"
    LEAVE = "leave"
    STAY = "stay"
    WAIT = "wait"

    @property
    def label(self) -> str:
        return {
            "enter": N_("Enters"),
            "move": N_("Another tier"),
            "leave": N_("Leaves"),
            "stay": N_("Stays"),
            "wait": N_("Candidate"),
        }[self.value]


CHANGES = frozenset({VipStep.ENTER, VipStep.MOVE, VipStep.LEAVE})
"""What needs a reason and changes the list."""

OUTSIDE = (VipStep.ENTER, VipStep.WAIT)
INSIDE = (VipStep.STAY, VipStep.MOVE, VipStep.LEAVE)
"""What can be decided of a client who is in the programme, or is not yet."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason. ``enters``: it alone proposes the programme; else it makes a candidate. ``holds``: a client in the
    programme is not lowered or taken out while it holds."""

    key: str
    label: str
    enters: bool = False
    holds: bool = False


RULES: dict[str, Rule] = {
    rule.key: rule
    for rule in (
        Rule("class_a", N_("Class A by payments of the last 12 months"), enters=True),
        Rule("strategic", N_("A key client: people say so"), enters=True, holds=True),
        Rule("rival", N_("A competitor is after it, or was lately"), holds=True),
        Rule("near", N_("Near the level of class A"), holds=True),
        Rule("growth", N_("Payments grow")),
        Rule("served", N_("The VIP department works with it, outside the programme")),
        Rule("class_b", N_("Class B by payments of the last 12 months")),
        Rule("class_c", N_("Class C by payments of the last 12 months")),
        Rule("nothing_paid", N_("Paid nothing in the last 12 months")),
        Rule("nobody_works", N_("No department works with it any more")),
        Rule("by_hand", N_("Put on the list by a person")),
    )
}


@dataclass(frozen=True, slots=True)
class Sum:
    """What a client paid in one currency: in the last 12 months and in the 12 before them, in minor units."""

    currency: str
    paid_minor: int
    before_minor: int
    sales_class: SalesClass
    near: bool


@dataclass(frozen=True, slots=True)
class Suit:
    """A tier as the rules see it, the highest first."""

    tier_id: int
    suits: SalesClass


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules know of a client. ``tier_id`` is the tier it is in, None outside the programme."""

    sums: tuple[Sum, ...]
    key: bool = False
    rival: bool = False
    served: bool = False
    active: bool = True
    tier_id: int | None = None

    @property
    def best(self) -> SalesClass | None:
        """Its best class among its currencies, which are never added; None where nothing was paid."""
        return min((one.sales_class for one in self.sums if one.paid_minor > 0), default=None)


@dataclass(frozen=True, slots=True)
class Proposed:
    step: VipStep
    tier_id: int | None
    reasons: tuple[str, ...]


def propose(client: Standing, tiers: Sequence[Suit], rules: Mapping[str, int]) -> Proposed | None:
    """What the rules propose for a client; None where they have nothing to say."""
    reasons, suited = reasons_for(client, rules), suitable(client.best, tiers)
    if client.tier_id is None:
        if not client.active or not reasons:
            return None
        if any(RULES[key].enters for key in reasons):
            return Proposed(VipStep.ENTER, suited if suited is not None else tiers[-1].tier_id, reasons)
        return Proposed(VipStep.WAIT, None, reasons)
    if not client.active:
        return Proposed(VipStep.LEAVE, None, ("nobody_works",))
    standing = reasons or (_class_reason(client.best),)
    if any(RULES[key].holds for key in reasons) and not _rises(client.tier_id, suited, tiers):
        return Proposed(VipStep.STAY, client.tier_id, standing)
    if suited is None:
        return Proposed(VipStep.LEAVE, None, (_class_reason(client.best), *reasons))
    if suited != client.tier_id:
        return Proposed(VipStep.MOVE, suited, tuple(dict.fromkeys((_class_reason(client.best), *reasons))))
    return Proposed(VipStep.STAY, client.tier_id, standing)


def reasons_for(client: Standing, rules: Mapping[str, int]) -> tuple[str, ...]:
    """The keys of RULES that speak for the client, in their order."""
    holds = {
        "class_a": client.best is SalesClass.A,
        "strategic": client.key,
        "rival": client.rival,
        "near": client.best is not SalesClass.A and any(one.near for one in client.sums),
        "growth": any(grows(one, rules["growth"]) for one in client.sums),
        "served": client.served and client.tier_id is None,
    }
    return tuple(key for key in RULES if holds.get(key, False))


def grows(one: Sum, percent: int) -> bool:
    """At least by so many percent, and not among the small ones. A client that paid nothing before is new."""
    return (
        one.sales_class is not SalesClass.C
        and one.before_minor > 0
        and one.paid_minor * 100 >= one.before_minor * (100 + percent)
    )


def suitable(best: SalesClass | None, tiers: Sequence[Suit]) -> int | None:
    """The highest tier that takes clients of this class."""
    return next((tier.tier_id for tier in tiers if best is not None and best <= tier.suits), None)


def check_rules(rules: Mapping[str, int]) -> None:
    """Refuse numbers that mean nothing."""
    if set(rules) != set(USUAL):
        raise KeyError("every rule has its number")
    for key, (least, most) in LIMITS.items():
        if not least <= rules[key] <= most:
            raise Refused(N_("Between %(least)s and %(most)s, please"), field=key, least=least, most=most)
    if rules["a_clients"] + rules["b_clients"] > 100 or rules["a_sales"] + rules["b_sales"] > 100:
        raise Refused(N_("Classes A and B come to 100 percent at most"), field="b_sales")


def _rises(tier_id: int, suited: int | None, tiers: Sequence[Suit]) -> bool:
    order = [tier.tier_id for tier in tiers]
    return suited is not None and tier_id in order and order.index(suited) < order.index(tier_id)


def _class_reason(best: SalesClass | None) -> str:
    return f"class_{best}" if best is not None else "nothing_paid"
