"""Headers, forged requests, throttle."""

from flask import Flask, g, request, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from webapp.db import db
from webapp.web import answers


class Throttle(Limiter):
    """Views say by ``@limiter.limit`` how often they may be asked, and look themselves; nobody looks for the others."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


csrf = CSRFProtect()
limiter = Throttle(get_remote_address, storage_uri="memory://", strategy="moving-window")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    )
)

BODILESS = (204, 304)


def register(app: Flask) -> None:
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # ends with the session; a form left open over lunch must still work
    csrf.init_app(app)
    limiter.init_app(app)
    answers.register(app)
    app.after_request(protect)
    app.teardown_request(release)


def protect(answer: Response) -> Response:
    """Headers of every answer. Pages are never kept by a browser or proxy; hashed assets for ever. Where there is
    nothing to show, as in answer to most polls, nothing is told about showing it."""
    headers = answer.headers
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    if answer.status_code not in BODILESS:
        headers.setdefault("Content-Security-Policy", POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    return answer


def release(error: BaseException | None) -> None:
    """Give the connection back at once; a read must not hold SQLite's snapshot."""
    g.pop("actor", None)
    db.session.remove()
