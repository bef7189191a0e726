"""An operator's first hour: a database from nothing, the commands as they are typed, and serving at a port."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.support.sources import ROOT
from webapp import create_app
from webapp.settings import Settings

pytestmark = pytest.mark.one_database

Flask = Callable[..., str]


@pytest.fixture
def typed(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has a database of their own to fill."""
    return os.environ | {"INSTANCE": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/own.db"}


@pytest.fixture
def flask(typed: dict[str, str]) -> Flask:
    def run(*words: str) -> str:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(command, cwd=ROOT, env=typed, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_database_from_nothing_its_figures_and_serving(flask: Flask, typed, tmp_path) -> None:
    flask("db", "upgrade")
    figures = json.loads(flask("stats", "--json"))
    assert figures["clients"] == 0
    assert set(figures["engagements"]) == {"total", "sales", "client", "vip"}

    port = _free_port()
    serving = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env=typed | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        heard = []
        for line in serving.stdout:
            heard.append(line)
            if "Listening at" in line:
                break
        assert f"Baton serves at http://127.0.0.1:{port}\n" in heard
        with urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert (answer.status, answer.read()) == (200, b"ok\n")
        with sqlite3.connect(tmp_path / "own.db") as gone:
            gone.execute("ALTER TABLE company RENAME TO elsewhere")
        with pytest.raises(HTTPError) as refused:
            urlopen(f"http://127.0.0.1:{port}/healthz")
        with refused.value as answer:
            assert answer.status == 503
    finally:
        serving.terminate()
        serving.communicate(timeout=30)


def test_health_is_no_trace_where_the_database_is_not_there(tmp_path: Path, caplog) -> None:
    nowhere = "postgresql+psycopg://nobody:secret@127.0.0.1:1/none"
    app = create_app(Settings(database_url=nowhere, secret_key="for tests only", instance=tmp_path))
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


def test_the_import_says_how_it_is_used(app) -> None:
    said = app.test_cli_runner().invoke(args=["import", "--help"]).output
    for word in ("PATHS", "--preview", "--yes", "--json", "--undo", "accounts", "held back"):
        assert word in said


def test_what_the_system_lacks_and_nobody_may_install_is_named_in_one_line(tmp_path: Path) -> None:
    """Somebody without rights, on a machine without Pango."""
    for name, text in {".venv/bin/python": "exit 1", "bin/id": "echo 1000", "bin/sudo": "exit 1"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    told = subprocess.run(
        [ROOT / ".ci" / "system", "pango", "Proposals as PDF need Pango"],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (1, "", 1)
    assert told.stderr.startswith("Proposals as PDF need Pango: sudo apt-get install libpango-1.0-0 ")
