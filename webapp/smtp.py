"""One letter's dialogue with the SMTP server, and what is known after it."""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import auto, Enum

from webapp.domain.mail_settings import MailSecurity

TIMEOUT = 30
"""Seconds that the server may take for one answer."""


class Known(Enum):
    """What is known of the letter after the dialogue."""

    TAKEN = auto()
    LATER = auto()
    """Not taken, and worth another attempt."""
    NEVER = auto()
    UNSURE = auto()
    """Handed over, and no answer came."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where letters leave. The password is shown by no representation."""

    host: str
    port: int
    security: MailSecurity
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known, and the server's last words. ``reached`` says whether it let us in at all."""

    known: Known
    text: str
    reached: bool = True


class Refusal(Exception):
    """The server said no: its code and words."""

    def __init__(self, code: int, words: bytes) -> None:
        self.text = f"{code} {words.decode('utf-8', 'replace')}"
        super().__init__(self.text)
        self.known = Known.NEVER if 500 <= code < 600 else Known.LATER


class Dialogue:
    """The dialogue about one letter. ``handed_over`` turns true before the last byte of its text leaves."""

    def __init__(self, server: Server, *, patience: float | None = None) -> None:
        self.server, self.handed_over, self.reached = server, False, False
        self.patience = patience or TIMEOUT

    def hold(self, sender: str, recipient: str, message: bytes) -> Answer:
        """Offer the letter to the server. Nothing is raised for what a server or a network does."""
        try:
            smtp = self._open()
            self.reached = True
            try:
                return Answer(Known.TAKEN, self._offer(smtp, sender, recipient, message))
            finally:
                with suppress(smtplib.SMTPException, OSError):  # a bad farewell changes nothing
                    smtp.quit()
                smtp.close()
        except Refusal as refusal:
            return Answer(refusal.known, refusal.text)
        except smtplib.SMTPResponseException as error:  # the greeting, TLS or the password: ours or theirs to repair
            return self._broken(f"{error.smtp_code} {_words(error.smtp_error)}")
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            return self._broken(f"{type(error).__name__}: {error}")

    def _broken(self, text: str) -> Answer:
        return Answer(Known.UNSURE if self.handed_over else Known.LATER, text, self.reached)

    def _open(self) -> smtplib.SMTP:
        server = self.server
        safe = server.security is not MailSecurity.NONE
        context = ssl.create_default_context() if safe else None  # it reads a hundred certificates
        if server.security is MailSecurity.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self.patience, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self.patience)
        try:
            smtp.ehlo_or_helo_if_needed()
            if server.security is MailSecurity.STARTTLS:
                smtp.starttls(context=context)
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _offer(self, smtp: smtplib.SMTP, sender: str, recipient: str, message: bytes) -> str:
        options = ["SMTPUTF8", "BODY=8BITMIME"] if not (sender + recipient).isascii() else []
        if options and not smtp.has_extn("smtputf8"):
            raise Refusal(553, b"The server takes no address with letters other than a-z before the @")
        smtp.command_encoding = "utf-8" if options else "ascii"
        _expect(smtp.mail(sender, options), 250)
        _expect(smtp.rcpt(recipient), 250, 251)
        _expect(smtp.docmd("DATA"), 354)
        text = re.sub(rb"(?m)^\.", b"..", message)
        smtp.send(text if text.endswith(b"\r\n") else text + b"\r\n")
        self.handed_over = True
        smtp.send(b".\r\n")
        code, words = smtp.getreply()
        if code != 250:
            self.handed_over = False
            raise Refusal(code, words)
        return f"{code} {_words(words)}"


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    code, words = answer
    if code not in codes:
        raise Refusal(code, words)


def _words(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
