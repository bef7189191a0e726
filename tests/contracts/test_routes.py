"""Every address has an access decision, and nobody comes in without one."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.cast import Cast
from tests.support.client import StrictClient
from tests.support.sources import nothing, templates, where
from webapp import create_app
from webapp.settings import Settings
from webapp.web.security import csrf

MOST_STATEMENTS = 20

EXAMPLES = {"IntegerConverter": 1, "UnicodeConverter": "x", "PathConverter": "x", "AnyConverter": None}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application for its list of addresses; it reads no database."""
    return create_app(Settings(secret_key="for tests only", instance=tmp_path_factory.mktemp("routes"), testing=True))


def test_every_route_says_who_may_come_in(routes: Flask) -> None:
    found = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in _rules(routes)
        if not hasattr(routes.view_functions[rule.endpoint], "access")
    ]
    nothing(found, "put @requires(Permission.X, Entity), @signed_in or @public on the view")


def test_a_view_loads_allows_changes_and_answers_and_nothing_else(routes: Flask) -> None:
    """A question to the database has a name in ``queries``; what takes more lines is a rule, a form or a helper."""
    found = []
    for view in {inspect.unwrap(view) for view in routes.view_functions.values()}:
        if not view.__module__.startswith("webapp."):
            continue
        (told,) = ast.parse(textwrap.dedent(inspect.getsource(view))).body
        body = told.body[1:] if ast.get_docstring(told) else told.body
        statements = sum(isinstance(part, ast.stmt) for line in body for part in ast.walk(line))
        asks = {"select", "update", "delete", "insert", "text"} & {
            part.func.id for part in ast.walk(told) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
        }
        if asks and view.__module__ != "webapp.web.healthz":
            found.append(f"{view.__module__}.{view.__name__} asks the database itself: {', '.join(asks)}")
        if statements > MOST_STATEMENTS:
            found.append(f"{view.__module__}.{view.__name__} has {statements} statements")
    nothing(sorted(found), f"a view is about ten lines, and at most {MOST_STATEMENTS} statements")


ASKED_BY_MAIL_PROGRAMS = {"webapp.web.mailings.stop"}
"""They know no token of ours, and the address alone is the key."""


def test_no_form_is_exempt_from_the_csrf_token(routes: Flask) -> None:
    found = [*map(str, csrf._exempt_views - ASKED_BY_MAIL_PROGRAMS), *map(str, csrf._exempt_blueprints)]
    nothing(found, "every writing request carries the token")


def test_numbers_in_addresses_are_numbers(routes: Flask) -> None:
    found = [
        rule.rule for rule in _rules(routes) for name in rule.arguments if name == "id" and "<int:id>" not in rule.rule
    ]
    nothing(found, "write <int:id>, so that anything else is a 404 before the view")


def test_strangers_are_sent_to_the_login_from_every_page(cast: Cast, client: StrictClient) -> None:
    found = []
    for rule in _rules(client.application):
        if client.application.view_functions[rule.endpoint].access == "public":
            continue
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.open(_address(client.application, rule), method=method)
            if answer.status_code != 302 or "/login" not in answer.location:
                found.append(f"{method} {rule.rule} answers {answer.status_code}")
    nothing(found, "a stranger sees the login and nothing else")


def test_every_address_in_a_template_leads_somewhere(routes: Flask) -> None:
    address = re.compile(r"""(href|action|hx-(?:get|post))=["'](/(?:{{[^}]*}}|[^"'#?{])*)""")
    found = []
    for file in templates():
        for how, path in address.findall(file.read_text()):
            methods = ["POST"] if how == "hx-post" else ["GET"] if how in {"href", "hx-get"} else ["GET", "POST"]
            example = re.sub(r"{{.*?}}", "1", path)
            if not any(_leads(routes, example, method) for method in methods):
                found.append(f"{where(file)} {how}={path}")
    nothing(found, "no route answers")


def _leads(app: Flask, path: str, method: str) -> bool:
    return app.url_map.bind("localhost").test(path, method)


def _rules(app: Flask) -> Iterator[Rule]:
    yield from (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")


def _address(app: Flask, rule: Rule) -> str:
    """An address that the rule matches, whether or not something is there."""
    values = {}
    for name, converter in rule._converters.items():
        example = EXAMPLES[type(converter).__name__]
        values[name] = next(iter(converter.items)) if example is None else example
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)
