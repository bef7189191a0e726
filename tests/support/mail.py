"""A real SMTP server for tests: it listens on this machine, keeps what it accepts, and fails as it is told."""

import asyncio
import ssl
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

PASSWORD = "letters pass"


class Post:
    """What the server does at each step; ``answers`` gives other replies than the usual ones."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.answers: dict[str, str] = {}
        self.drops: set[str] = set()
        """Steps at which the connection is cut: ``rcpt``, ``data``, and ``taken``, when the text is accepted."""
        self.waits: set[str] = set()
        """Steps at which the server says nothing until it stops."""
        self.tried = 0
        self.left = Event()
        """Set when a client said QUIT."""
        self.on_taken: Callable[[], None] | None = None
        """Called when the text is accepted, before the client hears of it."""

    @property
    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(content, policy=policy.default) for _, _, content in self.taken]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        self.tried += 1
        envelope.mail_from = address
        return await self._step("mail", server)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        answer = await self._step("rcpt", server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await self._step("data", server)
        if answer.startswith("250"):
            self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
            if self.on_taken:
                await asyncio.get_running_loop().run_in_executor(None, self.on_taken)
            answer = await self._step("taken", server)
        return answer

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.left.set()
        return "221 Bye"

    async def _step(self, name: str, server: Any) -> str:
        if name in self.waits:
            await asyncio.sleep(3600)
        if name in self.drops:
            server.transport.abort()
            return "421 Dropped"
        return self.answers.get(name, "250 OK")


class PostOffice(Controller):
    """The server in a thread of its own, at a free port; ``tls`` makes it offer STARTTLS."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, password: bool = False) -> None:
        self.post = Post()
        options: dict[str, Any] = {"tls_context": tls, "require_starttls": tls is not None}
        if password:
            options |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": tls is not None}
        super().__init__(self.post, hostname="127.0.0.1", port=0, **options)

    def _trigger_server(self) -> None:
        """The port is known only now: it was chosen by the system."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def close(self) -> None:
        """Stop, if it still runs."""
        if self._thread is not None:
            self.stop()


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=False)
