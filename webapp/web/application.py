"""The Flask application, without what it would do anew for each request though nothing ever changes."""

from collections.abc import Callable
from functools import lru_cache
from time import time
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, URLSafeTimedSerializer


class Signer(URLSafeTimedSerializer):
    """Remembers which cookies it has verified, and what they held: an open board sends the same one for hours."""

    def loads(self, s: str | bytes, max_age: int | None = None, **asked: Any) -> Any:
        payload, signed_at = self._verified(s)
        if max_age is not None and not 0 <= int(time()) - signed_at <= max_age:
            raise SignatureExpired("The cookie is too old")
        return self.load_payload(payload)

    @lru_cache(4096)  # noqa: B019 - there is one signer, for as long as the process lives
    def _verified(self, cookie: str | bytes) -> tuple[bytes, int]:
        """The signed payload and when it was signed. One that is not ours is refused, and never remembered."""
        payload, signed_at = self.make_signer(self.salt).unsign(cookie, return_timestamp=True)
        return payload, int(signed_at.timestamp())


class Cookie(SecureCookieSessionInterface):
    """Flask's signed session cookie. Its signer is made once: making it takes longer than reading a cookie."""

    signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self.signer is None and (usual := super().get_signing_serializer(app)) is not None:
            about = {"serializer": self.serializer, "signer_kwargs": usual.signer_kwargs}
            self.signer = Signer(usual.secret_keys, salt=self.salt, **about)
        return self.signer


class Application(Flask):
    """Its views and hooks are plain functions: Flask would look at each of a dozen whether it is a coroutine."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session_interface = Cookie()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
