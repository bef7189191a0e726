"""The VIP department's weeks in the demo company: a week is planned, a visit told on a phone, an attack raised and
defended, and a client goes through the quarterly review into the programme."""

from collections.abc import Callable
from datetime import datetime, timedelta, UTC

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from tests.factories import engagement_of
from webapp.domain.attack import Attack
from webapp.domain.attack_state import AttackState
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.engagement import Engagement
from webapp.domain.handoff import HandOff
from webapp.domain.handoff_state import HandOffState
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.vip_line import VipLine
from webapp.domain.vip_place import VipPlace
from webapp.domain.vip_review import ReviewState, VipReview
from webapp.domain.vip_rules import VipStep
from webapp.domain.vip_tier import NormKind, VipTier
from webapp.domain.visit_state import VisitState
from webapp.domain.words import Department, Role
from webapp.queries.attacks import waiting
from webapp.queries.visits_due import due_clients

ENGAGED = (Engagement.client_id == Client.id, Engagement.closed_at.is_(None))
ATTACKED = exists().where(Attack.client_id == Client.id, Attack.closed_at.is_(None))


@pytest.fixture
def member(session: Session) -> User:
    """Whoever of the VIP members works with most clients."""
    members = select(User).where(User.department == Department.VIP, User.role == Role.MEMBER)
    mine = select(func.count(Engagement.id)).where(Engagement.owner_id == User.id, Engagement.closed_at.is_(None))
    return session.scalars(members.order_by(mine.scalar_subquery().desc(), User.id).limit(1)).one()


def due(session: Session, user: User) -> list[int]:
    """Whom the norm asks to visit, once a visit a week is asked for and nothing is planned: some, on whatever day."""
    company, at = session.get_one(Company, 1), datetime.now(UTC)
    session.execute(update(VipTier).values(norm_kind=NormKind.DAYS_BETWEEN, norm_size=7))
    planned = select(Task).where(Task.owner_id == user.id, Task.kind == TaskKind.MEETING, Task.closed_at.is_(None))
    session.add_all(task.cancel(by=user, at=at) for task in session.scalars(planned).all())
    session.flush()
    clients, _ = due_clients(session, user.id, company, company.today(at))
    return [each.client_id for each in clients]


def tell(phone: Page, words: str) -> None:
    """A visit in taps, from its form."""
    phone.get_by_label("Agreed on something").tap()
    phone.get_by_role("group", name="Did it reach its purpose?").get_by_label("Yes").tap()
    phone.get_by_role("button", name="In two weeks").first.tap()
    phone.get_by_label("In your words").fill(words)
    phone.get_by_role("button", name="Held: save").tap()
    expect(phone.get_by_role("heading", name="Held")).to_be_visible()
    expect(phone.get_by_text(words)).to_be_visible()


def test_a_week_is_planned_and_a_visit_told_on_a_phone(
    session: Session, member: User, page_for: Callable[..., Page], phone_for: Callable[..., Page], axe, fits
) -> None:
    first, second = due(session, member)[:2]
    today = session.get_one(Company, 1).today(datetime.now(UTC))
    monday = today + timedelta(days=7 - today.weekday())
    tuesday, wednesday = monday + timedelta(days=1), monday + timedelta(days=2)
    session.commit()

    desk = page_for(member)
    desk.goto("/visits")
    desk.goto(f"/visits?week={monday}")
    desk.locator(f"#due-{first}").focus()
    for key in ("Space", "ArrowRight", "ArrowRight", "Space"):
        desk.keyboard.press(key)
    planned = desk.locator(f"[data-day='{tuesday}'] [data-client='{first}'][data-task]")
    expect(planned).to_be_focused()
    desk.locator(f"#due-{second}-menu").click()
    desk.get_by_role("dialog").locator(f"button[value='{wednesday}']").click()
    expect(desk.locator(f"[data-day='{wednesday}'] [data-client='{second}'][data-task]")).to_be_visible()
    axe(desk)

    phone = phone_for(member)
    phone.goto(f"/visits?week={monday}")
    fits(phone)
    phone.locator(f"[data-day='{tuesday}'] [data-client='{first}'] .visit-name").tap()
    expect(phone.get_by_label("In your words")).to_be_visible()
    fits(phone)
    tell(phone, "They take the second line in spring")
    fits(phone)

    session.rollback()
    tasks = session.scalars(
        select(Task).where(Task.kind == TaskKind.MEETING, Task.client_id.in_((first, second))).order_by(Task.id.desc())
    ).all()
    told = next(task for task in tasks if task.client_id == first and task.visit.state is VisitState.HELD)
    assert (told.owner_id, told.visit.counts, told.visit.purpose_reached) == (member.id, True, True)
    to_come = next(task for task in tasks if task.client_id == second)
    assert (to_come.due_on, to_come.owner_id, to_come.visit.state) == (wednesday, member.id, VisitState.PLANNED)


def test_a_hunter_raises_an_attack_and_the_client_is_defended_by_a_visit(
    session: Session, member: User, page_for: Callable[..., Page], phone_for: Callable[..., Page], axe, fits
) -> None:
    mine = select(Client).join(Engagement, ENGAGED[0]).where(ENGAGED[1], Engagement.owner_id == member.id, ~ATTACKED)
    client = session.scalars(mine.order_by(Client.id).limit(1)).one()
    name, before = client.name, waiting(session, member.actor)
    session.commit()
    vip = page_for(member)
    vip.clock.install()
    vip.goto("/")
    rail = vip.locator("#alarms-rail")
    expect(rail).to_have_text(f"{before} open" if before else "")

    hunter = page_for("anna@harbour.example")
    hunter.goto(f"/clients/{client.id}")
    hunter.get_by_role("link", name="A competitor is after it").click()
    dialog = hunter.get_by_role("dialog")
    dialog.get_by_label("Competitor", exact=True).select_option(index=1)
    dialog.get_by_label("What was seen or heard").fill("Their offer lies on the director's table")
    dialog.get_by_role("button", name="Raise the alarm").click()
    expect(hunter.locator("#toasts")).to_contain_text(f"{member.name} knows of it")

    vip.clock.fast_forward("00:25")
    expect(rail).to_have_text(f"{before + 1} open")  # nobody loaded the page anew
    vip.reload()
    expect(vip.locator("#alarms")).to_contain_text(name)
    session.rollback()
    attack = session.scalars(select(Attack).where(Attack.client_id == client.id).order_by(Attack.id.desc())).first()
    assert attack is not None
    assert (attack.state, attack.visit.owner_id) == (AttackState.RAISED, member.id)

    phone = phone_for(member)
    phone.goto(f"/attacks/{attack.id}")
    phone.get_by_role("button", name="I am on it").tap()
    expect(phone.locator("main")).to_contain_text("Being defended")
    fits(phone)
    phone.get_by_role("link", name="Record the visit").tap()
    tell(phone, "They stay if we fix the line")

    vip.goto("/attacks")
    vip.locator(f"a[href='/attacks/{attack.id}']").first.click()
    expect(vip.get_by_role("main")).to_contain_text(name)
    vip.get_by_role("link", name="Defended").click()
    vip.get_by_role("dialog").get_by_label("What happened").fill("We fixed the line the same day")
    vip.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(vip.get_by_role("main")).to_contain_text("We fixed the line the same day")
    axe(vip)
    session.rollback()
    attack = session.get_one(Attack, attack.id)
    assert (attack.state, attack.visit.visit.state) == (AttackState.DEFENDED, VisitState.HELD)


def test_a_client_goes_through_the_quarterly_review_into_the_programme(
    session: Session, member: User, page_for: Callable[..., Page], axe
) -> None:
    head = page_for("victor@harbour.example")
    head.goto("/vip/reviews")
    if head.locator("#open-review").count():  # the quarter began minutes ago
        head.locator("#open-review").click()
    else:
        head.get_by_role("rowheader").get_by_role("link").first.click()
    expect(head.get_by_role("button", name="Hand to the director")).to_be_visible()
    line = candidate(session)
    client, clerk = line.client, engagement_of(line.client, Department.CLIENT).owner
    name, tier = client.name, session.get_one(VipTier, line.proposed_tier_id).name
    address = f"/vip/reviews/{line.review_id}"
    session.commit()
    head.goto(f"{address}?step={line.proposed}")
    head.get_by_role("link", name=f"Decide {name}").click()
    dialog = head.get_by_role("dialog")
    dialog.get_by_label("Decision").select_option(VipStep.ENTER)
    dialog.get_by_label("Tier").select_option(tier)
    dialog.get_by_label("Why").fill("It grows, and nobody of ours goes there")
    dialog.get_by_role("button", name="Save").click()
    expect(head.get_by_role("row", name=name)).to_contain_text("It grows, and nobody of ours goes there")
    head.get_by_label("Decide the rest as proposed").fill("Agreed at the quarterly review")
    head.get_by_role("button", name="Decide the rest").click()
    expect(head.get_by_text("not decided yet")).to_have_count(0)
    axe(head)
    head.get_by_role("button", name="Hand to the director").click()
    expect(head.get_by_role("main")).to_contain_text("The list waits for the director.")

    director = page_for("director@harbour.example")
    director.goto(address)
    director.get_by_role("button", name="Approve").click()
    director.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(director.get_by_role("main")).to_contain_text("This list never changes")
    director.goto(f"{address}?step={line.proposed}")
    expect(director.get_by_role("row", name=name)).to_contain_text("hand-off: Drafted")

    giver = page_for(clerk)
    giver.goto("/handoffs")
    giver.get_by_role("link", name=name).first.click()
    expect(giver.get_by_label("Why personal visits")).to_have_value("It grows, and nobody of ours goes there")
    for question in ("Who decides", "What they use", "How they pay", "Promises outside the contract", "Open problems"):
        giver.get_by_label(question).fill("It is on the client's page")
    giver.get_by_role("button", name="Offer to").click()
    expect(giver.get_by_text("stays responsible until the client is accepted")).to_be_visible()

    receiver = page_for(member)
    receiver.goto("/handoffs")
    receiver.get_by_role("link", name=f"Answer the hand-off of {name}").click()
    receiver.get_by_label(member.name).check()
    receiver.get_by_role("button", name="Accept the client").click()
    expect(receiver.get_by_role("heading", name=name)).to_be_visible()
    receiver.goto("/vip")
    expect(receiver.get_by_role("row", name=name)).to_contain_text(tier)

    session.rollback()
    held = VipPlace.held(session, session.get_one(Client, client.id))
    assert held is not None
    assert (held.tier.name, held.entered_because) == (tier, "It grows, and nobody of ours goes there")
    assert engagement_of(held.client, Department.VIP).owner_id == member.id
    assert engagement_of(held.client, Department.CLIENT).owner_id == clerk.id
    handoff = session.scalars(select(HandOff).where(HandOff.client_id == client.id).order_by(HandOff.id.desc())).first()
    assert handoff is not None
    assert handoff.state is HandOffState.ACCEPTED
    approved = select(func.count()).where(VipReview.state == ReviewState.APPROVED)
    assert session.scalar(approved) == session.scalar(select(func.count()).select_from(VipReview)) >= 3


def candidate(session: Session) -> VipLine:
    """Whom the rules propose for the programme: served by the Client department alone, and by nobody handed off."""
    session.rollback()
    found = session.scalars(
        select(VipLine)
        .join(VipReview, VipReview.id == VipLine.review_id)
        .where(VipReview.state == ReviewState.OPEN, VipLine.proposed == VipStep.ENTER)
        .order_by(VipLine.id)
    )
    return next(
        line
        for line in found
        if line.client.open_engagement(Department.CLIENT) is not None
        and line.client.open_engagement(Department.VIP) is None
        and HandOff.pending(session, line.client) is None
    )
