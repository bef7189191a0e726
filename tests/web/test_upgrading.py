"""Bringing a database to the present schema loses nothing that hangs on the rows of a table that changes, and rewrites
nothing that is frozen."""

import json
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


def test_lines_of_drafts_find_their_products_and_sent_ones_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    app, scripts = application(f"sqlite:///{file}", tmp_path), str(ROOT / "migrations")
    with app.app_context():
        upgrade(scripts, "0046")
    lines = json.dumps([{"name": name} for name in ("As the deal says", "Twice", "Listed", "Nobody's")])
    with sqlite3.connect(file) as old:  # without foreign keys: only these rows matter
        filled_in(old, "product", id=5, name="Listed")
        filled_in(old, "product", id=6, name="As the deal says")
        for key, name, product in ((1, "As the deal says", 7), (2, "Twice", 7), (3, "Twice", 8)):
            filled_in(old, "deal_line", id=key, deal_id=2, name=name, product_id=product, position=key)
        filled_in(old, "proposal", id=3, deal_id=2)
        for number, state in ((1, "printing"), (2, "draft")):
            frozen = {"printed": "{}", "frozen_at": "2026-01-01"} if state != "draft" else {}
            filled_in(
                old, "proposal_version", id=number, proposal_id=3, number=number, state=state, lines=lines, **frozen
            )
    old.close()
    with app.app_context():
        upgrade(scripts)
    with sqlite3.connect(file) as new:
        found = dict(new.execute("SELECT state, lines FROM proposal_version").fetchall())
    new.close()
    assert found["printing"] == lines
    assert [line["product_id"] for line in json.loads(found["draft"])] == [7, None, 5, None]


def filled_in(database: sqlite3.Connection, table: str, **values: object) -> None:
    """A row with these values, and with something in every other column that must not be empty."""
    for _, name, kind, needed, default, _key in database.execute(f"PRAGMA table_info({table})").fetchall():
        if needed and default is None and name not in values:
            values[name] = (
                ""
                if "CHAR" in kind or kind == "TEXT"
                else "2026-01-01"
                if "DATE" in kind
                else "[]"
                if kind == "JSON"
                else 1
            )
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values()))


def test_whom_a_launch_offered_its_product_counts_after_the_upgrade_and_links_end(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    app, scripts = application(f"sqlite:///{file}", tmp_path), str(ROOT / "migrations")
    with app.app_context():
        upgrade(scripts, "0049")
    with sqlite3.connect(file) as old:  # without foreign keys: only these rows matter
        filled_in(old, "launch", id=1, product_id=5, state="running", size=3, started_at="2026-01-01")
        for client, step, known in ((1, 0, "offered"), (2, 4, "owned"), (3, 1, "told")):
            filled_in(old, "launch_client", id=client, launch_id=1, client_id=client, step=step, refused=0)
            filled_in(old, "awareness", id=client, client_id=client, product_id=5, state=known)
        filled_in(old, "launch_figures", id=1, launch_id=1)
        filled_in(old, "letter", id=1, written_at="2026-01-02 00:00:00.000000")
        filled_in(old, "launch_touch", id=1, launch_id=1, launch_client_id=1, client_id=1, letter_id=1, state="given")
        filled_in(old, "mailing_link", id=1, touch_id=1, answer="interested")
    old.close()
    with app.app_context():
        upgrade(scripts)
    with sqlite3.connect(file) as new:
        assert new.execute("SELECT client_id, offered FROM launch_client").fetchall() == [(1, 1), (2, 1), (3, 0)]
        links = new.execute("SELECT answers, answers_until FROM mailing_link").fetchall()
        assert links == [(1, "2026-04-02 00:00:00.000000")]
        figures = json.loads(new.execute("SELECT clients FROM launch_figures").fetchone()[0])
    new.close()
    assert sorted(figures, key=str) == [
        [None, 0, False, True, 1], [None, 1, False, False, 1], [None, 4, False, True, 1],
    ]  # fmt: skip


def test_what_was_sold_before_the_upgrade_held_what_the_catalogue_says(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    app, scripts = application(f"sqlite:///{file}", tmp_path), str(ROOT / "migrations")
    with app.app_context():
        upgrade(scripts, "0050")
    with sqlite3.connect(file) as old:  # without foreign keys: only these rows matter
        for product, price, currency in ((1, 900, "RUB"), (2, 100, "RUB"), (3, 70, "USD")):
            filled_in(old, "product", id=product, name=str(product), price_minor=price, currency=currency)
        for product, quantity in ((2, 2500), (3, 1000)):
            filled_in(
                old, "bundle_part", id=product, bundle_id=1, product_id=product, quantity=quantity, position=product
            )
        for number, starts, ends in ((1, "2025-01-01", "2025-12-31"), (2, "2026-02-01", None)):
            filled_in(old, "price_list", id=number, name=str(number), currency="RUB", starts_on=starts, ends_on=ends)
        for number, key, product, least, price in ((1, 1, 3, 1000, 40), (1, 2, 2, 5000, 1), (2, 3, 3, 1000, 50)):
            filled_in(
                old, "price_entry", id=key, price_list_id=number, product_id=product, from_quantity=least,
                price_minor=price,
            )  # fmt: skip
        for deal, status, day in ((1, "won", "2025-05-05"), (2, "lost", "2025-05-05"), (3, "open", None)):
            filled_in(old, "deal", id=deal, status=status, closed_on=day, engagement_id=1, currency="RUB")
            filled_in(old, "deal_line", id=10 + deal, deal_id=deal, product_id=1, quantity=1000)
        sold = ((21, 1, 1, "RUB", "2026-03-01"), (22, None, 1, "RUB", "2026-01-15"), (23, None, 1, "USD", "2026-03-01"))
        for contract, deal, product, currency, starts in (*sold, (24, None, 2, "RUB", "2026-03-01")):
            filled_in(
                old, "contract", id=contract, deal_id=deal, product_id=product, currency=currency, starts_on=starts,
                billing="monthly", payment_day=1,
            )  # fmt: skip
    old.close()
    with app.app_context():
        upgrade(scripts)
    with sqlite3.connect(file) as new:
        kept: dict[tuple[int | None, int | None], list[tuple[int, ...]]] = {}
        wanted = "SELECT contract_id, line_id, product_id, quantity, weight FROM sold_part ORDER BY id"
        for contract, line, *part in new.execute(wanted):
            kept.setdefault((contract, line), []).append(tuple(part))
    new.close()
    assert kept == {
        (None, 11): [(2, 2500, 250), (3, 1000, 40)],
        (21, None): [(2, 2500, 250), (3, 1000, 40)],  # sold when its deal was won
        (22, None): [(2, 2500, 250), (3, 1000, 0)],  # between the lists
        (23, None): [(2, 2500, 0), (3, 1000, 70)],
    }


def test_invoices_that_were_reminded_of_before_the_upgrade_are_known(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    app, scripts = application(f"sqlite:///{file}", tmp_path), str(ROOT / "migrations")
    with app.app_context():
        upgrade(scripts, "0052")
    with sqlite3.connect(file) as old:  # without foreign keys: only these rows matter
        for invoice in (3, 4):
            sums = {"total_minor": 5, "settled_minor": 0, "credited_minor": 0, "outstanding_minor": 5}
            filled_in(old, "invoice", id=invoice, number=invoice, contract_id=invoice, **sums)
        for letter, purpose in enumerate(
            ("reminder:3:2026-02", "reminder:3:2026-03", "reminder:9:2026-03", "invoice:4")
        ):
            filled_in(old, "letter", id=1 + letter, purpose=purpose, message_id=purpose)
    old.close()
    with app.app_context():
        upgrade(scripts)
    with sqlite3.connect(file) as new:
        found = new.execute("SELECT letter_id, invoice_id, month FROM reminder ORDER BY id").fetchall()
    new.close()
    assert found == [(1, 3, "2026-02-01"), (2, 3, "2026-03-01")], "an invoice that is gone is reminded of no more"
