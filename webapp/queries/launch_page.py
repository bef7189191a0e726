"""One launch's page: its funnel, its progress, and who is not told yet. The counts are kept, however large the
audience is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.domain.company import Company
from webapp.domain.launch import Launch, LaunchChannel
from webapp.domain.launch_figures import LaunchFigures
from webapp.domain.launch_state import BASELINE, Channel, Heard, Missed, Step, TouchState
from webapp.domain.product import Product
from webapp.domain.share import Share
from webapp.domain.user import Actor, User
from webapp.queries.launch_untold import SHOWN, Untold, untold_of

USUAL = 100 - BASELINE
"""Percent whom a mailing usually reaches."""


@dataclass(frozen=True, slots=True)
class Way:
    """What became of the contacts by one channel, and how far the clients came who heard through it first.

    ``channel`` is None for those who heard otherwise: before the launch, at an event, or who bought untold.
    """

    channel: Channel | None
    states: dict[TouchState, int]
    late: int
    missed: dict[Missed, int]
    """Why nothing comes of some."""
    steps: dict[Step, int]
    cost_minor: int

    @property
    def reached(self) -> int:
        """To how many it was carried out: a call or a visit that was done, a letter or a leaflet that went out."""
        return self.states.get(TouchState.DONE, 0)

    @property
    def to_come(self) -> int:
        return self.states.get(TouchState.PLANNED, 0) + self.states.get(TouchState.GIVEN, 0)

    @property
    def impossible(self) -> int:
        return self.states.get(TouchState.MISSED, 0)

    @property
    def spent_minor(self) -> int:
        return self.cost_minor * self.reached

    @property
    def told(self) -> int:
        return self.came_to(Step.TOLD)

    def came_to(self, step: Step) -> int:
        """How many came so far, or farther."""
        return sum(count for each, count in self.steps.items() if each >= step)

    @property
    def share(self) -> Share:
        """Of those reached, how many heard through it. (Some hear of a call that a colleague made for it.)"""
        return Share(min(self.told, self.reached), self.reached)

    @property
    def a_sale_minor(self) -> int | None:
        """What one sale cost, rounded up to a whole minor unit; None without a sale, or where nobody was reached."""
        bought = self.came_to(Step.BOUGHT)
        return -(-self.spent_minor // bought) if bought and self.reached else None

    @property
    def against_usual(self) -> str:
        """``above``, ``below`` or ``like`` what mailings usually reach, as far as the numbers tell; else empty."""
        if self.share.percent is None or self.share.interval is None:
            return ""
        low, high = self.share.interval
        return "above" if low > USUAL else "below" if high < USUAL else "like"


@dataclass(frozen=True, slots=True)
class LaunchPage:
    """``mails``: whether the company can send e-mails; ``cap``: contacts of a client in a week."""

    product: str
    owner: str
    mails: bool
    cap: int
    ways: tuple[Way, ...]
    """By channel, also by one that the launch does not use where somebody told by it, and last what was heard
    otherwise."""
    steps: dict[Step, int]
    refused: int
    offered: int
    """Who got a proposal, whether somebody had told it or not; ``offered_untold`` of them nobody did yet."""
    offered_untold: int
    to_plan: int
    untold: tuple[Untold, ...]
    after: int | None
    """The cursor of the next clients who are not told."""

    def came_to(self, step: Step) -> int:
        return sum(count for each, count in self.steps.items() if each >= step)

    def of(self, channel: Channel) -> Way | None:
        return next((way for way in self.ways if way.channel == channel), None)

    @property
    def in_person(self) -> int:
        """Told by a visit or a call."""
        return sum(way.told for way in self.ways if way.channel in (Channel.VISIT, Channel.CALL))

    @property
    def late(self) -> int:
        return sum(way.late for way in self.ways)


HEAD = (
    select(
        Product.name,
        User.name,
        Company.mail_host,
        Company.contacts_a_week,
        LaunchFigures.clients,
        LaunchFigures.touches,
        LaunchFigures.to_plan,
    )
    .select_from(Launch)
    .join(Product, Product.id == Launch.product_id)
    .join(User, User.id == Launch.owner_id)
    .join(Company, Company.id == 1)
    .outerjoin(LaunchFigures, LaunchFigures.launch_id == Launch.id)
    .where(Launch.id == bindparam("launch"))
)
CHANNELS = select(LaunchChannel.channel, LaunchChannel.cost_minor).where(LaunchChannel.launch_id == bindparam("launch"))


def launch_page(session: Session, actor: Actor, launch: Launch, after: int = 0) -> LaunchPage:
    """The funnel, the progress, and the next clients who are not told. Four statements, of columns only."""
    connection = session.connection()
    head = connection.execute(HEAD, {"launch": launch.id}).one()
    heard: dict[Heard | None, dict[Step, int]] = {}
    steps: dict[Step, int] = {}
    refused = offered = offered_untold = 0
    for way, step, no, got, count in head.clients or ():
        mine = heard.setdefault(Heard(way) if way is not None else None, {})
        mine[Step(step)] = mine.get(Step(step), 0) + count
        steps[Step(step)] = steps.get(Step(step), 0) + count
        refused += count if no else 0
        offered += count if got else 0
        offered_untold += count if got and step < Step.TOLD else 0
    costs = {row[0]: row[1] for row in connection.execute(CHANNELS, {"launch": launch.id})}
    untold = untold_of(session, launch, after)
    return LaunchPage(
        head[0],
        head[1],
        bool(head.mail_host),
        head.contacts_a_week,
        _ways(costs, head.touches or (), heard),
        steps,
        refused,
        offered,
        offered_untold,
        head.to_plan or 0,
        untold[:SHOWN],
        untold[SHOWN - 1].id if len(untold) > SHOWN else None,
    )


def _ways(
    costs: dict[Channel, int], touches: Sequence[Any], heard: dict[Heard | None, dict[Step, int]]
) -> tuple[Way, ...]:
    states: dict[Channel, dict[TouchState, int]] = {channel: {} for channel in costs}
    late = dict.fromkeys(costs, 0)
    missed: dict[Channel, dict[Missed, int]] = {channel: {} for channel in costs}
    for channel, state, waits, why, count in touches:
        mine = states[Channel(channel)]
        mine[TouchState(state)] = mine.get(TouchState(state), 0) + count
        late[Channel(channel)] += count if waits and state == TouchState.PLANNED else 0
        if why is not None:
            reasons = missed[Channel(channel)]
            reasons[Missed(why)] = reasons.get(Missed(why), 0) + count
    used = [
        Way(
            channel,
            states.get(channel, {}),
            late.get(channel, 0),
            missed.get(channel, {}),
            heard.get(Heard(channel.value), {}),
            costs.get(channel, 0),
        )
        for channel in Channel
        if channel in costs or Heard(channel.value) in heard
    ]
    otherwise = Way(None, {}, 0, {}, heard.get(Heard.OTHER, {}), 0)
    return (*used, otherwise) if otherwise.steps else tuple(used)
