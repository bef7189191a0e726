"""A director imports an export in the browser, a head completes what was held back, the director undoes it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect, Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.support.export import make_export
from tests.support.imports import run_import
from webapp.domain.client import Client
from webapp.domain.held_row import HeldRow
from webapp.domain.importing import Import

pytestmark = pytest.mark.fresh

EXPORT = make_export(4)
CLIENTS = len(EXPORT.tables["accounts"])
HELD = len(EXPORT.rows(account=""))


def upload(page: Page, folder: Path) -> None:
    page.goto("/imports")
    page.get_by_label("Files", exact=True).set_input_files(sorted(folder.glob("*.csv")))
    page.get_by_role("button", name="Read the files").click()
    expect(page.get_by_text("Nothing is written yet.")).to_be_visible()


@pytest.mark.both_databases
def test_the_whole_way_from_files_to_undoing(session: Session, cast: Cast, page_for, tmp_path: Path) -> None:
    session.commit()
    page: Page = page_for(cast.director)
    folder = EXPORT.write(tmp_path / "export")
    upload(page, folder)
    expect(page.locator("[data-count=created-client]")).to_have_text(str(CLIENTS))
    expect(page.locator("[data-count=held_back-deal]")).to_have_text(str(HELD))
    expect(page.get_by_label("Unknown product “GTXPro”")).to_have_value("GTX Pro")
    page.get_by_role("button", name="Import this").click()
    expect(page.get_by_text("exactly as the preview said")).to_be_visible()

    page.get_by_role("link", name="Complete the held-back rows").click()
    name = EXPORT.tables["accounts"][0]["account"]
    page.get_by_label("Client to whom they belong").press_sequentially(name[:5])
    expect(page.locator(f'#client-names option[value="{name}"]')).to_have_count(1)
    page.get_by_label("Client to whom they belong").fill(name)
    page.get_by_role("checkbox", name=re.compile("Choose D")).first.check()
    page.get_by_role("button", name="Make them deals of this client").click()
    expect(page.get_by_text("1 deal is on the board now.")).to_be_visible()

    page.goto("/imports/1")
    page.get_by_role("button", name="Undo the whole import").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("held-back rows that were completed")).to_be_visible()
    session.rollback()
    assert session.scalar(select(func.count(Client.id))) == CLIENTS


def test_what_is_too_large_is_refused_before_it_is_sent(session, cast: Cast, page_for, tmp_path: Path) -> None:
    session.commit()
    page = page_for(cast.director)
    page.goto("/imports")
    files = {size: tmp_path / f"{size}.csv" for size in (30, 31, 36, 51)}
    for size, path in files.items():
        with path.open("wb") as file:
            file.truncate(size * 1024 * 1024)
    field, toast = page.get_by_label("Files", exact=True), page.locator(".toast")
    field.set_input_files([files[30], files[31]])
    expect(field).not_to_have_value("")
    expect(toast).to_have_count(0)
    for too_much in ([files[51]], [files[30], files[36]]):
        field.set_input_files(too_much)
        expect(toast).to_contain_text("The file is too large.")
        expect(field).to_have_value("")
        toast.get_by_role("button", name="Dismiss").click()
        expect(toast).to_have_count(0)


def test_an_untouched_import_is_undone(session: Session, cast: Cast, page_for) -> None:
    run, _ = run_import(session, EXPORT.files(), by=cast.director)
    page: Page = page_for(cast.director)
    page.goto(f"/imports/{run.id}")
    page.get_by_role("button", name="Undo the whole import").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("everything is as it was before")).to_be_visible()
    session.rollback()
    assert session.scalar(select(func.count(Client.id))) == session.scalar(select(func.count(HeldRow.id))) == 0


def test_it_works_without_scripts(session: Session, cast: Cast, page_for, tmp_path: Path) -> None:
    session.commit()
    page: Page = page_for(cast.director, scripts=False)
    upload(page, EXPORT.write(tmp_path / "export"))
    page.get_by_role("button", name="Import this").click()
    expect(page.get_by_text("exactly as the preview said")).to_be_visible()
    session.rollback()
    assert session.scalars(select(Import.state)).one().value == "applied"


def test_every_screen_of_imports_is_accessible_and_fits(
    session: Session, cast: Cast, page_for, look, tmp_path: Path
) -> None:
    """In Russian, whose words are the longer ones."""
    cast.director.language = "ru"
    export = make_export(4, odd=True, broken=True)
    session.commit()
    page: Page = page_for(cast.director)
    page.goto("/imports")
    look(page)
    page.locator("[name=files]").set_input_files(sorted(export.write(tmp_path / "export").glob("*.csv")))
    page.locator("#upload button[type=submit]").click()
    expect(page.locator("#import-this")).to_be_visible()
    look(page)
    page.locator("#import-this").click()
    expect(page.locator("#undo")).to_be_visible()
    session.rollback()
    row = session.scalars(select(HeldRow.id).order_by(HeldRow.id).limit(1)).one()
    for address in ("/imports/1", "/imports", "/imports/held", f"/imports/held/{row}"):
        page.goto(address)
        look(page, last=True)
