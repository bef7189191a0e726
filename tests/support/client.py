"""A test client that behaves like a careful browser: it carries the CSRF token and reads every answer strictly."""

import secrets
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from tests.support.html import faults
from tests.support.watch import Watch

WRITING = {"POST", "PUT", "PATCH", "DELETE"}


class StrictClient(FlaskClient):
    """Fails the test when an answer breaks a house rule: see :func:`tests.support.html.faults`.

    Pass ``csrf=False`` to send a writing request as a foreign page would, without the token, and ``htmx=True`` or
    ``htmx="div#target"`` to ask as htmx does.
    """

    before_request: Any = None
    """Called before each request: the test's own session commits what the test arranged."""

    def open(self, *args: Any, csrf: bool = True, htmx: bool | str = False, **kwargs: Any) -> TestResponse:
        if self.before_request:
            self.before_request()
        headers = dict(kwargs.pop("headers", None) or {})
        if kwargs.get("method", "GET") in WRITING and csrf:
            headers.setdefault("X-CSRFToken", self.csrf_token())
        if htmx:
            headers |= {"HX-Request": "true"} | ({"HX-Target": htmx} if isinstance(htmx, str) else {})
        kwargs.setdefault("buffered", True)
        watch = Watch.of(self.application)
        watch.forget()
        answer = super().open(*args, headers=headers, **kwargs)
        watch.judge(answer)
        if answer.mimetype == "text/html" and not answer.is_streamed and not answer.location:
            found = faults(answer.get_data(as_text=True))
            if found:
                listed = "\n  - ".join(found[:12])
                raise AssertionError(f"{answer.request.method} {answer.request.path} answers with\n  - {listed}")
        return answer

    def csrf_token(self) -> str:
        """A token that the application accepts from this client's session."""
        with self.session_transaction() as cookie:
            secret = cookie.setdefault("csrf_token", secrets.token_hex(20))
        signer = URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token")
        return signer.dumps(secret)

    def submit(self, page: TestResponse, form: str, /, **values: Any) -> TestResponse:
        """Sends the form that the CSS selector finds on a page with the values a person would send unchanged,
        except for those given; a value of None leaves its field out."""
        found = soup(page).select_one(form)
        assert found is not None, f"{page.request.path} has no {form}"
        fields = {name: value for name, value in _filled(found) if name not in values}
        fields |= {name: value for name, value in values.items() if value is not None}
        method = str(found.get("method", "get")).upper()
        where = {"query_string": fields} if method == "GET" else {"data": fields}
        return self.open(str(found["action"]), method=method, headers={"Referer": page.request.url}, **where)


def soup(answer: TestResponse) -> BeautifulSoup:
    """An answer to look around in with CSS selectors; made once, for tests look and do not change it.
    lxml reads it in a fraction of the time that Python's own parser takes."""
    if "soup" not in vars(answer):
        answer.soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
    return answer.soup


def _filled(form) -> list[tuple[str, Any]]:
    """What a browser would send of a form that nobody touched; a name that repeats keeps all its values."""
    fields: dict[str, list[str]] = {}
    for field in form.select("input[name], select[name], textarea[name]"):
        if field.has_attr("disabled") or field.get("type") in {"submit", "button", "file", "reset", "image"}:
            continue
        if field.name == "textarea":
            values = [field.get_text()]
        elif field.name == "select":
            options = field.select("option")
            chosen = [option for option in options if option.has_attr("selected")]
            if not chosen and not field.has_attr("multiple"):
                chosen = options[:1]
            values = [option.get("value", option.get_text()) for option in chosen]
        elif field.get("type") in {"checkbox", "radio"}:
            values = [field.get("value", "on")] if field.has_attr("checked") else []
        else:
            values = [field.get("value", "")]
        fields.setdefault(field["name"], []).extend(values)
    return [(name, values[0] if len(values) == 1 else values) for name, values in fields.items() if values]
