"""The desk at which an import is written: rows gather, and go to the database many at once."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, UTC
from typing import Any

from sqlalchemy import insert, select, Table
from sqlalchemy.orm import Session

from webapp.domain.event import Event, event
from webapp.domain.held_row import HeldRowState
from webapp.domain.importing import ImportedRecord
from webapp.domain.product_family import family_names, ProductFamily
from webapp.domain.stage import Stage
from webapp.domain.user import User
from webapp.domain.words import Department
from webapp.exchange.incoming import Incoming
from webapp.exchange.planned import New, Plan

NOON = time(12, tzinfo=UTC)
"""A date without a time becomes a moment that has this date in every inhabited zone but the farthest."""

AT_ONCE = 1000
"""Rows in one statement; progress is told in between."""


class Desk:
    """One import being written: who writes, when, the ids that new things got, and what waits to be written."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        import_id: int,
        by: User | None,
        at: datetime,
        tell: Callable[[int], None] = lambda done: None,
    ) -> None:
        self.session, self.plan, self.import_id, self.by, self.at, self._tell = session, plan, import_id, by, at, tell
        self.ids: dict[Any, int] = {}
        """What New references became."""
        self.names: dict[int, str] = {
            number: facts["name"] for number, facts in plan.knowledge.facts.get("user", {}).items()
        }
        self.engagements: dict[int, tuple[int, int]] = {}
        """Client -> the engagement that its deals belong to, and its stage."""
        self.stages: set[int] = set()
        self.concerned: set[int] = set()
        """The clients of whom something is told."""
        self._waiting: dict[Any, list[dict[str, Any]]] = {}
        self._done = 0
        for client, rows in plan.knowledge.engagements.items():
            first = min(rows, key=lambda row: (row.department != Department.CLIENT, row.department, row.id))
            self.engagements[client] = first.id, first.stage_id

    def resolve(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values with ids for what this import created."""
        return {name: self.ids[value] if isinstance(value, New) else value for name, value in values.items()}

    def put(self, model: Any, row: dict[str, Any]) -> None:
        """Write the row sometime, with others."""
        waiting = self._waiting.setdefault(model, [])
        waiting.append(row)
        if len(waiting) >= AT_ONCE:
            self.flush(model)

    def flush(self, model: Any) -> None:
        waiting = self._waiting.pop(model, [])
        if waiting:
            self.session.execute(insert(model.__table__), waiting)

    def insert(self, model: Any, rows: list[dict[str, Any]], *, planned: bool = True) -> list[int]:
        """Write the rows now; their ids, in their order. Progress of what was planned is told after each thousand."""
        table: Table = model.__table__
        ids: list[int] = []
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            ids += self.session.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), part)
            self.done(len(part) if planned else 0)
        return ids

    def tell(self, kind: str, **facts: Any) -> None:
        """Write an event, with others."""
        told = event(kind, by=self.by, at=self.at, **facts)
        if told.client_id is not None:
            self.concerned.add(told.client_id)
        names = ("kind", "at", "actor_id", "client_id", "subject_id", "stage_ids", "details")
        self.put(Event, {name: getattr(told, name) for name in names})

    def remember(
        self, kind: str, key: str, record_id: int, values: Mapping[str, Any], before: dict[str, Any] | None
    ) -> None:
        """Note what came of a key, so that a repeat finds it and undoing restores it."""
        row = {"import_id": self.import_id, "source": self.plan.source, "kind": kind, "key": key}
        self.put(ImportedRecord, {**row, "record_id": record_id, "values": dict(values), "before": before})

    def row_of(self, model: Any, record_id: int, names: Mapping[str, Any]) -> dict[str, Any]:
        """What stands in those columns now, as JSON: the ``before`` of a change."""
        table: Table = model.__table__
        found = self.session.execute(select(*(table.c[name] for name in names)).where(table.c.id == record_id))
        return {name: plain(value) for name, value in found.mappings().one().items()}

    def families(self, names: Iterable[str]) -> dict[str, int]:
        """The ids of the families of these names; those that nobody knew are added. No name is no family."""
        known = {name: key for key, name in family_names(self.session).items()}
        for name in sorted(set(names) - {""} - set(known)):
            known[name] = ProductFamily.add(self.session, name, by=self.by, at=self.at).id
            self.remember("family", name, known[name], {"name": name}, None)
        return known

    def first_stage(self, department: Department) -> Stage:
        return self.session.scalars(
            select(Stage)
            .where(Stage.department == department, Stage.removed_at.is_(None))
            .order_by(Stage.position, Stage.id)
            .limit(1)
        ).one()

    def done(self, count: int) -> None:
        self._done += count
        self._tell(self._done)

    def write_down(self) -> None:
        """Write everything that waits."""
        for model in list(self._waiting):
            self.flush(model)


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def moment(text: str | None) -> datetime | None:
    """A moment in ISO form; a mere date is its noon."""
    if text is None:
        return None
    return datetime.combine(date.fromisoformat(text), NOON) if len(text) == 10 else datetime.fromisoformat(text)


def typed(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values as columns hold them: ``…_on`` a date, ``…_at`` a moment."""
    return {
        name: day(value) if name.endswith("_on") else moment(value) if name.endswith("_at") else value
        for name, value in values.items()
    }


def plain(value: Any) -> Any:
    """A column's value as JSON."""
    return value.isoformat() if isinstance(value, date) else value


def held_values(row: Incoming, currency: str) -> dict[str, Any]:
    """The columns of a held-back row."""
    values = row.values
    return {
        "payload": row.payload,
        "problems": [problem.as_json() for problem in row.problems],
        "problem": row.problems[0].code,
        "status": values.get("status", ""),
        "person": values.get("owner", "")[:120],
        "product": values.get("product", "")[:200],
        "begins_on": day(values.get("opened_on")),
        "amount_minor": values.get("price_minor"),
        "currency": currency if row.kind == "deal" else "",
        "state": HeldRowState.HELD,
    }
