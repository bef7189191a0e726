"""The Flask application, without what it would do anew for each request though nothing ever changes."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class Cookie(SecureCookieSessionInterface):
    """Flask's signed session cookie. Its signer is made once: making it takes longer than reading a cookie."""

    signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        self.signer = self.signer or super().get_signing_serializer(app)
        return self.signer


class Application(Flask):
    """Its views and hooks are plain functions: Flask would look at each of a dozen whether it is a coroutine."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session_interface = Cookie()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
