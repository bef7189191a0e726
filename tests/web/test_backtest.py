"""The back-test and the cohorts as pages and as a command, and weights that a director may adopt."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, UTC
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client, make_contact, make_interaction
from webapp.domain.health import PARTS
from webapp.domain.health_model import HealthModel
from webapp.domain.health_terms import Band, SHIPPED
from webapp.domain.loss import Loss
from webapp.domain.study import Study, StudyKind
from webapp.proof.judging import Look
from webapp.proof.weighing import suggest

NOW = datetime.now(UTC)


def history(session: Session, cast: Cast) -> None:
    """Six clients that were served for half a year; two of them are lost."""
    began = NOW - timedelta(days=250)
    for number in range(6):
        client = make_client(session, cast.clerk, at=began)
        client.attracted_at, client.attracted_by = began, cast.hunter
        contact = make_contact(session, client, at=began)
        make_interaction(session, client, contact=contact, by=cast.clerk, at=began + timedelta(days=20 * number))
        if number < 2:
            gone = NOW - timedelta(days=40 + 30 * number)
            Loss.record(session, client, "closed", gone.date(), by=cast.director, at=gone)
    session.commit()


def test_heads_have_it_worked_out_and_read_it(session: Session, cast: Cast, sign_in: Any, app: Flask) -> None:
    history(session, cast)
    head = sign_in(cast.head_of_client)
    assert "Nothing was worked out yet" in head.get("/health/backtest").text
    for path in ("/health/backtest", "/clients/retention"):
        assert sign_in(cast.clerk).get(path).status_code == 403
        assert sign_in(cast.clerk).post(path).status_code == 403
        assert head.post(path).status_code == 303
    page = head.get("/health/backtest").text
    assert "Too few losses to tell" in page
    assert "2 losses" in page
    assert "Days since the last contact" in page
    assert "Weights are suggested from 24 losses on: there are 2." in page
    assert sign_in(cast.director).get("/health/backtest/adopt").status_code == 404
    for by in ("all", "programme", "hunter", "product", "month", "nonsense"):
        assert "How long clients stay" in head.get(f"/clients/retention?by={by}").text
    assert ">6<" in head.get("/clients/retention").text

    told = app.test_cli_runner().invoke(args=["health", "backtest", "--json"])
    found = json.loads(told.output)
    assert (found["lost"], found["verdict"], found["model"]) == (2, "too_few", 1)
    kept = session.query(Study).filter_by(kind=StudyKind.BACKTEST).one().found
    assert {**found, "day": ""} == {**kept, "day": ""}


@pytest.mark.one_database
def test_weights_follow_the_parts_that_foresee_losses() -> None:
    chance, looks = Random(4), []
    for number in range(900):
        lost = number % 20 == 0
        told = [chance.randint(-100, 100) for _ in PARTS]
        told[1] = chance.randint(-100, 0) if lost else chance.randint(-20, 100)
        looks.append(Look(number // 3, lost, 50, Band.AT_RISK, tuple(told), 1, 1))
    found = suggest(looks, SHIPPED)
    weights = {part["key"]: part["suggested"] for part in found["parts"]}
    assert max(weights, key=weights.__getitem__) == "payments"
    assert all(part["low"] <= part["suggested"] <= part["high"] for part in found["parts"])
    assert found["auc_validated"] > 0.8 > found["auc_now"]
    assert found["allowed"]
    assert suggest(looks[:60], SHIPPED)["ready"] is False
    assert suggest(looks, SHIPPED) == found
    silent = [replace(look, percents=(*look.percents[:-1], 0)) for look in looks]
    found = {part["key"]: part for part in suggest(silent, SHIPPED)["parts"]}
    assert (found["people"]["suggested"], found["people"]["untried"]) == (SHIPPED.weights["people"], True)
    assert not found["payments"]["untried"]
    assert sum(part["suggested"] for part in found.values()) <= sum(SHIPPED.weights.values()) + len(PARTS)


def test_a_director_adopts_suggested_weights_once(session: Session, cast: Cast, sign_in: Any) -> None:
    parts = [{"key": part.key, "now": 1, "suggested": 10 + i, "low": 0, "high": 20} for i, part in enumerate(PARTS)]
    suggestion = {"ready": True, "parts": parts, "lost": 40, "least": 24, "auc_now": 0.6, "auc_validated": 0.7}
    suggestion |= {"calibration": [{"foreseen": 0.1, "lost": 0.1}], "allowed": True}
    none = {"lost": 0, "looks": 5, "taken": 5, "base": None, "verdict": "no_losses", "model": 1}
    study = Study.ask(session, StudyKind.BACKTEST, NOW.date(), by=cast.director, at=NOW)
    study.end(none | {"suggestion": suggestion}, at=NOW)
    session.commit()
    assert "A director adopts them" in sign_in(cast.head_of_vip).get("/health/backtest").text
    assert sign_in(cast.head_of_vip).post("/health/backtest/adopt", data={"reason": "Ours"}).status_code == 403
    director = sign_in(cast.director)
    assert director.post("/health/backtest/adopt", data={"reason": ""}).status_code == 422
    assert director.post("/health/backtest/adopt", data={"reason": "Our own losses say so"}).status_code == 303
    running = HealthModel.running(session)
    assert running is not None
    assert running.terms["weights"] == {part.key: 10 + i for i, part in enumerate(PARTS)}
    assert director.post("/health/backtest/adopt", data={"reason": "Again"}).status_code == 422
    assert "The model has changed since" in director.get("/health/backtest").text


@pytest.mark.one_database
def test_no_web_server_begins_with_the_regression_or_with_workbooks() -> None:
    asked = "import sys, wsgi; sys.exit(' '.join({'sklearn', 'scipy', 'numpy', 'openpyxl'} & set(sys.modules)) or 0)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
