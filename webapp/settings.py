"""Every knob, read once from the environment."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set. Each field is the environment variable of its name in capitals."""

    database_url: str = ""
    """SQLAlchemy's address; empty means the embedded SQLite file in ``instance/``."""
    instance: Path = field(default=ROOT / "instance")
    """Where the embedded database, the job queue and the secret key live."""
    secret_key: str = ""
    """Signs sessions. Empty: a random key kept in ``instance/secret_key``. Several hosts need the same one."""
    port: int = 8000
    """Where ``make run`` serves."""
    host: str = "127.0.0.1"
    """The address to listen at; 0.0.0.0 for everybody, behind a proxy that adds TLS."""
    public_url: str = ""
    """Where people reach Baton, ``https://baton.example.com``: links in letters and links to copy begin with it. Empty:
    as the browser of whoever sends them names it, which somebody who forges a request may choose."""
    threads: int = 8
    """Requests served at once by one process."""
    processes: int = 1
    """Web processes. More than one wants PostgreSQL."""
    printers: int = 2
    """Job workers, which print the PDFs and apply imports: with two, a long import does not delay a print."""
    smtp_host: str = ""
    """The server that ``smtp_password`` is for. It is said to no other, whatever the settings page names."""
    smtp_password: str = field(default="", repr=False)
    """The password of the server that sends letters; the rest of it stands on the settings page. Never stored."""
    behind_proxy: bool = False
    """Trust one proxy's X-Forwarded headers, and send cookies over TLS only."""
    testing: bool = False
    """Set by the tests: nothing else changes its behaviour but the throttle."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Settings from the environment's variables; unset ones keep their defaults."""

        def number(name: str, default: int) -> int:
            text = environment.get(name, "")
            if not text:
                return default
            if not text.isdigit():
                raise SystemExit(f"{name} must be a number, not {text!r}")
            return int(text)

        public_url = environment.get("PUBLIC_URL", "").strip().rstrip("/")
        if public_url and not re.fullmatch(r"https?://[^\s/?#@]+", public_url):
            raise SystemExit(f"PUBLIC_URL must be like https://baton.example.com, not {public_url!r}")
        instance = Path(environment.get("INSTANCE") or ROOT / "instance").absolute()
        return cls(
            database_url=environment.get("DATABASE_URL", ""),
            instance=instance,
            secret_key=environment.get("SECRET_KEY", ""),
            port=number("PORT", 8000),
            host=environment.get("HOST", "127.0.0.1"),
            public_url=public_url,
            threads=number("THREADS", 8),
            processes=number("PROCESSES", 1),
            printers=number("PRINTERS", 2),
            smtp_host=environment.get("SMTP_HOST", "").strip(),
            smtp_password=environment.get("SMTP_PASSWORD", ""),
            behind_proxy=environment.get("BEHIND_PROXY", "") in ("1", "true", "yes"),
        )

    @property
    def database(self) -> str:
        """The database's address with the driver we ship."""
        if not self.database_url:
            return f"sqlite:///{self.instance / 'baton.db'}"
        scheme, separator, rest = self.database_url.partition("://")
        return (
            f"postgresql+psycopg://{rest}" if separator and scheme in ("postgres", "postgresql") else self.database_url
        )

    def password_for(self, host: str) -> str:
        """The password, where that is the server it is for. Whoever may name another server learns it so never."""
        return self.smtp_password if host and host.lower() == self.smtp_host.lower() else ""

    def key(self) -> str:
        """The secret key, made on first use and readable by its owner only."""
        if self.secret_key:
            return self.secret_key
        self.instance.mkdir(parents=True, exist_ok=True)
        path = self.instance / "secret_key"
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text()
