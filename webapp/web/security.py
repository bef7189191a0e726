"""Headers, forged requests, throttle."""

from flask import Flask, g, request, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect

from webapp.db import db
from webapp.web import answers

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")

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


def register(app: Flask) -> None:
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # ends with the session; a form left open over lunch must still work
    csrf.init_app(app)
    limiter.init_app(app)
    answers.register(app)
    app.after_request(protect)
    app.teardown_request(release)


def protect(answer: Response) -> Response:
    """Headers of every answer. Pages are never kept by a browser or proxy; hashed assets for ever."""
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return answer


def release(error: BaseException | None) -> None:
    """Give the connection back at once; a read must not hold SQLite's snapshot."""
    g.pop("actor", None)
    db.session.remove()
