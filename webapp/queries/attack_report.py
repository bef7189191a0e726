"""What became of attacks: by quarter, by rival and by cause of loss; how fast we were there. Two statements."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.attack import Attack
from webapp.domain.attack_state import AttackState, LOST_CAUSES
from webapp.domain.calendar import months_on, quarter_of
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.share import Share
from webapp.domain.user import Actor
from webapp.domain.working_hours import WorkingHours
from webapp.queries.attacks import VISITED

K = TypeVar("K")

QUARTERS = 8
"""The running one and those before it."""

MOST = 20_000
"""Attacks that are read, the newest; ``left_out`` says that there were more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the report needs of an attack."""

    rival: str
    state: AttackState
    cause: str
    raised_at: datetime
    due_at: datetime
    visited_at: datetime | None
    """The first meeting in person between the first signal and the end."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Attacks that began in a period, or of a rival. False alarms were none: only ``raised`` counts them."""

    raised: int
    open: int
    defended: int
    lost: int
    false_alarms: int
    visited: int
    reaction: timedelta | None
    """Working time from the first signal to the personal visit: the median of those visited."""
    in_time: Share
    """Visited by the deadline, of those whose deadline has come or who were visited before."""

    @property
    def kept(self) -> Share:
        """Defended, of those that were decided."""
        return Share(self.defended, self.defended + self.lost)


@dataclass(frozen=True, slots=True)
class AttackReport:
    quarters: tuple[tuple[date, Tally], ...]
    """The newest first, as far back as there were attacks; a quarter is known by its first day."""
    rivals: tuple[tuple[str, Tally], ...]
    """Of the quarters asked for, the most attacks first."""
    causes: tuple[tuple[str, int], ...]
    """Keys of LOST_CAUSES, the most frequent first."""
    whole: Tally
    left_out: bool


def attack_report(session: Session, actor: Actor, at: datetime, wanted: date | None = None) -> AttackReport:
    """The last ``QUARTERS`` by the company's calendar; rivals and causes of ``wanted`` alone, or of all of them."""
    company = session.get_one(Company, 1)
    hours, zone = company.hours, ZoneInfo(company.timezone)
    quarters = [months_on(quarter_of(company.today(at)), -3 * back) for back in range(QUARTERS)]
    found = session.execute(
        select(Competitor.name, Attack.state, Attack.cause, Attack.raised_at, Attack.due_at, VISITED)
        .join(Competitor, Competitor.id == Attack.competitor_id)
        .where(Attack.raised_at >= datetime.combine(quarters[-1], time(), zone))
        .order_by(Attack.raised_at.desc(), Attack.id.desc())
        .limit(MOST + 1)
    )
    attacks = [Known(*row) for row in found]
    by_quarter = _grouped(attacks[:MOST], lambda attack: quarter_of(attack.raised_at.astimezone(zone).date()))
    chosen = attacks[:MOST] if wanted is None else by_quarter.get(wanted, [])
    by_rival = _grouped(chosen, lambda attack: attack.rival)
    while len(quarters) > 1 and quarters[-1] not in by_quarter:
        quarters.pop()
    causes = Counter(attack.cause for attack in chosen if attack.cause)
    return AttackReport(
        tuple((quarter, tally(by_quarter.get(quarter, ()), hours, at)) for quarter in quarters),
        tuple((rival, tally(by_rival[rival], hours, at)) for rival in sorted(by_rival, key=_most(by_rival))),
        tuple(sorted(causes.items(), key=lambda cause: (-cause[1], list(LOST_CAUSES).index(cause[0])))),
        tally(chosen, hours, at),
        len(attacks) > MOST,
    )


def tally(attacks: Sequence[Known], hours: WorkingHours, at: datetime) -> Tally:
    """Counts and times of some attacks as they stand at that moment."""
    states = Counter(attack.state for attack in attacks)
    real = [attack for attack in attacks if attack.state is not AttackState.FALSE_ALARM]
    times = [hours.between(attack.raised_at, attack.visited_at) for attack in real if attack.visited_at is not None]
    judged = [attack for attack in real if attack.visited_at is not None or attack.due_at < at]
    in_time = sum(attack.visited_at is not None and attack.visited_at <= attack.due_at for attack in judged)
    return Tally(
        len(attacks),
        states[AttackState.RAISED] + states[AttackState.DEFENDING],
        states[AttackState.DEFENDED],
        states[AttackState.LOST],
        states[AttackState.FALSE_ALARM],
        len(times),
        timedelta(seconds=median(length.total_seconds() for length in times)) if times else None,
        Share(in_time, len(judged)),
    )


def _grouped(attacks: Iterable[Known], key: Callable[[Known], K]) -> dict[K, list[Known]]:
    groups: dict[K, list[Known]] = {}
    for attack in attacks:
        groups.setdefault(key(attack), []).append(attack)
    return groups


def _most(by_rival: dict[str, list[Known]]) -> Callable[[str], tuple[int, str]]:
    return lambda rival: (-len(by_rival[rival]), rival)
