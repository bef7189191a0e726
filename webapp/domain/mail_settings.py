"""How the company's e-mail leaves: through which server, how protected, from which address."""

import re
from enum import StrEnum

from webapp.domain.errors import Refused
from webapp.domain.words import N_

HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Servers to which a password may go unprotected: it does not leave the machine."""

ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"\\()\[\]\x00-\x1f\x7f]{1,255}")


class MailSecurity(StrEnum):
    """How the dialogue with the server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"

    @property
    def label(self) -> str:
        return {
            "none": N_("No protection"),
            "starttls": N_("STARTTLS (usually port 587)"),
            "tls": N_("TLS (usually port 465)"),
        }[self.value]


def is_address(text: str) -> bool:
    """Whether this may stand in an envelope: one address and nothing that ends a line or begins another."""
    return ADDRESS.fullmatch(text) is not None


def check_mail(host: str, port: int, security: MailSecurity, user: str, sender: str) -> None:
    """Refuse what cannot work, and a password that would cross the network readable."""
    if sender and not is_address(sender):
        raise Refused(N_("This is not an e-mail address"), field="mail_from")
    if not host:
        return
    if HOST.fullmatch(host) is None:
        raise Refused(N_("Write the server's name, for example smtp.example.com"), field="mail_host")
    if not 0 < port < 65536:
        raise Refused(N_("A port is a number from 1 to 65535"), field="mail_port")
    if not sender:
        raise Refused(N_("From which address do the letters come?"), field="mail_from")
    if user and security is MailSecurity.NONE and host not in LOOPBACK:
        raise Refused(
            N_("The password would cross the network readable: choose STARTTLS or TLS"), field="mail_security"
        )
