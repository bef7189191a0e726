"""Whether health tells the truth is judged by figures that can be checked by hand, and by nothing of the future."""

from dataclasses import replace
from datetime import datetime, timedelta, UTC

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.attacks import make_attack
from tests.cast import AT, Cast
from tests.factories import (
    make_bundle,
    make_client,
    make_contact,
    make_contract,
    make_engagement,
    make_interaction,
    make_invoice,
    make_payment,
    make_product,
)
from tests.vip import make_tiers
from webapp.domain.allocation import Allocation
from webapp.domain.attack import Attack, Signal
from webapp.domain.event import Event
from webapp.domain.health_terms import Band, SHIPPED
from webapp.domain.interaction import Began, Interaction
from webapp.domain.loss import Loss
from webapp.domain.vip_place import VipPlace
from webapp.proof.cohorts import cohorts
from webapp.proof.judging import judge, Look
from webapp.proof.looks import look_back


def look(level: int, *, lost: bool = False, silent: int = 10, band: Band = Band.HEALTHY, number: int = 0) -> Look:
    return Look(number, lost, level, band, (0,) * 6, 10, silent)


def test_precision_recall_and_lift_of_each_band() -> None:
    looks = [look(20, lost=True, band=Band.CRITICAL)] * 3 + [look(20, band=Band.CRITICAL)] * 7
    looks += [look(50, lost=True, band=Band.AT_RISK)] + [look(50, band=Band.AT_RISK)] * 9 + [look(80)] * 80
    found = judge(looks)
    red, risk, green, _early = (next(b for b in found["bands"] if b["band"] == band) for band in Band)
    assert (red["precision"]["value"], red["recall"]["value"], red["lift"]) == pytest.approx((0.3, 0.75, 7.5))
    assert (risk["precision"]["value"], risk["recall"]["value"], risk["lift"]) == pytest.approx((0.1, 0.25, 2.5))
    assert (green["lost"], green["lift"], green["looks"]) == (0, 0, 80)
    assert [(floor["key"], floor["holds"]) for floor in found["floors"]] == [
        ("red", True), ("seen", True), ("green", True),
    ]  # fmt: skip
    assert found["verdict"] == "too_few"
    assert found["levels"][1] | {"share": None} == {"least": 20, "most": 34, "looks": 10, "lost": 3, "share": None}


@pytest.mark.parametrize(
    ("red", "risk", "green", "holds"),
    [
        ((3, 10), (1, 10), (2, 80), "red seen green"),
        ((2, 10), (4, 10), (1, 80), "seen green"),
        ((3, 10), (0, 10), (2, 80), "red green"),
        ((3, 10), (1, 10), (2, 81), "red seen"),
    ],
)
def test_a_model_is_fit_to_ship_by_the_published_floors(red, risk, green, holds: str) -> None:
    """Of red clients three times as many are lost as of all; two thirds of the lost were below green; at most 80 % are
    green."""
    bands = {Band.CRITICAL: red, Band.AT_RISK: risk, Band.HEALTHY: green}
    looks = [look(50, band=band, lost=n < lost) for band, (lost, size) in bands.items() for n in range(size)]
    floors = judge(looks)["floors"]
    assert [(floor["key"], floor["asked"]) for floor in floors] == [("red", 3), ("seen", 2 / 3), ("green", 0.8)]
    assert " ".join(floor["key"] for floor in floors if floor["holds"]) == holds


def test_a_look_that_stands_for_others_weighs_as_many() -> None:
    each = [look(20, lost=True, band=Band.CRITICAL), *[look(80)] * 50, *[look(40, band=Band.AT_RISK)] * 50]
    few = [each[0], replace(each[1], weight=50), replace(each[-1], weight=50)]
    assert judge(few) | {"taken": 101} == judge(each)


@pytest.mark.parametrize(
    ("health", "silence", "verdict"), [(True, False, "health"), (False, True, "naive"), (False, False, "alike")]
)
def test_it_says_plainly_when_a_naive_rule_does_better(health: bool, silence: bool, verdict: str) -> None:
    def made(number: int, lost: bool) -> Look:
        level = 10 + number % 20 if health and lost else 40 + number % 50
        silent = 200 + number % 50 if silence and lost else number % 90
        return replace(look(level, lost=lost, silent=silent), unpaid_days=number * 7 % 90)

    found = judge([made(n, lost=True) for n in range(40)] + [made(n, lost=False) for n in range(400)])
    assert found["verdict"] == verdict
    naive = {rule["key"]: rule for rule in found["rules"]}["contact"]
    assert naive["worst"]["recall"] == pytest.approx(1.0 if silence else naive["worst"]["recall"])


def test_of_no_losses_nothing_is_said() -> None:
    assert judge([look(80)] * 5)["verdict"] == "no_losses"
    assert judge([])["verdict"] == "no_losses"


def test_what_is_said_of_a_day_is_the_same_when_its_future_is_deleted(session: Session, cast: Cast) -> None:
    """No leakage: of a day, only what was known on it."""
    clients = [make_client(session, cast.clerk, at=AT) for _ in range(3)]
    for number, client in enumerate(clients):
        contact = make_contact(session, client, at=AT)
        for month in range(8):
            at = AT + timedelta(days=31 * month + number)
            invoice = make_invoice(session, client, 90_000, at.date(), at=at, by=cast.clerk)
            paid = at + timedelta(days=5 + 4 * number * month)
            payment = make_payment(session, 90_000, paid.date(), client=client, by=cast.clerk, at=paid)
            payment.allocate(session, invoice, by=cast.clerk, at=paid)
            if month % (number + 1) == 0:
                make_interaction(session, client, contact=contact, began=Began.THEY, by=cast.clerk, at=at)
    make_attack(session, clients[0], cast, at=AT + timedelta(days=150))
    gone = AT + timedelta(days=200)
    Loss.record(session, clients[0], "price", gone.date(), by=cast.director, at=gone)
    session.flush()
    today = (AT + timedelta(days=300)).date()

    looks = list(look_back(session, SHIPPED, today))
    assert [each.client_id for each in looks if each.lost] == [clients[0].id]
    cut = AT + timedelta(days=121)  # the end of a day that is looked at, or before it
    before = looks[: len(looks) // 3]
    for entity, moment in ((Signal, Signal.at), (Attack, Attack.raised_at), (Interaction, Interaction.at)):
        session.execute(delete(entity).where(moment > cut))
    for entity, moment in ((Allocation, Allocation.at), (Event, Event.at), (Loss, Loss.lost_at)):
        session.execute(delete(entity).where(moment > cut))
    session.expire_all()
    after = list(look_back(session, SHIPPED, today))[: len(before)]
    assert [replace(each, lost=False) for each in after] == [replace(each, lost=False) for each in before]
    assert before


def test_the_time_in_the_programme_and_the_time_outside_it_have_each_their_curve_and_band(
    session: Session, cast: Cast
) -> None:
    """Six outside all along, one of them lost; six who enter after 150 days, of whom one is lost after 250, and whose
    first 150 days say nothing of the programme. The bands are worked out by hand, as R's survfit prints them."""
    gold, _ = make_tiers(session, cast)
    for number in range(12):
        client = make_client(session, cast.hunter, at=AT)
        client.attracted_at, client.attracted_by = AT, cast.hunter
        make_engagement(session, client, cast.clerk, at=AT)
        if number >= 6:
            entered = AT + timedelta(days=150)
            VipPlace.take(session, client, gold, "Large", by=cast.director, at=entered, on=entered.date())
        if number in (0, 6):
            gone = AT + timedelta(days=100 if number == 0 else 250)
            Loss.record(session, client, "closed", gone.date(), by=cast.director, at=gone)
    session.flush()
    groups = {group["key"]: group for group in cohorts(session, AT.date() + timedelta(days=274))["programme"]}
    inside, outside = groups["in"], groups["out"]
    assert (inside["clients"], inside["lost"], outside["clients"], outside["lost"]) == (6, 1, 12, 1)
    assert inside["points"][-1] == [9, 0.8333, 0.2731, 0.9747, 5], "of six, one is lost"
    assert inside["points"][4] == [4, 1, 0.6070, 1, 0], "nobody is observed inside before they enter: six are later"
    assert outside["points"][0] == [0, 1, 1, 1, 12]
    assert outside["points"][3] == [3, 1, 0.7791, 1, 12], "that none of twelve is lost does not prove that all stay"
    assert outside["points"][4] == [4, 0.9167, 0.5390, 0.9878, 11], "of twelve, one is lost"
    assert outside["points"][-1][::4] == [9, 5]


def test_cohorts_count_a_client_until_it_is_lost_and_in_the_programme_only_from_then(
    session: Session, cast: Cast
) -> None:
    now, line = datetime(2026, 12, 1, 9, tzinfo=UTC), make_product(session, cast.director, "Line")
    office = make_bundle(session, cast.director, line, name="Office")
    for number in range(12):
        client = make_client(session, cast.hunter, at=AT)
        client.attracted_at, client.attracted_by = AT, cast.hunter
        make_engagement(session, client, cast.clerk, at=AT)
        if number % 2:
            make_contract(session, client, 100, AT.date(), product=(line, office)[number % 4 == 1])
        if number < 3:
            gone = AT + timedelta(days=70 + 40 * number)
            loss = Loss.record(session, client, "closed", gone.date(), by=cast.director, at=gone)
            loss.mistaken, loss.won_back_at = number == 2, gone if number == 2 else None
    session.flush()
    found = cohorts(session, now.date())
    (everybody,) = found["all"]
    assert (everybody["clients"], everybody["lost"]) == (12, 2)
    assert [point[1] for point in everybody["points"][:5]] == [1, 1, 1, pytest.approx(11 / 12, abs=1e-4), 0.8333]
    assert everybody["forecast"] is None, "two losses are too few"
    (month,) = found["month"]
    assert month["marks"]["3"] == [11, 12]
    assert month["marks"]["12"] is None
    assert [group["name"] for group in found["hunter"]] == [cast.hunter.name]
    assert {group["key"]: group["clients"] for group in found["programme"]} == {"in": 0, "out": 12}
    bought = [(group["name"], group["clients"]) for group in found["product"]]
    assert bought == [("Line", 6), ("Office", 3)], "a bundle's clients are its parts' too"
