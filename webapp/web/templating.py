"""What every template may use. Undefined names fail: a fragment rendered alone must be complete."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, g
from flask_babel import get_locale
from jinja2 import StrictUndefined

from webapp.domain import permissions, words
from webapp.web.access import can
from webapp.web.clock import now


def register(app: Flask) -> None:
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.do")
    environment.globals.update(
        can=can, now=now, Department=words.Department, Role=words.Role, Permission=permissions.Permission
    )
    environment.globals["line_points"] = line_points
    app.context_processor(who_and_where)
    with app.app_context(), app.test_request_context():
        macros = environment.get_template("macros.html").module
    environment.globals.update({name: macro for name, macro in vars(macros).items() if not name.startswith("_")})


def line_points(values: Sequence[int], low: int, high: int) -> str:
    """A sparkline's corners, in a box of 100 by 24. A list draws hundreds: Jinja takes ten times as long."""
    apart, whole = 100 / (len(values) - 1), (high - low) or 1
    return " ".join(f"{place * apart:.1f},{23 - 22 * (value - low) / whole:.1f}" for place, value in enumerate(values))


def who_and_where() -> dict[str, Any]:
    return {"actor": g.get("actor"), "locale": str(get_locale() or "en")}
