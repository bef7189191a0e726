"""A batch: a personal proposal for each of many clients, once, whatever stops the workers in between."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client, make_contact
from tests.support.apps import World
from tests.support.client import soup
from tests.support.processes import flask, Running
from webapp import batching, create_app
from webapp.batching import go_on_with_batches, make_proposals
from webapp.db import db
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.deal import Deal, Line
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.launch import Launch
from webapp.domain.launch_audience import AudienceRule, freeze
from webapp.domain.launch_offering import offer_to_audience
from webapp.domain.launch_state import Channel
from webapp.domain.product import Billing, Product
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_batch import BatchItem, BatchState, LEFT, MOST_CLIENTS, Offer, ProposalBatch
from webapp.domain.proposal_state import VersionState
from webapp.jobs import Queue
from webapp.pdf import document
from webapp.settings import Settings
from webapp.web.clock import now

OFFER = Offer(
    title="New for {client}",
    language="en",
    currency="RUB",
    lines=(Line("Camera", 2000, 1_500_00, Billing.ONE_OFF), Line("Care", 1000, 300_00, Billing.MONTHLY)),
    text="Dear {contact}",
    valid_days=20,
)


@pytest.fixture
def ids(session: Session, cast: Cast) -> list[int]:
    clients = [make_client(session, cast.hunter, name=f"Client {number}") for number in range(4)]
    make_contact(session, clients[0], "Irina Boss")
    return [client.id for client in clients]


@pytest.fixture
def start(session: Session, cast: Cast) -> Callable[..., ProposalBatch]:
    def started(ids: list[int], offer: Offer = OFFER) -> ProposalBatch:
        batch = ProposalBatch.start(session, "Autumn", ids, offer, by=cast.director, at=now())
        session.commit()
        return batch

    return started


def state(session: Session, batch: ProposalBatch) -> tuple[BatchState, int, int]:
    """Its state, how many versions are printed, and how many clients have one."""
    session.rollback()
    session.expire_all()
    made = [item.made for item in batch.items if item.made is not None]
    return batch.state, sum(version.state is VersionState.SENT for version in made), len(made)


def test_each_client_gets_a_proposal_of_its_own(app, session, cast, ids, start) -> None:
    batch = start([*ids, ids[0]])
    with app.app_context():
        make_proposals(batch.id)
    assert state(session, batch) == (BatchState.DONE, 4, 4)
    version = batch.items[0].made
    assert (version.title, version.text) == ("New for Client 0", "Dear Irina Boss")
    assert (version.valid_until - version.dated_on).days == 20
    assert version.printed["author"]["name"] == cast.hunter.name
    assert version.printed["totals"]["one_off"]["total_minor"] == 3_000_00
    assert version.proposal.deal.owner is cast.hunter
    assert [version.text for version in [item.made for item in batch.items][1:]] == [
        f"Dear Client {number}" for number in (1, 2, 3)
    ]
    told = session.scalars(select(Event.kind).where(Event.kind.like("batch:%")).order_by(Event.id)).all()
    assert told == ["batch:started", "batch:finished"]


def test_the_database_refuses_a_second_proposal_of_a_batch_for_a_client(session, ids, start) -> None:
    batch = start(ids)
    session.add(BatchItem(batch_id=batch.id, client_id=ids[0]))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_paused_it_begins_nothing_and_resumed_it_goes_on(app, session, cast, ids, start, monkeypatch) -> None:
    monkeypatch.setattr(batching, "ROUND", -1)  # one proposal a round
    monkeypatch.setattr(batching, "later", lambda *job: None)
    batch = start(ids)
    with app.app_context():
        make_proposals(batch.id)
    assert state(session, batch) == (BatchState.RUNNING, 1, 1)
    session.add(batch.pause(by=cast.director, at=now(), seen=batch.version))
    session.commit()
    with app.app_context():
        make_proposals(batch.id)
    assert state(session, batch) == (BatchState.PAUSED, 1, 1)
    session.add(batch.resume(by=cast.director, at=now(), seen=batch.version))
    session.commit()
    with app.app_context():
        for _ in range(4):
            make_proposals(batch.id)
    assert state(session, batch) == (BatchState.DONE, 4, 4)


def test_after_a_crash_every_worker_takes_part_again_and_no_more_rounds_than_those(
    app, session, cast, ids, start, monkeypatch
) -> None:
    queued, batch = [], start(ids)

    class Kept:
        def holds(self, job, *args) -> bool:
            return (job, *args) in queued

    monkeypatch.setattr(batching, "ROUND", -1)
    monkeypatch.setattr(batching, "later", lambda *job: queued.append(job))
    monkeypatch.setattr(batching, "queue", Kept)
    with app.app_context():
        go_on_with_batches()
        go_on_with_batches()
        assert queued == [(make_proposals, batch.id)] * app.config["BATON"].printers
        queued.pop()
        make_proposals(batch.id)
        assert queued == [(make_proposals, batch.id)]
        queued.pop()
        make_proposals(batch.id)
        assert queued == [(make_proposals, batch.id)]


def test_who_cannot_get_one_is_left_out_with_the_reason(app, session, cast, ids, start) -> None:
    batch = ProposalBatch.start(session, "Autumn", ids, OFFER, by=cast.head_of_client, at=now())
    session.commit()
    with app.app_context():
        make_proposals(batch.id)
    assert state(session, batch) == (BatchState.DONE, 0, 0)
    assert {item.left_out for item in batch.items} == {"Nobody of the department serves this client"}
    assert session.scalar(select(func.count(Deal.id))) == 0


def test_what_cannot_be_printed_does_not_stop_the_others(app, session, ids, start, monkeypatch) -> None:
    printed = document.print_proposal

    def fails_once(content, logo=None):
        if content["to"]["name"] == "Client 1":
            raise document.TooLong("a test")
        return printed(content, logo)

    monkeypatch.setattr(document, "print_proposal", fails_once)
    batch = start(ids)
    with app.app_context():
        make_proposals(batch.id)
    assert state(session, batch) == (BatchState.DONE, 3, 4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"lines": ()},
        {"lines": (Line("x", 1000, None, Billing.ONE_OFF),)},
        {"valid_days": 0},
        {"attached": (99,)},
        {"language": "de"},
    ],
)
def test_what_no_client_could_get_is_not_started(session, cast, ids, wrong) -> None:
    offer = Offer(**{name: getattr(OFFER, name) for name in Offer.__slots__} | wrong)
    with pytest.raises(Refused):
        ProposalBatch.start(session, "Autumn", ids, offer, by=cast.director, at=now())
    with pytest.raises(Refused):
        ProposalBatch.start(session, "Autumn", range(1, MOST_CLIENTS + 2), OFFER, by=cast.director, at=now())
    session.rollback()


def test_a_head_starts_one_from_the_list_of_clients(session, sign_in, cast, ids) -> None:
    product = Product.add(session, "Camera", 1_500_00, "RUB", by=cast.director, at=now())
    session.commit()
    head = sign_in(cast.head_of_sales)
    page = head.get("/clients?q=client")
    form = head.get(soup(page).select_one("a[href*=batches]")["href"])
    assert len(soup(form).select("[name=clients][checked]")) == 4
    fields = {
        "name": "Autumn",
        "title": "For {client}",
        "lines-0-product_id": str(product.id),
        "clients": [str(ids[1])],
    }
    refused = head.submit(form, "#batch", **fields | {"title": ""})
    assert refused.status_code == 422
    refused = head.submit(form, "#batch", **fields | {"lines-0-product_id": "0"})
    assert "Offer at least one product" in soup(refused).select_one(".form-summary a[href='#lines']").get_text()
    answer = head.submit(form, "#batch", **fields)
    assert answer.status_code == 303
    shown = soup(head.get(answer.location))
    assert "1 of 1 printed" in shown.select_one("#counts").get_text()
    assert session.scalars(select(Proposal)).one().deal.client_id == ids[1]
    assert head.get("/proposals/batches").status_code == 200
    assert sign_in(cast.hunter).get(answer.location).status_code == 403
    assert sign_in(cast.hunter).get("/proposals/batches/new").status_code == 403


@pytest.fixture
def launch(session, cast, ids) -> Launch:
    """Of cameras, for every client that there is, and it runs."""
    camera = Product.add(session, "Camera", 1_500_00, "RUB", by=cast.director, at=now())
    session.flush()
    today = cast.company.today(now())
    said = {"starts_on": today, "ends_on": today + timedelta(days=9), "message": "For {client}", "currency": "RUB"}
    channels, by = {Channel.CALL: (0, 0)}, cast.head_of_sales
    found = Launch.draft(session, channels, by=by, at=now(), product=camera, name="Cameras", owner=by, **said)
    size = freeze(session, found, AudienceRule(), at=now())
    session.add(found.freeze(size, by=by, at=now(), seen=found.version))
    session.flush()
    session.add(found.start("", by=by, at=now(), today=today, seen=found.version))
    session.commit()
    return found


def test_a_launch_offers_its_product_to_its_audience_and_to_nobody_twice(session, sign_in, cast, ids, launch) -> None:
    refused, unfit = (Awareness.of(session, key, launch.product_id, at=now()) for key in ids[:2])
    refused.answer(Happening.REFUSED, at=now())
    unfit.exclude("no shops", by=cast.hunter, at=now())
    make_client(session, cast.hunter, name="Came later")
    session.commit()
    head = sign_in(cast.head_of_sales)
    form = head.get(soup(head.get(f"/launches/{launch.id}")).select_one("#make-proposals")["href"])
    page = soup(form)
    assert [box["value"] for box in page.select("[name=clients][checked]")] == [str(key) for key in ids[2:]]
    assert [row.get_text(" ", strip=True) for row in page.select("#apart li")] == [
        "Client 0 Refused", "Client 1 Not eligible",
    ]  # fmt: skip
    assert page.select_one("[name=lines-0-product_id] [selected]")["value"] == str(launch.product_id)
    assert head.submit(form, "#batch", clients=[str(ids[0])]).status_code == 422
    assert session.scalars(select(ProposalBatch)).all() == []
    assert head.submit(form, "#batch", clients=[str(ids[2])]).status_code == 303
    assert head.submit(form, "#batch", once="another", clients=[str(ids[2])]).status_code == 422
    assert session.scalars(select(Deal.client_id)).all() == [ids[2]]
    assert session.scalars(select(ProposalVersion.text)).all() == ["For Client 2"]
    shown = soup(head.get(f"/launches/{launch.id}"))
    assert "1 of 1 printed" in shown.select_one("#batches").get_text()
    offered = next(step for step in shown.select(".funnel li") if "Got an offer" in step.get_text())
    assert " ".join(offered.get_text(" ", strip=True).split()) == "Got an offer 1 of them nobody told yet 1 25 %"
    again = soup(head.get(f"/proposals/batches/new?launch={launch.id}"))
    assert [box["value"] for box in again.select("[name=clients]")] == [str(ids[3])]
    assert "Has its proposal from this launch" in again.select_one("#apart").get_text()
    assert head.get("/proposals/batches/new?launch=99").status_code == 404


def test_who_bought_since_a_batch_of_a_launch_began_is_left_out(app, session, cast, ids, launch) -> None:
    batch = offer_to_audience(session, launch, "Cameras", ids, OFFER, by=cast.director, at=now())
    session.flush()
    Awareness.of(session, ids[1], launch.product_id, at=now()).buy(by=cast.hunter, at=now())
    session.commit()
    with app.app_context():
        make_proposals(batch.id)
    assert state(session, batch) == (BatchState.DONE, 3, 3)
    assert [(item.client_id, item.left_out) for item in batch.items if item.left_out] == [(ids[1], "Owns it")]


MANY = 8


@pytest.fixture
def settings(world: World, tmp_path: Path) -> Settings:
    return Settings(database_url=world.database.url, instance=tmp_path, secret_key="x")


@pytest.fixture
def worker(settings: Settings) -> Iterator[Callable[[], Running]]:
    started: list[Running] = []

    def work() -> Running:
        started.append(Running(flask("work"), settings, printers=2))
        return started[-1]

    yield work
    for process in started:
        if process.runs:
            process.kill()


def test_workers_killed_in_the_middle_leave_nobody_out_and_nobody_gets_two(
    session, cast, settings, start, worker, monkeypatch
) -> None:
    ids = [make_client(session, cast.hunter, name=f"Client {number}").id for number in range(MANY)]
    batch = start(ids)
    queue: Queue = create_app(settings).extensions["baton-queue"]
    queue.huey.flush()

    for _ in range(2):
        queue.put(make_proposals, batch.id)
    process = worker()
    process.until(lambda: state(session, batch)[2] >= 2)
    process.kill()
    assert state(session, batch)[2] < MANY, "the kill came too late to show anything"
    for item in batch.items:
        item.tried_at = None if item.tried_at is None else item.tried_at - 2 * LEFT
    session.commit()
    queue.huey.flush()
    with queue.app.app_context():
        go_on_with_batches()
        for version_id in session.scalars(select(ProposalVersion.id).where(ProposalVersion.state == "printing")):
            queue.put(batching.print_version, version_id)
        session.rollback()
        db.session.remove()
        db.engine.dispose()  # it is another application's
    process = worker()
    process.until(lambda: state(session, batch) == (BatchState.DONE, MANY, MANY))
    assert sorted(session.scalars(select(Deal.client_id))) == sorted(ids)
    assert len(session.scalars(select(Event.id).where(Event.kind == "proposal:printed")).all()) == MANY
    assert sorted(session.scalars(select(Proposal.number))) == list(range(1, MANY + 1))
    queue.huey.flush()
    queue.huey.storage.close()
