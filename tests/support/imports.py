"""What the tests of imports do again and again: run one, and look at everything that stands in the database."""

from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT
from tests.support.memory import in_memory
from webapp.domain.founding import found_company
from webapp.domain.importing import Import
from webapp.domain.model import Base
from webapp.domain.undoing import undo
from webapp.exchange.apply import apply_plan
from webapp.exchange.running import plan_files

NOT_COMPARED = {"event", "import", "import_file"}
"""Events stay for ever, and so does the word that there was an import."""


def found(session: Session) -> None:
    found_company(session, "Ромашка", at=AT, currency="RUB")
    session.commit()


def run_import(
    session: Session, files: list[tuple[str, bytes]], matches: dict[str, dict[str, str]] | None = None, by: Any = None
) -> tuple[Import, dict[str, dict[str, int]]]:
    """Preview, confirm, apply, as the command and the job do. The import and the counts that were previewed."""
    run = Import.start(session, files, {"currency": "", "matches": matches or {}}, by=by, at=AT)
    plan = plan_files(session, files, "", matches or {})
    run.show(plan.source, plan.counts, {}, at=AT)
    run.confirm(at=AT)
    session.flush()
    desk = apply_plan(session, plan, run, by=by, at=AT)
    session.add(run.finish(plan.counts, tuple(desk.stages), by=by, at=AT))
    session.commit()
    return run, plan.counts


def take_back(session: Session, run: Import) -> None:
    session.add(undo(session, run, by=None, at=AT))
    session.commit()


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables that undoing has to restore, in their order."""
    session.commit()
    return {
        table.name: [tuple(map(str, row)) for row in session.execute(select(table).order_by(table.c.id))]
        for table in Base.metadata.sorted_tables
        if table.name not in NOT_COMPARED
    }


def size(dump: dict[str, list[Any]]) -> dict[str, int]:
    return {name: len(rows) for name, rows in dump.items()}


def fresh() -> AbstractContextManager[Session]:
    """A founded company in memory and nothing else: each example of a property starts from there."""
    return in_memory(found)
