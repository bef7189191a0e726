"""``python -m tests.benchmarks``: measure every budget in one run; a table, and JSON where BENCH_JSON says."""

import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, UTC
from itertools import cycle
from pathlib import Path

import flask_migrate
from bs4 import BeautifulSoup
from sqlalchemy import select

from tests.benchmarks import (
    bank_import,
    batch,
    health,
    launch_world,
    money_world,
    night,
    proof,
    scrolling,
    vip_world,
    white_space,
    world,
)
from tests.benchmarks.cold import cold_load
from tests.benchmarks.paper import long_ratio, proposal_ratio
from tests.benchmarks.servers import Browser, HELLO, median_ms, serving
from tests.benchmarks.statements import statements_of
from webapp import create_app
from webapp.db import db, transaction
from webapp.domain.company import Company
from webapp.domain.event import event
from webapp.domain.model import QueueItem
from webapp.domain.queue import RESTS
from webapp.jobs import NIGHTLY
from webapp.nightly import day_due, do
from webapp.queries.white_space import WINDOW
from webapp.settings import Settings

KEPT = {"statistics", "queue", "collecting", "commission", "health", "whitespace"}
"""The steps of the night that keep what pages read, and what SQLite knows of its tables."""

TIMES = int(os.environ.get("BENCH_TIMES", "200"))


@dataclass
class Figure:
    """One measured page: its median, the bare page's in the same minutes, and their ratio against the budget."""

    name: str
    ms: float
    bare_ms: float
    budget: float
    bytes: int
    statements: int | None

    @property
    def ratio(self) -> float:
        return self.ms / self.bare_ms

    def row(self) -> str:
        met = "yes" if self.ratio <= self.budget else "NO"
        return (
            f"| {self.name} | {self.ratio:.1f}x | {self.budget:g}x | {met} | {self.ms:.2f} | "
            f"{self.bare_ms:.2f} | {self.statements if self.statements is not None else '–'} | {self.bytes:,} |"
        )


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="baton-bench-"))
    try:
        report = measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if os.environ.get("BENCH_JSON"):
        Path(os.environ["BENCH_JSON"]).write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


def measure(folder: Path) -> dict[str, object]:
    settings = Settings(instance=folder, database_url=os.environ.get("BENCH_DATABASE_URL", ""))
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        world.build(db.session())
        money_world.build(db.session(), datetime.now(UTC))
        money_world.add_rules(db.session(), datetime.now(UTC))
        white_space.build(db.session(), datetime.now(UTC))
        launch_world.build(db.session(), datetime.now(UTC))
        vip_world.build(db.session(), datetime.now(UTC))
        work_the_night()
        pages = {name: (path.format(item=_standing()), budget) for name, (path, budget) in PAGES.items()}
        counted = statements_of(app, pages)
    (folder / "hello.py").write_text(HELLO)
    environment = {"INSTANCE": str(folder), "DATABASE_URL": settings.database_url}
    figures: list[Figure] = []
    with serving("hello:app", folder, environment) as bare, serving("wsgi:app", Path.cwd(), environment) as port:
        browser, hello = Browser(port), Browser(bare)
        browser.log_in(world.EMAIL, world.PASSWORD)
        asks = {
            **{name: reader(browser, path) for name, (path, _) in pages.items()},
            "matrix window": scroller(browser),
            "moving a card": Mover(browser),
            "poll, nothing changed": poller(browser),
        }
        for name, ask in asks.items():
            ours, theirs = median_ms(ask, lambda: hello.ask("/"), TIMES)
            figures.append(Figure(name, ours, theirs, BUDGETS[name], len(browser.body), counted.get(name)))
        cold = cold_load(browser, "/board")
        scrolled = scrolling.scroll(port)
    paper, invoices, bank = proposal_ratio(), night.month_of_invoices(app), bank_import.import_statement(app)
    long, batched = long_ratio(), batch.make_batch(app)
    healths, proven = health.measure(), proof.measure()
    print(
        f"\n{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{'PostgreSQL' if settings.database.startswith('postgresql') else 'SQLite'}, median of {TIMES}\n"
    )
    print("| page | ratio | budget | met | ms | bare ms | statements | bytes |\n|---|---|---|---|---|---|---|---|")
    print("\n".join(figure.row() for figure in figures))
    print(f"\nOne-page proposal: {paper['ratio']:.2f}x of plain WeasyPrint ({paper['ms']:.0f} ms), budget 0.6x")
    print(f"Proposal of 200 lines: {long['ratio']:.2f}x of plain WeasyPrint ({long['ms']:.0f} ms), budget 0.8x")
    print(scrolling.told(scrolled))
    print(batch.told(batched))
    print(night.told(invoices))
    print(bank_import.told(bank))
    print(health.told(healths))
    print(proof.told(proven))
    print(
        f"Cold board with everything, compressed: {cold['bytes'] / 1024:.1f} KB in {cold['requests']} requests, "
        "budget 150 KB"
    )
    return {
        "times": TIMES,
        "pages": [{**asdict(figure), "ratio": figure.ratio} for figure in figures],
        "proposal": paper,
        "long_proposal": long,
        "scrolling": scrolled,
        "batch": batched,
        "night": invoices,
        "bank": bank,
        "health": healths,
        "backtest": proven,
        "cold_load": cold,
    }


def work_the_night() -> None:
    """What pages read is kept as the night keeps it. The rest is told as done: a worker that did it would do so while
    pages are measured."""
    day = day_due(db.session.get_one(Company, 1), datetime.now(UTC))
    for step in NIGHTLY:
        if step in KEPT:
            do(step, day)
    with transaction() as session:
        for step in NIGHTLY.keys() - KEPT:
            details = {"step": step, "day": day.isoformat(), "counts": {}}
            session.add(event("nightly:done", by=None, at=datetime.now(UTC), details=details))


def _standing() -> int:
    """A client that stands in the queue of the clerk whose items are asked for."""
    standing = select(QueueItem.client_id).where(QueueItem.clerk_id == 2, QueueItem.rank < RESTS)
    return db.session.scalars(standing.order_by(QueueItem.rank, QueueItem.place).offset(20).limit(1)).one()


PAGES: dict[str, tuple[str, float]] = {
    "whole board": ("/board?lane=all", 30),
    "one column": ("/board/columns/9", 6),
    "client with timeline": ("/clients/4711", 10),
    "search by name": ("/clients/search?q=%D0%B7%D0%B0%D1%80%D1%8F%D1%81%D1%82%D1%80%D0%BE%D0%B9", 6),
    "a clerk's queue": ("/queue?clerk=2", 8),
    "the next item": ("/queue/items/{item}?clerk=2", 5),
    "a clerk's plan": ("/plan?clerk=2", 10),
    "everybody's plan": ("/plan", 10),
    "deals board": ("/deals/board?department=client", 10),
    "the radar": ("/health?band=too_early", 10),
    "why a health": ("/clients/4711/health", 25),
    "matrix window": ("/whitespace/rows?offset=2000", 8),
    "a launch of 10 000 clients": ("/launches/1", 10),
    "a week of visits": (f"/visits?person={vip_world.PERSON}", 10),
    "a stakeholder map": (f"/clients/{vip_world.CLIENT}/people", 8),
    "a hunter's statement": (f"/commission/people/1/{datetime.now(UTC):%Y-%m}", 10),
    "what clients pay a hunter": ("/commission/people/1", 15),
}
"""Name -> address and budget, as a ratio to the bare page."""

BUDGETS = {**{name: budget for name, (_, budget) in PAGES.items()}, "moving a card": 8, "poll, nothing changed": 2}


def reader(browser: Browser, path: str) -> Callable[[], None]:
    def read() -> None:
        browser.ask(path, HX_Request="true")
        assert browser.status == 200, (path, browser.status)

    if path.startswith(("/board?", "/clients/4", "/commission", "/health", "/launches", "/plan", "/queue?", "/visits")):

        def read_page() -> None:
            browser.ask(path)
            assert browser.status == 200, (path, browser.status)

        return read_page
    return read


class Mover:
    """Moves one card of the Client lane to the next stage and back, as the board's script does."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        page = BeautifulSoup(browser.ask("/board?lane=client"), "html.parser")
        columns = page.select(".board-column[data-stage]")[2:4]
        card = columns[0].select_one(".board-card")
        assert card, "no card to move"
        self.engagement, self.version = card["data-engagement"], int(str(card["data-version"]))
        self.token = page.select_one("#move-form [name=csrf_token]")["value"]
        self.stages = [column["data-stage"] for column in columns]
        self.turn = 0

    def __call__(self) -> None:
        self.turn += 1
        self.browser.ask(
            f"/engagements/{self.engagement}/stage",
            {"csrf_token": self.token, "version": str(self.version), "stage_id": self.stages[self.turn % 2]},
            HX_Request="true",
        )
        assert self.browser.status == 200, (self.browser.status, self.browser.body[:500])
        self.version += 1


def scroller(browser: Browser) -> Callable[[], None]:
    """Asks for another window of the matrix each time: nobody looks at the same one twice."""
    offsets = cycle(range(0, world.CLIENTS, WINDOW))

    def scroll() -> None:
        browser.ask(f"/whitespace/rows?offset={next(offsets)}", HX_Request="true")
        assert browser.status == 200, browser.status

    return scroll


def poller(browser: Browser) -> Callable[[], None]:
    """Asks as the open board does, with the tag that the last answer carried."""
    tag = ""

    def poll() -> None:
        nonlocal tag
        browser.ask("/board/changes", HX_Request="true", HX_PTag=tag)
        tag = browser.headers.get("HX-PTag", tag)

    poll(), poll()
    assert browser.status == 304, f"a poll with nothing changed answers {browser.status}"
    return poll


if __name__ == "__main__":
    sys.exit(main())
