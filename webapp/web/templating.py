"""What every template may use. Undefined names fail: a fragment rendered alone must be complete."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import get_locale
from jinja2 import StrictUndefined

from webapp.domain import permissions, words
from webapp.web.access import can
from webapp.web.clock import now

MARKS = ("avatar", "icon")
"""Macros that say the same for the same words, in every language. A page asks for dozens; ``typed``, since words that
are HTML already equal those that are not."""


def register(app: Flask) -> None:
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.do")
    environment.globals.update(
        can=can, now=now, Department=words.Department, Role=words.Role, Permission=permissions.Permission
    )
    environment.globals.update(line_points=line_points, url_for=address)
    app.context_processor(who_and_where)
    with app.app_context(), app.test_request_context():
        macros = environment.get_template("macros.html").module
    environment.globals.update({name: macro for name, macro in vars(macros).items() if not name.startswith("_")})
    for name in MARKS:
        environment.globals[name] = lru_cache(2048, typed=True)(environment.globals[name])


def address(endpoint: str, **values: Any) -> str:
    """Flask's ``url_for``. A page has a hundred addresses, most of which stood on the last one too; routing takes ten
    times as long to write one as to remember it. Paths only: a whole address would keep the host asked first."""
    if "_external" in values:
        return url_for(endpoint, **values)
    try:
        return _address(request.script_root, endpoint, **values)
    except TypeError:  # a list of values cannot be remembered
        return url_for(endpoint, **values)


@lru_cache(16384, typed=True)
def _address(root: str, endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values)


def line_points(values: Sequence[int], low: int, high: int) -> str:
    """A sparkline's corners, in a box of 100 by 24. A list draws hundreds: Jinja takes ten times as long."""
    apart, whole = 100 / (len(values) - 1), (high - low) or 1
    return " ".join(f"{place * apart:.1f},{23 - 22 * (value - low) / whole:.1f}" for place, value in enumerate(values))


def who_and_where() -> dict[str, Any]:
    return {"actor": g.get("actor"), "locale": str(get_locale() or "en")}
