"""A company of the size the budgets name: 10 000 clients, 15 000 deals, 200 000 events. The same each time."""

from collections.abc import Iterator
from datetime import datetime, timedelta, UTC
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from webapp.domain.client import name_key
from webapp.domain.event import event
from webapp.domain.founding import found_company
from webapp.domain.model import (
    Base,
    Client,
    Contact,
    Deal,
    DealLine,
    Engagement,
    Event,
    Product,
    ProductFamily,
    Proposal,
    ProposalVersion,
    Stage,
    StoredFile,
    Task,
    User,
)
from webapp.domain.words import Department, Role
from webapp.web import passwords

CLIENTS, DEALS, EVENTS = 10_000, 15_000, 200_000
PASSWORD = "benchmark-password"
EMAIL = "director@bench.test"
HUNTER, CLERK = "hunter@bench.test", "clerk@bench.test"
FIRST = "Альфа Бета Вега Гранит Дельта Енисей Заря Искра Кама Лидер Маяк Нева Орион Полюс Радуга Сокол".split()
SECOND = "Торг Строй Снаб Сервис Пром Агро Транс Тех Мет Хим Свет Лес".split()
STORY = ("interaction:added", "task:done", "task:added", "client:changed", "deal:changed", "promise:kept")


def build(session: Session) -> None:
    """Fill an empty, migrated database. Written in bulk: the events are given beside, not by the verbs."""
    random = Random(20_261_123)
    now = datetime.now(UTC)
    found_company(session, "Benchmark", language="ru", currency="RUB", timezone="Europe/Moscow", by=None, at=now)
    users = [
        User(name=f"Сотрудник {number}", role=Role.MEMBER, department=list(Department)[number % 3])
        for number in range(40)
    ]
    director = User(name="Director", email=EMAIL, role=Role.DIRECTOR)
    users[0].email, users[1].email = HUNTER, CLERK
    for user in (director, users[0], users[1]):
        user.password_hash = passwords.make(PASSWORD)
    session.add_all([*users, director])
    session.add(event("user:invited", by=None, at=now))
    session.commit()
    stages = {d: [s for s in session.query(Stage).order_by(Stage.position) if s.department is d] for d in Department}
    _write(session, ProductFamily, ({"name": f"Семья {n}", "position": n} for n in range(8)))
    _write(
        session,
        Product,
        (
            {
                "name": f"Товар {n}",
                "name_key": f"товар {n}",
                "family_id": n % 8 + 1,
                "price_minor": n * 10_000,
                "currency": "RUB",
                "billing": "one_off",
            }
            for n in range(1, 41)
        ),
    )
    _write(session, Client, _clients(random, users, now))
    _write(session, Engagement, _engagements(random, users, stages, now))
    _write(
        session,
        Contact,
        (
            {
                "client_id": n % CLIENTS + 1,
                "name": f"Контакт {n}",
                "position": "Директор",
                "decision_role": "decides",
                "phone": f"+7495{n:07}",
                "email": f"c{n}@example.test",
            }
            for n in range(2 * CLIENTS)
        ),
    )
    _write(session, Task, _tasks(random, users, now))
    _write(session, Deal, _deals(random, users, now))
    _write(
        session,
        DealLine,
        (
            {
                "deal_id": n + 1,
                "position": 0,
                "product_id": n % 40 + 1,
                "name": "Товар",
                "quantity": 1000,
                "price_minor": 100_000,
                "billing": "one_off",
            }
            for n in range(DEALS)
        ),
    )
    _write_proposals(session, now)
    _write(session, Event, _events(random, now))


def _clients(random: Random, users: list[User], now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(CLIENTS):
        name = f"ООО «{random.choice(FIRST)}{random.choice(SECOND)}-{number}»"
        yield {
            "name": name,
            "name_key": name_key(name),
            "added_at": now - timedelta(days=random.randrange(900)),
            "city": "Москва",
            "attracted_by_id": random.choice(users).id,
            "version": 1,
        }


def _engagements(
    random: Random, users: list[User], stages: dict[Department, list[Stage]], now: datetime
) -> Iterator[dict[str, Any]]:
    owners = {d: [user for user in users if user.department is d] for d in Department}
    for number in range(1, CLIENTS + 1):
        department = random.choices(list(Department), (2, 6, 2))[0]
        stage, owner = random.choice(stages[department]), random.choice(owners[department])
        since = now - timedelta(days=random.randrange(60))
        touch = random.choice([None, random.randrange(-10, 40)])
        yield {
            "client_id": number,
            "department": department,
            "stage_id": stage.id,
            "owner_id": owner.id,
            "opened_at": since,
            "stage_since": since,
            "version": 1,
            "next_touch_on": None if touch is None else now.date() + timedelta(days=touch),
        }


def _tasks(random: Random, users: list[User], now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(1, CLIENTS + 1):
        closed = now - timedelta(days=3) if number % 2 else None
        yield {
            "client_id": number,
            "engagement_id": number,
            "owner_id": random.choice(users).id,
            "kind": "call",
            "subject": "Позвонить",
            "due_on": now.date() + timedelta(days=random.randrange(-10, 40)),
            "closed_at": closed,
            "outcome": "done" if closed else "",
        }


def _deals(random: Random, users: list[User], now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(DEALS):
        status = random.choices(("open", "won", "lost"), (3, 8, 4))[0]
        client = number % CLIENTS + 1
        yield {
            "client_id": client,
            "engagement_id": client,
            "owner_id": random.choice(users).id,
            "name": f"Сделка {number}",
            "status": status,
            "currency": random.choices(("RUB", "USD"), (9, 1))[0],
            "one_off_minor": random.randrange(1, 500) * 10_000,
            "monthly_minor": random.randrange(0, 50) * 10_000,
            "opened_on": now.date(),
            "closed_on": None if status == "open" else now.date(),
            "version": 1,
        }


def _write_proposals(session: Session, now: datetime) -> None:
    """Each open deal has one that went out."""
    file = StoredFile.store(session, b"%PDF", "application/pdf")
    session.flush()
    deals = session.execute(select(Deal.id, Deal.owner_id, Deal.currency).where(Deal.status == "open")).all()
    _write(
        session,
        Proposal,
        ({"deal_id": deal.id, "prefix": "P", "year": now.year, "number": n} for n, deal in enumerate(deals, 1)),
    )
    _write(
        session,
        ProposalVersion,
        (
            {
                "proposal_id": n,
                "number": 1,
                "state": "sent",
                "language": "ru",
                "currency": deal.currency,
                "dated_on": now.date(),
                "valid_until": now.date() + timedelta(days=n % 30),
                "title": "Предложение",
                "lines": [],
                "printed": {},
                "made_by_id": deal.owner_id,
                "sent_by_id": deal.owner_id,
                "frozen_at": now,
                "sent_at": now,
                "file_id": file.id,
                "version": 3,
            }
            for n, deal in enumerate(deals, 1)
        ),
    )


def _events(random: Random, now: datetime) -> Iterator[dict[str, Any]]:
    for number in range(EVENTS):
        yield {
            "kind": random.choice(STORY),
            "at": now - timedelta(minutes=EVENTS - number),
            "actor_id": 1 + number % 40,
            "client_id": random.randrange(CLIENTS) + 1,
            "subject_id": 1,
            "stage_ids": None,
            "details": {"subject": "Позвонить", "outcome": "Поговорили, ждут счёт", "due": "2026-11-30"},
        }


def _write(session: Session, entity: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, 5000)):
        session.execute(insert(entity), part)
    session.commit()
