"""Whom a product suits, as data: sets of conditions of which one suffices; in a set every condition that is said must
hold. One evaluator says which do not, and why.

A lost client is suited by nothing. ``webapp.domain.eligible`` asks the same of all clients at once.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any, NamedTuple

from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES, LARGEST
from webapp.domain.words import Department, N_

MOST_EMPLOYEES = 10**8
MOST_SETS = 10


class Failure(NamedTuple):
    """Why a product does not suit a client: a sentence, and what fills it. ``product_ids`` and ``family_ids`` among
    the values are said by name in place of %(names)s, lanes by their labels, ``…_minor`` as sums of ``currency``."""

    message: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What the conditions ask of a client on a day. ``monthly`` are minor units by currency of the contracts in
    force; what a bundle held when it was sold is owned too."""

    lost: bool = False
    sector: str = ""
    city: str = ""
    employees: int | None = None
    key: bool = False
    vip: bool = False
    lanes: frozenset[Department] = frozenset()
    monthly: dict[str, int] = field(default_factory=dict)
    products: frozenset[int] = frozenset()
    families: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Eligibility:
    """One set of conditions. Empty and None mean: not asked. Of several sectors, cities, lanes or things owned one is
    enough; of what must not be owned none may be."""

    sectors: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    lanes: frozenset[Department] = frozenset()
    employees_from: int | None = None
    employees_to: int | None = None
    currency: str = ""
    """Of the two sums below: what the client pays each month by contracts in force."""
    monthly_from: int | None = None
    monthly_to: int | None = None
    vip: bool | None = None
    key: bool | None = None
    owns: frozenset[int] = frozenset()
    owns_families: frozenset[int] = frozenset()
    lacks: frozenset[int] = frozenset()
    lacks_families: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        for least, most, limit in (
            ("employees_from", "employees_to", MOST_EMPLOYEES),
            ("monthly_from", "monthly_to", LARGEST),
        ):
            low, high = getattr(self, least), getattr(self, most)
            if any(each is not None and not 0 <= each <= limit for each in (low, high)):
                raise Refused(N_("This number is too large"), field=least)
            if low is not None and high is not None and low > high:
                raise Refused(N_("The second number is at least the first"), field=most)
        if (self.monthly_from is not None or self.monthly_to is not None) and self.currency not in CURRENCIES:
            raise Refused(N_("Choose a currency"), field="currency")
        if self.owns & self.lacks or self.owns_families & self.lacks_families:
            raise Refused(N_("Nobody owns and lacks the same thing"), field="lacks")

    @property
    def asks(self) -> bool:
        """Whether any condition is said."""
        return self != Eligibility(currency=self.currency)

    def suits(self, facts: ClientFacts) -> bool:
        return next(self.failures(facts), None) is None

    def failures(self, facts: ClientFacts) -> Iterator[Failure]:
        """Each condition that does not hold."""
        if facts.lost:
            yield Failure(N_("The client is lost"), {})
        if self.sectors and facts.sector not in self.sectors:
            yield Failure(N_("Its sector is not one of: %(list)s"), {"list": ", ".join(sorted(self.sectors))})
        if self.cities and facts.city not in self.cities:
            yield Failure(N_("Its city is not one of: %(list)s"), {"list": ", ".join(sorted(self.cities))})
        if self.lanes and not self.lanes & facts.lanes:
            yield Failure(N_("None of these departments works with it: %(lanes)s"), {"lanes": sorted(self.lanes)})
        yield from self._sizes(facts)
        if self.vip is not None and facts.vip is not self.vip:
            yield Failure(
                N_("It is not in the VIP programme") if self.vip else N_("It is in the VIP programme already"), {}
            )
        if self.key is not None and facts.key is not self.key:
            yield Failure(N_("It is no key client") if self.key else N_("It is a key client"), {})
        yield from self._holdings(facts)

    def _sizes(self, facts: ClientFacts) -> Iterator[Failure]:
        least, most, count = self.employees_from, self.employees_to, facts.employees
        if (least is not None or most is not None) and count is None:
            yield Failure(N_("It is not known how many employees it has"), {})
        elif least is not None and count is not None and count < least:
            yield Failure(N_("It has %(count)s employees, fewer than %(least)s"), {"count": count, "least": least})
        elif most is not None and count is not None and count > most:
            yield Failure(N_("It has %(count)s employees, more than %(most)s"), {"count": count, "most": most})
        pays, least, most = facts.monthly.get(self.currency, 0), self.monthly_from, self.monthly_to
        told: dict[str, Any] = {"currency": self.currency, "paid_minor": pays}
        if least is not None and pays < least:
            told["least_minor"] = least
            yield Failure(N_("It pays %(paid_minor)s a month, less than %(least_minor)s"), told)
        if most is not None and pays > most:
            told["most_minor"] = most
            yield Failure(N_("It pays %(paid_minor)s a month, more than %(most_minor)s"), told)

    def _holdings(self, facts: ClientFacts) -> Iterator[Failure]:
        asked = {"product_ids": sorted(self.owns), "family_ids": sorted(self.owns_families)}
        if any(asked.values()) and not (self.owns & facts.products or self.owns_families & facts.families):
            yield Failure(N_("It owns none of these: %(names)s"), dict(asked))
        if owned := self.lacks & facts.products:
            yield Failure(N_("It owns already: %(names)s"), {"product_ids": sorted(owned)})
        if owned := self.lacks_families & facts.families:
            yield Failure(N_("It owns something already of: %(names)s"), {"family_ids": sorted(owned)})

    def as_json(self) -> dict[str, Any]:
        """Only what is said."""
        said = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(self).items()}
        return {name: value for name, value in said.items() if value not in ([], None, "")}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Eligibility":
        lists = {each.name for each in fields(cls) if each.default == frozenset()}
        read: dict[str, Any] = {name: frozenset(value) if name in lists else value for name, value in kept.items()}
        if "lanes" in read:
            read["lanes"] = frozenset(map(Department, kept["lanes"]))
        return cls(**read)


@dataclass(frozen=True, slots=True)
class EligibilityRule:
    """Whom a product suits: whoever meets one of the sets; without any, everybody."""

    sets: tuple[Eligibility, ...] = ()

    def __post_init__(self) -> None:
        if len(self.sets) > MOST_SETS:
            raise Refused(N_("At most %(most)s sets of conditions"), field="sets", most=MOST_SETS)

    @property
    def asked(self) -> tuple[Eligibility, ...]:
        """The sets; one that asks nothing where there is none."""
        return self.sets or (Eligibility(),)

    def suits(self, facts: ClientFacts) -> bool:
        return any(each.suits(facts) for each in self.asked)

    def failures(self, facts: ClientFacts) -> list[Failure]:
        """Each condition that does not hold, of the set that lacks the fewest (the first of several); none where one
        set is met."""
        return min((list(each.failures(facts)) for each in self.asked), key=len)

    def put(self, position: int, said: Eligibility) -> "EligibilityRule":
        """With another set in that place, or one more after the last; a set that asks nothing is left out."""
        sets = [*self.sets[:position], said, *self.sets[position + 1 :]]
        return EligibilityRule(tuple(each for each in sets if each.asks))

    def as_json(self) -> dict[str, Any]:
        """One set as itself; several under ``any``."""
        sets = [each.as_json() for each in self.sets]
        return {"any": sets} if len(sets) > 1 else next(iter(sets), {})

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "EligibilityRule":
        sets = (Eligibility.of_json(each) for each in kept.get("any", [kept]))
        return cls(tuple(each for each in sets if each.asks))
