"""What the demo company's clients were told of, what they buy at competitors', and what does not suit them."""

from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo.world import Telling, World
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import AwarenessState, Happening, IN_PERSON
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.competitor import Competitor
from webapp.domain.interaction import Interaction
from webapp.domain.likeness import Crowd
from webapp.domain.product import Product
from webapp.domain.rival_supply import RivalSupply
from webapp.domain.telling import told_of
from webapp.domain.white_space import families_sold
from webapp.domain.white_space_keeping import everybody, keep

WEEKS = 26
"""Since so many weeks people write down of what they told."""

A_WEEK = 7
"""Talks of a week in which somebody told of a product."""

TAKEN = (Happening.TOLD,) * 5 + (Happening.INTERESTED,) * 3 + (Happening.REFUSED,) * 2

RIVALS = 3
"""In each of the last weeks somebody learns of so many families that a client buys elsewhere."""

UNSUITED = 5
"""One of so many weeks brings a product that does not suit a client."""

LATELY = 6


def tell_of_products(world: World) -> Telling:
    """Friday after Friday: of what people told in this week's talks, and what they heard."""
    chance = Random("told")  # noqa: S311 - a story, not a secret
    for week in range(WEEKS, 0, -1):
        day = (world.until - timedelta(weeks=week)).astimezone(world.zone).date()
        yield datetime.combine(day, time(17, 50), world.zone)
        world.pace.write()
        with world.pace.at_once():
            _week(world, week, chance)


def keep_prizes(session: Session, company: Company, at: datetime) -> None:
    """What last night reckoned."""
    likes = everybody(session, company.today(at))
    keep(session, likes, Crowd(likes), families_sold(session))


def _week(world: World, week: int, chance: Random) -> None:
    talks = _talks(world)
    for talk in chance.sample(talks, min(A_WEEK, len(talks))):
        product = _unknown(world, talk.client, chance)
        if product is not None:
            told_of(world.session, talk, {product.id: chance.choice(TAKEN)}, by=talk.user, at=world.now)
    rivals = list(world.session.scalars(select(Competitor).order_by(Competitor.id)))
    for talk in chance.sample(talks, min(RIVALS, len(talks)) if week <= LATELY and rivals else 0):
        product = _unknown(world, talk.client, chance)
        if product is not None and product.family is not None and not _owns(world, talk.client, product):
            said = {"by": talk.user, "at": world.now}
            RivalSupply.note(world.session, talk.client, product.family, chance.choice(rivals), **said)
    if week % UNSUITED == 0 and talks:
        talk = chance.choice(talks)
        product = _unknown(world, talk.client, chance)
        if product is not None:
            said = {"reason": chance.choice(world.texts.unsuited), "by": talk.user}
            Awareness.note_all(world.session, talk.client_id, [product.id], "exclude", at=world.now, **said)


def _talks(world: World) -> list[Interaction]:
    """This week's, with clients that are ours."""
    since = world.now - timedelta(days=6)
    spoke = (
        select(Interaction)
        .join(Client, Client.id == Interaction.client_id)
        .where(Interaction.at >= since, Interaction.at <= world.now, Interaction.kind.in_(IN_PERSON))
        .where(Client.lost_at.is_(None))
    )
    return list(world.session.scalars(spoke.order_by(Interaction.id)))


def _unknown(world: World, client: Client, chance: Random) -> Product | None:
    """A product that the client neither owns nor refused, nor has an offer for; none where it knows all."""
    known = select(Awareness.product_id).where(
        Awareness.client_id == client.id,
        Awareness.state.not_in((AwarenessState.NOT_TOLD, AwarenessState.SENT, AwarenessState.TOLD)),
    )
    shut = set(world.session.scalars(known))
    left = [product for _, product in world.products if product.id not in shut]
    return chance.choice(left) if left else None


def _owns(world: World, client: Client, product: Product) -> bool:
    """Whether it owns anything of the product's family."""
    owned = (
        select(Awareness.id)
        .join(Product, Product.id == Awareness.product_id)
        .where(Awareness.client_id == client.id, Awareness.state == AwarenessState.OWNED)
        .where(Product.family_id == product.family_id)
    )
    return world.session.scalars(owned.limit(1)).first() is not None
