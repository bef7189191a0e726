"""The real export, where the machine has it, and in any case the figures of one of the same shape."""

import json

from sqlalchemy import select

from tests.support.apps import application
from tests.support.export import make_export, REAL
from webapp.domain.client import Client
from webapp.domain.words import Department
from webapp.queries.stats import stats

if REAL.exists():

    def test_the_real_export_gives_the_known_figures(app, session) -> None:
        told = app.test_cli_runner().invoke(args=["import", str(REAL), "--yes", "--json"])
        assert told.exit_code == 0, told.output
        printed = json.loads(told.output)
        assert printed["created"] == {"users": 41, "products": 7, "clients": 85, "deals": 7375}
        assert printed["held_back"] == {"users": 0, "products": 0, "clients": 0, "deals": 1425}
        assert [match["match"] for match in printed["matches"]] == ["GTX Pro"]
        counted = stats(session)
        deals = counted["deals"]
        assert (deals["won"]["count"], deals["won"]["amounts"]["USD"]["major"]) == (4238, "10005534.00")
        assert (deals["lost"]["count"], deals["open"]["count"], deals["open"]["on_the_board"]) == (2473, 2089, 664)
        assert counted["held_rows"]["by_problem"] == {"no_client": 1425}
        acme = session.scalars(select(Client).where(Client.name == "Acme Corporation")).one()
        assert (acme.sector, acme.city, acme.revenue_minor) == ("technolgy", "United States", 110_004_000_000)
        assert acme.open_engagement(Department.CLIENT) is not None
        again = json.loads(app.test_cli_runner().invoke(args=["import", str(REAL), "--yes", "--json"]).output)
        assert {sum(again[sort].values()) for sort in ("created", "updated", "held_back")} == {0}


def test_an_export_of_that_shape_is_imported_by_the_command_and_undone(app, session, tmp_path) -> None:
    export = make_export(7)
    folder = str(export.write(tmp_path / "export"))
    run = app.test_cli_runner().invoke
    preview = json.loads(run(args=["import", folder, "--preview", "--json"]).output)
    assert stats(session)["clients"] == 0
    session.rollback()
    told = json.loads(run(args=["import", folder, "--yes", "--json"]).output)
    assert {name: told[name] for name in preview} == preview
    won = sum(int(row["close_value"]) for row in export.rows(deal_stage="Won"))
    counted = stats(session)
    assert counted["deals"]["won"]["amounts"]["USD"]["major"] == f"{won}.00"
    nameless = export.rows(account="")
    assert counted["held_rows"]["by_problem"] == {"no_client": len(nameless)}
    assert counted["deals"]["open"]["of_which_held_back"] == len(nameless)
    session.rollback()
    assert run(args=["import", "--undo", str(told["import"])]).exit_code == 0
    assert stats(session)["clients"] == stats(session)["users"]["total"] == stats(session)["held_rows"]["held"] == 0


def test_the_command_says_in_one_line_what_is_wrong(app, tmp_path) -> None:
    export = make_export(7)
    for row in export.tables["accounts"]:
        del row["employees"]
    folder = export.write(tmp_path / "export")
    lines = (folder / "accounts.csv").read_text().replace(",employees", "").splitlines()
    (folder / "accounts.csv").write_text("\n".join(lines))
    told = app.test_cli_runner().invoke(args=["import", str(folder), "--yes"])
    assert (told.exit_code, told.output.count("\n")) == (1, 1)
    assert "accounts.csv" in told.output


def test_a_database_that_was_not_migrated_is_named_in_one_line(app, tmp_path) -> None:
    bare = application(f"sqlite:///{tmp_path / 'bare.db'}", tmp_path)
    for args in (["stats"], ["import", str(make_export(7).write(tmp_path / "export")), "--yes"]):
        told = bare.test_cli_runner().invoke(args=args)
        assert told.exit_code == 1
        assert "db upgrade" in told.output
