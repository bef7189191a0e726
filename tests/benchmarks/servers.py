"""The servers under measurement, and the stop watch. Everything stays on the loopback interface."""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from bs4 import BeautifulSoup

HELLO = """
from flask import Flask
app = Flask(__name__)
@app.get("/")
def hello():
    return "Hello, world!"
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(application: str, folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """The application under gunicorn as ``flask serve`` runs it; yields its port."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "python:webapp.server",
        "--chdir",
        str(folder),
        application,
    ]
    server = subprocess.Popen(
        command,
        env={
            **os.environ,
            **environment,
            "PORT": str(port),
            "PYTHONPATH": os.pathsep.join((str(folder), str(Path.cwd()))),
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if server.poll() is not None:
                    raise SystemExit(f"{application} does not start") from None
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


class Browser:
    """One keep-alive connection with cookies, and nothing else that would cost time."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.status, self.body, self.headers = 0, b"", {}

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> bytes:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is None:
            self.connection.request("GET", path, headers=sent)
        else:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            self.connection.request("POST", path, urlencode(form), sent)
        answer = self.connection.getresponse()
        self.body, self.status, self.headers = answer.read(), answer.status, dict(answer.getheaders())
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return self.body

    def log_in(self, email: str, password: str) -> None:
        form = BeautifulSoup(self.ask("/login"), "html.parser").select_one("form:has(input[type=password])")
        assert form is not None, "no login form"
        fields = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
        fields.pop("remember", None)
        self.ask("/login", {**fields, "email": email, "password": password})
        assert self.status == 303, f"log in: {self.status}"


def median_ms(ask: Callable[[], None], hello: Callable[[], None], times: int) -> tuple[float, float]:
    """The median of ``times`` requests and of as many bare pages asked in turn with them, in milliseconds."""
    for _ in range(10):
        ask(), hello()
    ours, bare = [], []
    for _ in range(times):
        for taken, request in ((ours, ask), (bare, hello)):
            start = time.perf_counter()
            request()
            taken.append(time.perf_counter() - start)
    return statistics.median(ours) * 1000, statistics.median(bare) * 1000
