"""Headers, forged requests, throttle."""

from flask import current_app, Flask, g, request, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from flask_wtf.csrf import same_origin

from webapp.db import db
from webapp.web import answers


class Throttle(Limiter):
    """Views say by ``@limiter.limit`` how often they may be asked, and look themselves; nobody looks for the others."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


class Forgery(CSRFProtect):
    """Every writing request carries the token. A page whose address is itself a key tells no referrer, so that over
    TLS the browser is asked instead whether its own page sends the form."""

    def protect(self, apply_exemptions: bool = False) -> None:
        if apply_exemptions and self._is_exempt():
            return
        super().protect()
        if request.is_secure and request.method in current_app.config["WTF_CSRF_METHODS"]:
            ours = f"https://{request.host}/"
            site = request.headers.get("Sec-Fetch-Site", "same-origin" if request.blueprint in KEPT_SECRET else "none")
            if not (same_origin(request.referrer, ours) if request.referrer else site == "same-origin"):
                self._error_response("The request comes from another site.")


KEPT_SECRET = frozenset({"mailings", "shared"})
"""Blueprints whose addresses nobody else may learn."""

csrf = Forgery()
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
    app.config["WTF_CSRF_SSL_STRICT"] = False  # our own check below also knows pages without a referrer
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
        headers.setdefault("Referrer-Policy", "same-origin")
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    return answer


def release(error: BaseException | None) -> None:
    """Give the connection back at once; a read must not hold SQLite's snapshot."""
    g.pop("actor", None)
    db.session.remove()
