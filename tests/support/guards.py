"""What a test may not do, refused at the moment it tries, with the reason.

Python reports sockets and SQLite files to its audit hooks, so nothing has to be patched. A hook cannot be taken off
again: this one asks what the running test is allowed.
"""

import ipaddress
import sys
from contextlib import contextmanager
from typing import Any

_allowed = {"files": True}


class Refused(AssertionError):
    """A test reached for something that would make it slow or depend on the world outside."""


def install() -> None:
    """From now on no code of this process reaches another machine."""
    sys.addaudithook(_watch)


@contextmanager
def memory_only():
    """Within, a database is one in memory: what the domain decides needs no file."""
    _allowed["files"] = False
    try:
        yield
    finally:
        _allowed["files"] = True


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        _only_loopback(args[1])
    elif event == "socket.getaddrinfo":
        _only_loopback((args[0],))
    elif event == "sqlite3.connect" and not _allowed["files"] and str(args[0]) != ":memory:":
        raise Refused(
            f"A test of the domain opens {args[0]}. The domain decides from what it is handed: build the entities, "
            "or ask for the `session` fixture of tests/domain, which is a database in memory."
        )


def _only_loopback(address: Any) -> None:
    if not isinstance(address, tuple):
        return  # a socket file
    host = address[0]
    if host in (None, "", "localhost", b"localhost"):
        return
    try:
        local = ipaddress.ip_address(host if isinstance(host, str) else host.decode()).is_loopback
    except ValueError:
        local = False
    if not local:
        raise Refused(f"A test asks for {host}. No test leaves this machine: hand in what the other side would answer.")
