"""Bringing a database to the present schema loses nothing that hangs on the rows of a table that changes."""

import sqlite3
from pathlib import Path

from flask_migrate import upgrade

from tests.support.apps import application, ROOT


def test_whom_a_visit_meets_outlives_the_upgrade(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    app, scripts = application(f"sqlite:///{file}", tmp_path), str(ROOT / "migrations")
    with app.app_context():
        upgrade(scripts, "0041")
    with sqlite3.connect(file) as old:  # without foreign keys: only the two rows matter
        old.execute(
            "INSERT INTO visit (id, client_id, place, state, reason, file_name, version) "
            "VALUES (7, 1, '', 'planned', '', '', 1)"
        )
        old.execute("INSERT INTO visit_contact (id, visit_id, contact_id) VALUES (9, 7, 1)")
    old.close()
    with app.app_context():
        upgrade(scripts)
    with sqlite3.connect(file) as new:
        assert new.execute("SELECT id, visit_id FROM visit_contact").fetchall() == [(9, 7)]
        assert new.execute("SELECT id, about_id FROM visit").fetchall() == [(7, None)]
        assert "AUTOINCREMENT" in new.execute("SELECT sql FROM sqlite_master WHERE name = 'visit'").fetchone()[0]
    new.close()
