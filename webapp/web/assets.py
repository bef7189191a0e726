"""Built files with their hash in the name, so that a browser keeps them for ever; everything travels compressed."""

import json
import re
from functools import cache
from pathlib import Path

from flask import current_app, Flask, url_for
from flask_compress import Compress
from whitenoise import WhiteNoise

HASHED = re.compile(r"\.[0-9a-zA-Z_-]{6,}\.[a-z0-9]+$")
"""How the build marks a file whose content never changes under its name."""


def register(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.config["COMPRESS_ALGORITHM"] = ["zstd", "br", "gzip"]
    app.config["COMPRESS_STREAMS"] = False
    Compress(app)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=app.static_folder if Path(str(app.static_folder)).is_dir() else None,
        prefix="static/",
        autorefresh=app.debug,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: HASHED.search(url) is not None,
        add_headers_function=lambda headers, path, url: headers.add_header("X-Content-Type-Options", "nosniff"),
    )


@cache
def manifest(folder: str) -> dict[str, str]:
    """Source name -> built name. Empty before the first build, so that commands work without it."""
    path = Path(folder) / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {}


def asset(name: str) -> str:
    """The address of a built file."""
    return url_for("static", filename=manifest(str(current_app.static_folder)).get(name, name))
