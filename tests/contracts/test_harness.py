"""The guards of this suite themselves: each must be able to fail."""

import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support import guards
from tests.support.apps import World
from tests.support.client import StrictClient
from tests.support.html import faults
from webapp.db import db
from webapp.domain.model import Product
from webapp.jobs import job, later

PAGE = "<!doctype html><html lang=en><head><title>T</title></head><body><main><h1>H</h1>{}</main></body></html>"

WRONG = {
    "not valid HTML": "<p><div></p></div>",
    "the id 'a' stands 2 times": '<p id="a"></p><p id="a"></p>',
    "has no action": '<form method="get"></form>',
    "has no method": '<form action="/x"></form>',
    "posts without csrf_token": '<form action="/x" method="post"></form>',
    "discloses its csrf_token": '<form action="/x" method="get"><input type="hidden" name="csrf_token"></form>',
    "has no label": '<form action="/x" method="get"><input name="q"></form>',
    "inline <script>": "<script>1</script>",
    "has style=": '<p style="color:red"></p>',
    "has onclick=": '<p onclick="x()"></p>',
    "has hx-on:click=": '<p hx-on:click="x()"></p>',
    "leads to another host": '<img alt="" src="https://elsewhere.example/x.png">',
    "needs eval": '<p hx-vals="js:{a: 1}"></p>',
    "has no alt": '<img src="/x.png">',
    "a button says nothing": '<button type="button"></button>',
}


@pytest.mark.parametrize("fault", WRONG)
def test_the_client_sees_what_is_wrong_with_a_page(fault: str) -> None:
    assert any(fault in found for found in faults(PAGE.format(WRONG[fault])))


def test_the_client_sees_what_is_wrong_within_a_partial() -> None:
    answer = '<hx-partial hx-target="#t"><tr><td id="a"></td></tr></hx-partial><p id="a"></p>'
    assert faults(answer) == ["the id 'a' stands 2 times"]


def test_a_template_is_read_by_itself() -> None:
    assert faults(PAGE.format("<table><tbody><template><tr><td></td></tr></template></tbody></table>")) == []
    assert faults(PAGE.format("<template><p><div></div></p></template>"))


def test_a_page_in_order_has_no_faults() -> None:
    form = '<form action="/x" method="get"><label>Name <input name="q"></label><button>Find</button></form>'
    assert faults(PAGE.format(form)) == []


def test_no_test_reaches_another_machine() -> None:
    with pytest.raises(guards.Refused), socket.socket() as connection:
        connection.connect(("192.0.2.1", 80))
    with pytest.raises(guards.Refused):
        socket.getaddrinfo("elsewhere.example", 80)


def test_a_test_of_the_domain_opens_no_file(tmp_path: Path) -> None:
    with guards.memory_only(), pytest.raises(guards.Refused):
        sqlite3.connect(tmp_path / "some.db")


def test_what_one_test_commits_the_next_does_not_find(world: World) -> None:
    held = "SELECT count(*) FROM event"
    with Session(world.engine) as session:
        assert session.scalar(text(held)) == 0
        session.execute(text("INSERT INTO event (kind, at, details) VALUES ('x:y', '2026-01-01 00:00:00', '{}')"))
        session.commit()
    world.restore()
    with Session(world.engine) as session:
        assert session.scalar(text(held)) == 0
        session.execute(text("INSERT INTO event (kind, at, details) VALUES ('x:y', '2026-01-01 00:00:00', '{}')"))
        assert session.scalar(text("SELECT max(id) FROM event")) == 1


def test_a_request_that_forgets_to_commit_fails(world: World, client: StrictClient) -> None:
    with _Route(world.app, _forgetful), pytest.raises(AssertionError, match="never committed"):
        client.get("/healthz")


def test_a_request_whose_job_fails_fails(world: World, client: StrictClient) -> None:
    with _Route(world.app, lambda: later(_failing) or "done"), pytest.raises(AssertionError, match="job that failed"):
        client.get("/healthz")


def test_statements_are_counted(client: StrictClient, statements: Callable[[], object]) -> None:
    with statements() as seen:
        client.get("/healthz")
    assert len(seen) == 1


def _forgetful() -> str:
    db.session.add(Product(name="Forgotten"))
    return "done"


@job
def _failing() -> None:
    raise ValueError("no printer")


class _Route:
    """Lets another function answer /healthz for a while."""

    def __init__(self, app: Flask, view: Callable[[], str]) -> None:
        self.views, self.view = app.view_functions, view

    def __enter__(self) -> None:
        self.kept, self.views["healthz.show"] = self.views["healthz.show"], self.view

    def __exit__(self, *raised: object) -> None:
        self.views["healthz.show"] = self.kept
