"""A private PostgreSQL for one run of the tests, from whatever server binaries the machine has.

It listens on a socket in its own temporary folder only, so it meets no other server, and it writes nothing to disk
that has to survive: durability is off.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROLE = "baton"
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
"""Knows Cyrillic capitals, as a production database does."""
FAST = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "80",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}


class PostgresMissing(Exception):
    """The machine has no PostgreSQL server binaries."""


def binaries() -> Path:
    """The folder of the newest installed ``initdb`` and ``postgres``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise PostgresMissing(
        "The suite runs on PostgreSQL too and finds no server binaries: `apt-get install postgresql` "
        "(or your system's package), or name a server in TEST_DATABASE_URL."
    )


def unprivileged() -> dict[str, object]:
    """How to start a process as somebody PostgreSQL accepts: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    somebody = known.get("postgres") or known["nobody"]
    return {"user": somebody.pw_uid, "group": somebody.pw_gid, "extra_groups": []}


def _end_with_parent() -> None:
    """Asks Linux to stop the server when the tests are killed and cannot stop it themselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


class PrivatePostgres:
    """A server that lives as long as this object: ``start()``, ``url(database)``, ``stop()``."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="baton-pg-"))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Makes the cluster and waits until it answers, 30 seconds at most."""
        tools, somebody = binaries(), unprivileged()
        if somebody:
            os.chown(self.folder, somebody["user"], somebody["group"])  # type: ignore[arg-type]
        data = self.folder / "data"
        quiet = {"cwd": self.folder, "stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, **somebody}
        words = ["UTF8", f"--locale={LOCALE}", "--no-sync"]
        subprocess.run([tools / "initdb", "-D", data, "-U", ROLE, "-A", "trust", "-E", *words], check=True, **quiet)
        settings = [part for name, value in FAST.items() for part in ("-c", f"{name}={value}")]
        command = [tools / "postgres", "-D", data, "-k", self.folder, *settings]
        with (self.folder / "log").open("wb") as log:
            # Safe here: this process has no second thread yet.
            self.process = subprocess.Popen(command, preexec_fn=_end_with_parent, stderr=log, **quiet)  # noqa: PLW1509
        ready = [tools / "pg_isready", "-q", "-h", self.folder, "-U", ROLE, "-d", "postgres"]
        for _ in range(300):
            if subprocess.run(ready, check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise TimeoutError(f"PostgreSQL in {self.folder} did not answer within 30 seconds")

    def stop(self) -> None:
        """Ends the server at once and removes its folder."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """The address SQLAlchemy connects to."""
        return f"postgresql+psycopg://{ROLE}@/{database}?host={self.folder}"
