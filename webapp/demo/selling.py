"""A client's way through the Sales lane, as the demo company lives it; and further sales to it later."""

from datetime import date, timedelta

from webapp.demo.collecting import conclude
from webapp.demo.world import Story, Telling, World
from webapp.domain.client import Client
from webapp.domain.contact import Contact, DecisionRole
from webapp.domain.deal import Deal, Line
from webapp.domain.engagement import Engagement
from webapp.domain.file import StoredFile
from webapp.domain.interaction import InteractionKind
from webapp.domain.product import Billing
from webapp.domain.promise import Promise
from webapp.domain.proposal import Proposal
from webapp.domain.proposal_check import Draft
from webapp.domain.proposal_content import content
from webapp.domain.proposal_lines import ProposalLine
from webapp.domain.standing import Attitude, Influence
from webapp.domain.task import TaskKind
from webapp.domain.user import User
from webapp.domain.words import Department

SALES = Department.SALES

WRITTEN = "sent_proposal"
"""The exit criterion of “Got our proposal”. The head asks for it of late; before, clients agreed by word of mouth."""

STANDING: dict[DecisionRole, tuple[Influence, Attitude]] = {
    DecisionRole.DECIDES: (Influence.HIGH, Attitude.FRIENDLY),
    DecisionRole.PAYS: (Influence.MEDIUM, Attitude.NEUTRAL),
    DecisionRole.USES: (Influence.LOW, Attitude.CHAMPION),
    DecisionRole.ADVISES: (Influence.MEDIUM, Attitude.FRIENDLY),
    DecisionRole.BLOCKS: (Influence.MEDIUM, Attitude.SCEPTICAL),
    DecisionRole.KEEPS_GATE: (Influence.LOW, Attitude.NEUTRAL),
}
"""How much weight people have, and how they stand to us, by their part in the decision."""

KEY_EVERY = 12
"""Of so many clients one is a key client."""


def found(world: World, number: int, name: str, sector: str, hunter: User) -> Story:
    """A hunter finds a firm and writes down what is known of it."""
    texts, chance = world.texts, world.chance
    site = f"{_latin(name)}.example"
    city = chance.choices(texts.cities, range(len(texts.cities), 0, -1))[0]
    districts = texts.districts.get(city, ("",))
    client = Client.add(
        world.session,
        name,
        by=hunter,
        at=world.now,
        sector=sector,
        city=city,
        district=districts[number % len(districts)],
        address=f"{chance.choice(texts.streets)}, {chance.randint(1, 90)}",
        website=f"https://{site}",
        inn=taxpayer_number(100 + number) if texts.company.get("inn") else "",
        founded=chance.randint(1988, 2021),
        employees=round(8 + 200 * chance.random() ** 3),
        note=chance.choice(texts.notes),
        key=len(world.stories) % KEY_EVERY == 0,
    )
    Engagement.open(world.session, client, world.stages[SALES][0], hunter, by=hunter, at=world.now)
    roles = [DecisionRole.DECIDES, chance.choice((DecisionRole.PAYS, DecisionRole.USES))]
    rare = (DecisionRole.BLOCKS, DecisionRole.ADVISES, DecisionRole.KEEPS_GATE)
    roles += [role for role in rare if world.happens(20)]
    contacts = [_contact(world, client, role, hunter, f"{place}@{site}") for place, role in enumerate(roles, 1)]
    for contact in contacts[1:]:
        contact.reports_to_id = contacts[0].id
    story = Story(world, client, contacts)
    world.stories.append(story)
    return story


def sell(story: Story) -> Telling:
    """From the first call to the first payment, or to a loss. The answer is whether the client bought."""
    world = story.world
    yield story.plan(SALES, "first", 1, 6, TaskKind.CALL)
    story.touch(SALES, "first", InteractionKind.CALL)
    story.move(SALES, 1)
    if story.stops is None and world.happens(3):
        return False  # the hunter forgot to plan: a blind spot
    yield story.plan(SALES, "meeting", 4, 14, TaskKind.MEETING)
    story.touch(SALES, "meeting", InteractionKind.MEETING)
    story.move(SALES, 2)
    deal = offer(story, SALES, world.texts.deals)
    yield story.plan(SALES, "need", 4, 14, TaskKind.CALL)
    story.touch(SALES, "need", InteractionKind.CALL, deal.lines[0].name)
    if WRITTEN in world.stages[SALES][3].criteria:
        yield from propose(story, deal)
    if story.stops is None and world.happens(22):
        lose(story, SALES, deal)
        while world.happens(97):
            yield story.plan(SALES, "again", 60, 150, TaskKind.CALL)
            story.touch(SALES, "first", InteractionKind.CALL)
            if world.happens(25):
                return (yield from sell(story))
        return False
    story.move(SALES, 4)
    yield story.plan(SALES, "agreed", 3, 12, TaskKind.MEETING)
    story.touch(SALES, "agreed", InteractionKind.MEETING)
    win(story, deal)
    story.move(SALES, 5)
    if world.happens(45):
        promise(story, SALES)
    yield story.plan(SALES, "payment", 8, 20, TaskKind.CALL)
    story.touch(SALES, "payment", InteractionKind.CALL)
    return True


def propose(story: Story, deal: Deal) -> Telling:
    """Write a proposal, send it, and hear what the client says."""
    world, owner = story.world, deal.owner
    world.pace.write()
    proposal = Proposal.draft(world.session, deal, by=owner, at=world.now)
    yield world.later(0, 2)
    version = proposal.last
    draft = Draft(
        language=version.language,
        currency=version.currency,
        prices_include_tax=version.prices_include_tax,
        dated_on=world.today,
        valid_until=world.today + timedelta(days=30),
        contact=story.decider,
        title=deal.name,
        text=world.chance.choice(world.texts.offer),
        terms=world.texts.terms,
        lines=tuple(ProposalLine.read(line) for line in version.lines),
        template=version.template,
        attached=[world.leaflets[line.product_id] for line in deal.lines if line.product_id in world.leaflets],
    )
    told = version.change(draft, by=owner, at=world.now, seen=version.version)
    world.session.add_all([told] if told else [])
    yield world.now + timedelta(minutes=world.chance.randrange(20, 90))
    printed = content(version, world.company, author=owner, at=world.now)
    world.session.add(version.send(printed, by=owner, at=world.now, seen=version.version))
    file = StoredFile.store(world.session, world.write_pdf(printed), "application/pdf")
    world.session.add(version.store(file, at=world.now + timedelta(seconds=2)))
    story.move(SALES, 3)
    yield story.plan(SALES, "proposal", 3, 9, TaskKind.CALL)
    story.touch(SALES, "proposal", InteractionKind.CALL)


def offer(story: Story, department: Department, naming: str) -> Deal:
    """A new deal with one to three product lines, priced near the catalogue."""
    world = story.world
    engagement = story.at(department)
    chosen = world.chance.sample(world.products, world.chance.choice((1, 2, 2, 3)))
    currency = "USD" if world.happens(4) else world.company.currency
    lines = [
        Line(
            good.name,
            1000 * _quantity(world, good.unit == world.products[0][0].unit),
            good.price * world.chance.choice((90, 95, 100, 100)),
            Billing.MONTHLY if good.monthly else Billing.ONE_OFF,
            product.id,
        )
        for good, product in chosen
    ]
    return Deal.add(
        world.session,
        engagement,
        naming.format(product=chosen[0][0].name),
        currency,
        by=engagement.owner,
        at=world.now,
        lines=lines,
        expected_on=world.today + timedelta(days=5 + world.chance.randint(20, 70) // 2),
    )


def win(story: Story, deal: Deal) -> None:
    story.world.session.add(deal.win(by=deal.owner, at=story.world.now, seen=deal.version))
    conclude(story.world, deal)


def lose(story: Story, department: Department, deal: Deal) -> None:
    """Some reason, with the rival's name where there is one."""
    world = story.world
    story.touch(department, "lost", InteractionKind.CALL)
    reason = world.chance.choice(("price", "competitor", "no_need", "no_money", "no_answer", "our_mistake"))
    rival = world.chance.choice(world.texts.rivals) if reason in {"price", "competitor"} else ""
    told = deal.lose(reason, by=deal.owner, at=world.now, seen=deal.version, competitor=rival)
    world.session.add(told)


def promise(story: Story, department: Department) -> None:
    """Something outside the contract, with a date."""
    world, owner = story.world, story.at(department).owner
    due = world.today + timedelta(days=world.chance.randint(15, 160))
    text = world.chance.choice(world.texts.promises)
    Promise.make(world.session, story.client, text, by=owner, at=world.now, due_on=due)


def taxpayer_number(number: int) -> str:
    """A number with right check digits in a region (00) that does not exist."""
    digits = f"{number:09d}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return f"{digits}{sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 % 10}"


def _contact(world: World, client: Client, role: DecisionRole, hunter: User, email: str) -> Contact:
    texts, chance = world.texts, world.chance
    woman = chance.random() < 0.5
    name = f"{chance.choice(texts.women if woman else texts.men)} {chance.choice(texts.surnames)[woman]}"
    return Contact.add(
        world.session,
        client,
        name,
        by=hunter,
        at=world.now,
        position=chance.choice(texts.positions[role.value]),
        decision_role=role,
        influence=STANDING[role][0],
        attitude=STANDING[role][1],
        birthday=date(1962, 1, 1) + timedelta(days=(sum(map(ord, email)) * 7919 + client.id * 104_729) % 13_000),
        phone=texts.phone.format(f"{chance.randrange(10_000):04d}"),
        email=email,
        consent=chance.choice(texts.source),
    )


def _quantity(world: World, one: bool) -> int:
    return 1 if one else world.chance.randint(3, 24)


LETTERS = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i y k l m n o p r s t u f h ts ch sh sch  y  e yu ya".split(" "),
        strict=True,
    )
)
FORMS = {"ооо", "ао", "бюро", "контора"}


def _latin(name: str) -> str:
    """A name as it could stand in an address."""
    words = "".join(letter if letter.isalnum() else " " for letter in name.casefold()).split()
    return "-".join("".join(LETTERS.get(letter, letter) for letter in word) for word in words if word not in FORMS)
