"""Password hashes: argon2id. Slow on purpose, so never inside a write transaction."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's recommendation: 19 MiB, so that many people may log in at once on a small machine."""


def make(password: str) -> str:
    """The hash to keep."""
    return hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Takes as long for a person who has none, or whom nobody knows."""
    try:
        return hasher.verify(password_hash or _nobodys(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return hasher.hash("nobody's")
