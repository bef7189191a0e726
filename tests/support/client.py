"""A test client that behaves like a careful browser: it carries the CSRF token and reads every answer strictly."""

import secrets
from typing import Any

from bs4 import BeautifulSoup
from cssselect2 import ElementWrapper
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from lxml.html import document_fromstring, HtmlElement
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
        found = _tree(page).query(form)
        assert found is not None, f"{page.request.path} has no {form}"
        found = found.etree_element
        fields = {name: value for name, value in _filled(found) if name not in values}
        fields |= {name: value for name, value in values.items() if value is not None}
        method = str(found.get("method", "get")).upper()
        where = {"query_string": fields} if method == "GET" else {"data": fields}
        return self.open(found.get("action"), method=method, headers={"Referer": page.request.url}, **where)


def soup(answer: TestResponse) -> BeautifulSoup:
    """An answer to look around in with CSS selectors; made once, for tests look and do not change it.
    lxml reads it in a fraction of the time that Python's own parser takes."""
    if "soup" not in vars(answer):
        answer.soup = BeautifulSoup(answer.get_data(as_text=True), "lxml")
    return answer.soup


def _tree(answer: TestResponse) -> ElementWrapper:
    """An answer to find a form in: without a soup around it, lxml reads it in a fraction of the time."""
    if "tree" not in vars(answer):
        answer.tree = ElementWrapper.from_html_root(document_fromstring(answer.get_data(as_text=True)))
    return answer.tree


def _filled(form: HtmlElement) -> list[tuple[str, Any]]:
    """What a browser would send of a form that nobody touched; a name that repeats keeps all its values. lxml's own
    ``form_values`` sends "on" for an empty radio button, and a line more in each textarea."""
    fields: dict[str, list[str]] = {}
    for field in form.iter("input", "select", "textarea"):
        name, kind = field.get("name"), field.get("type")
        if not name or "disabled" in field.attrib or kind in {"submit", "button", "file", "reset", "image"}:
            continue
        if field.tag == "textarea":
            values = [field.text_content().removeprefix("\n")]
        elif field.tag == "select":
            options = [*field.iter("option")]
            chosen = [option for option in options if "selected" in option.attrib]
            if not chosen and "multiple" not in field.attrib:
                chosen = options[:1]
            values = [option.get("value", option.text_content()) for option in chosen]
        elif kind in {"checkbox", "radio"}:
            values = [field.get("value", "on")] if "checked" in field.attrib else []
        else:
            values = [field.get("value", "")]
        fields.setdefault(name, []).extend(values)
    return [(name, values[0] if len(values) == 1 else values) for name, values in fields.items() if values]
