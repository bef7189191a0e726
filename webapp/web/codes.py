"""Codes of the second factor: those of an authenticator app, its QR picture, and recovery codes."""

import hmac
import secrets
from datetime import datetime

import pyotp
import segno

SECONDS = 30
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the letters and digits that look alike."""
RECOVERY_CODES = 10


def new_secret() -> str:
    return pyotp.random_base32()


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The 30-second step whose code this is, one step early or late included; None when it is none."""
    digits = "".join(code.split())
    now = int(at.timestamp()) // SECONDS
    totp = pyotp.TOTP(secret)
    fitting = [
        step
        for step in (now - 1, now, now + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode())
    ]
    return fitting[0] if fitting else None


def picture(secret: str, email: str) -> str:
    """The QR code for an authenticator app, as an address that holds the whole image."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Baton")
    return str(segno.make(uri, error="m").svg_data_uri(scale=4, border=3, dark="#000", light="#fff"))


def in_fours(secret: str) -> str:
    """A secret as people copy it: in groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 random bits, to be shown once."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)
    ]


def as_recovery_code(text: str) -> str:
    """A recovery code as it was shown, however it was typed."""
    letters = "".join(letter for letter in text.casefold() if letter.isalnum())
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
