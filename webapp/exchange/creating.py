"""Creating what an import brings: users, products, clients with their engagements, deals with their lines."""

from typing import Any

from sqlalchemy import bindparam, update

from webapp.domain.client import Client, name_key
from webapp.domain.company import Company
from webapp.domain.deal import Deal, DealLine
from webapp.domain.engagement import Engagement
from webapp.domain.product import Billing, Product
from webapp.domain.stage import Stage
from webapp.domain.user import User
from webapp.domain.words import Department
from webapp.exchange.known import UNIT
from webapp.exchange.planned import Creation, New, Placement
from webapp.exchange.writing import day, Desk, moment


class Creator:
    """Each verb creates one kind, after what it refers to."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.plan = desk, desk.plan

    def users(self) -> None:
        """Known, but without a password: nobody logs in before an invitation. They work in Sales."""
        creations = self.plan.creations["user"]
        company = self.desk.session.get_one(Company, 1)
        rows = [
            {
                "name": each.values["name"],
                "role": each.values["role"],
                "department": Department.SALES,
                "office": each.values["office"],
                "timezone": company.timezone,
            }
            for each in creations
        ]
        self._number("user", creations, self.desk.insert(User, rows))
        self._point(User, "head_id", creations, "user")
        for each in creations:
            number, name = self._id(each), each.values["name"]
            self.desk.names[number] = name
            self._remember(each)
            self.desk.tell("user:imported", subject_id=number, details={"name": name, "role": each.values["role"]})

    def products(self) -> None:
        creations = self.plan.creations["product"]
        names = ("name", "price_minor", "currency")
        families = self.desk.families(each.values["family"] for each in creations)
        rows = [
            {
                **{name: each.values[name] for name in names},
                "name_key": name_key(each.values["name"]),
                "family_id": families.get(each.values["family"]),
            }
            for each in creations
        ]
        self._number("product", creations, self.desk.insert(Product, rows))
        for each in creations:
            self._remember(each)
            self.desk.tell("product:added", subject_id=self._id(each), details={"name": each.values["name"]})

    def clients(self) -> None:
        """Clients, then who stands above whom, then the engagement in which each begins."""
        creations = self.plan.creations["client"]
        names = ("name", "sector", "city", "founded", "revenue_minor", "revenue_currency", "employees")
        rows = [
            {
                **{name: each.values[name] for name in names},
                "name_key": name_key(each.values["name"]),
                "attracted_by_id": self._reference(each.values.get("attracted_by_id")),
                "attracted_at": moment(each.values.get("attracted_at")),
                "added_at": self.desk.at,
            }
            for each in creations
        ]
        self._number("client", creations, self.desk.insert(Client, rows))
        self._point(Client, "parent_id", creations, "client")
        for each in creations:
            self._remember(each)
        self._engagements()

    def deals(self) -> None:
        """Each deal with one line. Open ones belong to the client's engagement; closed ones are history."""
        creations = self.plan.creations["deal"]
        values = [self.desk.resolve(each.values) for each in creations]
        named = {**{number: facts["name"] for number, facts in self.plan.knowledge.facts["product"].items()}}
        named |= {self._id(each): each.values["name"] for each in self.plan.creations["product"]}
        rows = [
            self._deal(each.incoming.key, told, named[told["product_id"]])
            for each, told in zip(creations, values, strict=True)
        ]
        self._number("deal", creations, self.desk.insert(Deal, rows))
        for each, told, row in zip(creations, values, rows, strict=True):
            number = self._id(each)
            line = {"deal_id": number, "position": 0, "product_id": told["product_id"], "quantity": UNIT}
            line |= {"name": named[told["product_id"]], "price_minor": told["price_minor"], "billing": Billing.ONE_OFF}
            self.desk.put(DealLine, line)
            self._remember(each)
            details = {name: row[name] for name in ("name", "status", "currency", "one_off_minor")}
            details |= {"opened": told["opened_on"], "closed": told["closed_on"], "stage": told["stage"]}
            self.desk.tell("deal:imported", client_id=told["client_id"], subject_id=number, details=details)

    def _deal(self, key: str, told: dict[str, Any], product: str) -> dict[str, Any]:
        engagement, stage = self.desk.engagements[told["client_id"]]
        is_open = told["status"] == "open"
        if is_open:
            self.desk.stages.add(stage)
        return {
            "client_id": told["client_id"],
            "engagement_id": engagement if is_open else None,
            "owner_id": told["owner_id"],
            "name": f"{product}, {key}"[:200],
            "status": told["status"],
            "currency": told["currency"],
            "one_off_minor": told["price_minor"] or 0,
            "opened_on": day(told["opened_on"]),
            "closed_on": day(told["closed_on"]),
            "lost_reason": "unknown" if told["status"] == "lost" else "",
        }

    def _engagements(self) -> None:
        """The lane, its first stage and an owner for each new client."""
        stages: dict[Department, Stage] = {}
        for placement in self.plan.placements:
            if placement.department not in stages:
                stages[placement.department] = self.desk.first_stage(placement.department)
        rows: list[dict[str, Any]] = [
            {
                "client_id": self.desk.ids[placement.client],
                "department": placement.department,
                "stage_id": stages[placement.department].id,
                "owner_id": self._reference(placement.owner),
                "opened_at": self.desk.at,
                "stage_since": self.desk.at,
            }
            for placement in self.plan.placements
        ]
        numbers = self.desk.insert(Engagement, rows, planned=False)
        for placement, row, number in zip(self.plan.placements, rows, numbers, strict=True):
            self.desk.engagements[row["client_id"]] = number, row["stage_id"]
            self.desk.stages.add(row["stage_id"])
            self.desk.remember("engagement", placement.client.key, number, {}, None)
            self._tell_client(placement, row, stages[placement.department], number)

    def _tell_client(self, placement: Placement, row: dict[str, Any], stage: Stage, engagement: int) -> None:
        client, begins = row["client_id"], {"department": placement.department, "stage": stage.name}
        begins["owner"] = self.desk.names[row["owner_id"]]
        stands = {"won": placement.won, "lost": placement.lost, "open": placement.open}
        details = {"name": placement.client.key, **stands, **begins}
        self.desk.tell("client:imported", client_id=client, subject_id=client, stages=(stage.id,), details=details)
        self.desk.tell("engagement:opened", client_id=client, subject_id=engagement, stages=(stage.id,), details=begins)

    def _number(self, kind: str, creations: list[Creation], numbers: list[int]) -> None:
        self.desk.ids |= {New(kind, each.incoming.key): number for each, number in zip(creations, numbers, strict=True)}

    def _point(self, model: Any, column: str, creations: list[Creation], kind: str) -> None:
        """Fill a reference within the same table, now that everything in it has a number."""
        table = model.__table__
        pairs = [
            {"self_id": self._id(each), "above_id": self._reference(each.values[column])}
            for each in creations
            if each.values[column] is not None
        ]
        if pairs:
            statement = update(table).where(table.c.id == bindparam("self_id")).values({column: bindparam("above_id")})
            self.desk.session.execute(statement, pairs)

    def _remember(self, creation: Creation) -> None:
        row = creation.incoming
        self.desk.remember(
            row.kind, row.key, self._id(creation), self.desk.resolve({**creation.values, **creation.told}), None
        )

    def _id(self, creation: Creation) -> int:
        return self.desk.ids[New(creation.incoming.kind, creation.incoming.key)]

    def _reference(self, value: Any) -> int | None:
        return self.desk.ids[value] if isinstance(value, New) else value
