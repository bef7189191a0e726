"""Built files with their hash in the name, so that a browser keeps them for ever."""

import json
from functools import cache
from pathlib import Path

from flask import current_app, Flask, request, Response, url_for


def register(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.after_request(keep_for_ever)


@cache
def manifest(folder: str) -> dict[str, str]:
    """Source name -> built name. Empty before the first build, so that commands work without it."""
    path = Path(folder) / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def asset(name: str) -> str:
    """The address of a built file."""
    return url_for("static", filename=manifest(str(current_app.static_folder)).get(name, name))


def keep_for_ever(answer: Response) -> Response:
    if request.endpoint == "static" and answer.status_code in (200, 304):
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
