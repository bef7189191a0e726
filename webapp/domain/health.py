"""Health: what a client's facts of a day come to. Parts as data, a level of 0 to 100, a band, and what would lift it.

A client starts in the middle. Each part adds or takes at most its weight, so that no part alone moves it across a band.
Silence is not health: without facts, or with none for long, it is too early to say, whatever the level.
"""

from dataclasses import dataclass

from webapp.domain.health_facts import Facts
from webapp.domain.health_money_rules import GROWTH, PAYMENTS
from webapp.domain.health_rules import Finding, missed, PEOPLE, PROMISES, RELATIONSHIP, RIVALS, Rule
from webapp.domain.health_terms import Band, Terms, Threshold, Tier
from webapp.domain.words import N_


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the health: a key, its name for people, and the rules that it sums up."""

    key: str
    label: str
    rules: tuple[Rule, ...]

    @property
    def least(self) -> int:
        return max(-100, sum(rule.least for rule in self.rules))

    @property
    def most(self) -> int:
        return min(100, sum(rule.most for rule in self.rules))

    def reach(self, weight: int) -> tuple[int, int]:
        """The points that it takes at worst and adds at best."""
        return share(weight, self.least), share(weight, self.most)

    def find(self, facts: Facts) -> list[Finding]:
        return [found for rule in self.rules if (found := rule.judge(facts)) is not None]


PARTS: tuple[Part, ...] = (
    Part("relationship", N_("Relationship"), RELATIONSHIP),
    Part("payments", N_("Payments against its own habit"), PAYMENTS),
    Part("promises", N_("Promises and complaints"), PROMISES),
    Part("growth", N_("Growth"), GROWTH),
    Part("rivals", N_("Competitors"), RIVALS),
    Part("people", N_("People lost"), PEOPLE),
)
KEYS = frozenset(part.key for part in PARTS)


@dataclass(frozen=True, slots=True)
class Lift:
    """What a rule would add to the level at best."""

    part: str
    rule: str
    advice: str
    points: int


@dataclass(frozen=True, slots=True)
class Health:
    """The health of one client on one day."""

    level: int
    band: Band
    points: dict[str, int]
    """By part, each between -weight and +weight."""
    findings: dict[str, list[Finding]]
    threshold: Threshold

    def lifts(self, terms: Terms) -> list[Lift]:
        """What would lift the level, most first."""
        lifts: list[Lift] = []
        for part in PARTS:
            found = {each.rule: each.percent for each in self.findings[part.key]}
            percent, weight = sum(found.values()), terms.weights[part.key]
            for rule in part.rules:
                better = clamp(percent - found.get(rule.key, 0) + rule.most, -100, 100)
                gain = share(weight, better) - share(weight, clamp(percent, -100, 100))
                if gain > 0 and (rule.key in found or rule.key in ASKED):
                    lifts.append(Lift(part.key, rule.key, rule.advice, gain))
        return sorted(lifts, key=lambda each: -each.points)


ASKED = frozenset({"decider", "freshness", "talks"})
"""Rules that may be lifted also where nothing was found: somebody can begin."""


def clamp(number: int, least: int, most: int) -> int:
    return max(least, min(most, number))


def share(weight: int, percent: int) -> int:
    """So many percent of a weight, rounded toward zero."""
    return weight * percent // 100 if percent >= 0 else -(weight * -percent // 100)


def percents(facts: Facts) -> dict[str, int]:
    """What each part says, from -100 to +100, whatever it weighs."""
    return {part.key: clamp(sum(found.percent for found in part.find(facts)), -100, 100) for part in PARTS}


def reckon(facts: Facts, terms: Terms) -> Health:
    """The client's health on the day of the facts, by these terms."""
    findings = {part.key: part.find(facts) for part in PARTS}
    points = {
        key: share(terms.weights[key], clamp(sum(each.percent for each in found), -100, 100))
        for key, found in findings.items()
    }
    level = clamp(terms.start + sum(points.values()), 0, 100)
    threshold = terms.threshold(tier_of(facts), facts.age_days)
    return Health(level, band_of(facts, terms, level, threshold), points, findings, threshold)


def tier_of(facts: Facts) -> Tier:
    return Tier.PROGRAMME if facts.programme_since is not None else Tier.KEY if facts.key else Tier.ORDINARY


def band_of(facts: Facts, terms: Terms, level: int, threshold: Threshold) -> Band:
    if (level >= threshold.healthy or not troubled(facts, terms)) and unheard(facts, terms):
        return Band.TOO_EARLY
    if level >= threshold.healthy:
        return Band.HEALTHY
    return Band.CRITICAL if level < threshold.critical else Band.AT_RISK


def troubled(facts: Facts, terms: Terms) -> bool:
    """Whether something is wrong today, or somebody left lately: that is heard, however long the client is silent."""
    attacked = any(each.ended_on is None for each in facts.attacks)
    disputed = any(each.ended_on is None for each in facts.disputes)
    deserted = any(facts.ago(each.left_on) <= terms.silent_days for each in missed(facts))
    owes = any(bill.paid_on is None and bill.due_on < facts.day for bill in facts.bills)
    return attacked or disputed or deserted or owes


def unheard(facts: Facts, terms: Terms) -> bool:
    """Whether too little is known: a newcomer that has not paid yet, or nothing from the client for long."""
    paid = max((bill.paid_on for bill in facts.bills if bill.paid_on is not None), default=None)
    if paid is None and facts.age_days < terms.early_days:
        return True
    heard = [on for on in (paid, facts.last_contact and facts.last_contact[0]) if on is not None]
    return not heard or facts.ago(max(heard)) > terms.silent_days
