"""The demo company: three departments, 150 clients, two years of history, told by the domain's own verbs.

Deterministic: the same language and moment give the same company, event by event.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo.attacking import attacks
from webapp.demo.catalogue import furnish
from webapp.demo.collecting import begin_to_invoice, nights, strangers, unsettled
from webapp.demo.earning import earn, keep_earnings
from webapp.demo.en import ENGLISH
from webapp.demo.forecasting import forecast_months
from webapp.demo.health import decline, keep_half_a_year
from webapp.demo.launching import launches
from webapp.demo.looking import begin_a_batch, wear_a_look
from webapp.demo.losing import lose_some, lose_to_rivals
from webapp.demo.pace import heaped
from webapp.demo.passing import last_week
from webapp.demo.people import hire, Login, logins, PASSWORD
from webapp.demo.phoning import phone, plan_months
from webapp.demo.ru import RUSSIAN
from webapp.demo.selling import found, WRITTEN
from webapp.demo.serving import live, stand_everywhere
from webapp.demo.sharing import share_proposals
from webapp.demo.telling import keep_prizes, tell_of_products
from webapp.demo.texts import Texts
from webapp.demo.vip import review_quarters, set_tiers
from webapp.demo.visiting import lay_out_the_week
from webapp.demo.world import LAST, Story, Telling, World
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.founding import found_company
from webapp.domain.leaving import hand_over
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.proposal_template import logo_of
from webapp.domain.stage import lane_of
from webapp.domain.stage_outcome import keep_outcomes
from webapp.domain.user import User
from webapp.domain.words import Department
from webapp.pdf import document
from webapp.web import passwords

LANGUAGES: dict[str, Texts] = {"en": ENGLISH, "ru": RUSSIAN}
DAYS = 730
HURRIED = (0, 1, 2, 3, 4, *(LAST,) * 12)
"""Stages of Sales in which the first clients of the list stand when history ends: none may be empty then."""

LEFT = 250
"""Days before the end on which the former hunter left."""

WRITES = 10
"""Days before the end since when Sales sends each client a written proposal."""

CHANGED_HANDS = 60
"""Days before the end on which a head gave three clients to a new colleague."""


def load(
    session: Session, language: str, at: datetime, write_pdf: Callable[[dict[str, Any]], bytes] | None = None
) -> None:
    """Fill an empty database with two years that end at ``at``. Takes a few seconds."""
    texts = LANGUAGES[language]
    begins = at - timedelta(days=DAYS)
    users = hire(session, texts, passwords.make(PASSWORD), at=begins)
    settings = {key: value for key, value in texts.company.items() if key != "name"}
    company = found_company(session, texts.company["name"], at=begins, by=users["director"], **settings)
    world = World(
        session=session,
        texts=texts,
        chance=Random(f"relay {language}"),  # noqa: S311 - a story, not a secret
        until=at,
        company=company,
        users=users,
        stages={department: lane_of(session, department) for department in Department},
        products=_catalogue(session, texts, users["director"], at=begins),
        write_pdf=write_pdf or (lambda printed: document.print_proposal(printed, logo_of(session, printed))),
    )
    world.now = begins
    _ask_for_proposals(world, [])
    wear_a_look(world)
    tiers = set_tiers(world)
    for number, (name, sector) in enumerate(_firms(world)):
        world.tell(_begin(world, number, name, sector))
    world.tell(_leave(world))
    world.tell(_begin_to_write(world))
    world.tell(_change_hands(world))
    for telling in (
        begin_to_invoice(world),
        nights(world),
        unsettled(world),
        strangers(world),
        phone(world),
        earn(world),
        forecast_months(world),
        *attacks(world),
        *launches(world),
        decline(world),
        review_quarters(world, tiers),
        lose_some(world),
        lose_to_rivals(world),
        stand_everywhere(world),
        tell_of_products(world),
    ):
        world.tell(telling)
    last_week(world)
    world.tell(lay_out_the_week(world))
    with heaped(session) as world.pace:
        world.run()
    session.flush()
    furnish(world, at=at)
    share_proposals(world)
    begin_a_batch(world)
    plan_months(session, company, users["head_of_client"], at)
    keep_earnings(session, company, at)
    keep_half_a_year(session, at)
    keep_prizes(session, company, at)
    keep_outcomes(session, company.today(at))


def loaded(session: Session) -> list[Login]:
    """How to enter the demo company that is in the database; nothing where another company or none is."""
    company = session.get(Company, 1)
    for texts in LANGUAGES.values():
        if company is not None and company.legal_name == texts.company["legal_name"]:
            return logins(session, texts)
    return []


def _catalogue(session: Session, texts: Texts, by: User, *, at: datetime) -> list[Any]:
    families = {
        name: ProductFamily.named(session, name, by=by, at=at) for name in dict.fromkeys(g.family for g in texts.goods)
    }
    return [
        (
            good,
            Product.add(
                session,
                good.name,
                good.price * 100,
                texts.company["currency"],
                by=by,
                at=at,
                family=families[good.family],
                unit=good.unit,
                description=good.description,
                billing=Billing.MONTHLY if good.monthly else Billing.ONE_OFF,
            ),
        )
        for good in texts.goods
    ]


def _firms(world: World) -> list[tuple[str, str]]:
    firms = [(name, sector) for sector, names in world.texts.clients.items() for name in names]
    world.chance.shuffle(firms)
    return firms


def _begin(world: World, number: int, name: str, sector: str) -> Telling:
    """Two of three clients were found in the first sixteen months, the others since, some in the last days."""
    least, most = (1, 490) if number % 3 else (490, DAYS - 45) if number % 2 else (DAYS - 45, DAYS - 6)
    stops = HURRIED[number] if number < len(HURRIED) else None
    day = DAYS - 28 if stops == LAST else world.chance.randint(least, most)
    yield world.on(world.today + timedelta(days=day)) if stops in (None, LAST) else world.worked_ago(5 + 3 * number)
    staff = ["hunter", "second_hunter", "third_hunter"]
    if day < DAYS - LEFT and stops is None:
        staff.append("former_hunter")
    story: Story = found(world, number, name, sector, world.users[world.chance.choice(staff)])
    story.stops, story.held = stops, stops == 0
    world.tell(live(story), story)


def _begin_to_write(world: World) -> Telling:
    yield _morning(world, WRITES)
    _ask_for_proposals(world, [WRITTEN])


def _ask_for_proposals(world: World, criteria: list[str]) -> None:
    """The head of sales says what must be there before a client leaves “Got our proposal”."""
    stage, head = world.stages[Department.SALES][3], world.users["head_of_sales"]
    told = stage.change(
        world.session,
        name=stage.name,
        limit_days=stage.limit_days,
        criteria=criteria,
        chance=stage.chance,
        by=head,
        at=world.now,
    )
    world.session.add(told)


def _leave(world: World) -> Telling:
    """The former hunter leaves; his open clients go to a colleague, those he brought stay attracted by him."""
    yield _morning(world, LEFT)
    head, former = world.users["head_of_sales"], world.users["former_hunter"]
    colleague = world.users["third_hunter"]
    with world.pace.at_once():
        hand_over(world.session, former, colleague, by=head, at=world.now, reason=world.texts.left)
    world.session.add(former.deactivate(world.session, by=world.users["director"], at=world.now, holds=0))


def _change_hands(world: World) -> Telling:
    yield _morning(world, CHANGED_HANDS)
    world.pace.write()
    owned = select(Engagement).where(
        Engagement.owner_id == world.users["second_clerk"].id, Engagement.closed_at.is_(None)
    )
    colleague, head = world.users["third_clerk"], world.users["head_of_client"]
    for engagement in world.session.scalars(owned.order_by(Engagement.id).limit(3)).all():
        told = engagement.reassign(colleague, by=head, at=world.now, reason=world.texts.shared, seen=engagement.version)
        world.session.add(told)


def _morning(world: World, days_before: int) -> datetime:
    day = (world.until - timedelta(days=days_before)).astimezone(world.zone).date()
    return datetime.combine(day, time(9, 30), world.zone)
