"""Exports: for heads and the director, told, and harmless in a spreadsheet."""

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests.factories import make_client, make_engagement
from tests.support.client import soup
from webapp.domain.event import Event
from webapp.queries import export

NASTY = '=HYPERLINK("http://evil")'


def read_csv(answer):
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";"))


def test_the_director_exports_what_the_list_shows(session, cast, sign_in):
    client = make_client(session, cast.clerk, name="Лилия", inn="7707083893")
    make_engagement(session, client, cast.vip)
    make_client(session, cast.hunter, name="Rose")
    rows = read_csv(sign_in(cast.director).post("/clients/export?format=csv&department=vip"))
    assert [row[1] for row in rows] == ["The client", "Лилия"]
    assert rows[1][9:12] == ["Client, VIP", "Came from Sales, Entered the programme", "Clara Clerk, Victor Vip"]
    told = session.scalars(select(Event).where(Event.kind == "client:exported")).one()
    assert (told.actor_id, told.details) == (cast.director.id, {"format": "csv", "count": 1})


def test_the_page_posts_what_it_shows_and_no_link_makes_an_export(session, cast, sign_in):
    client = make_client(session, cast.clerk, name="Лилия")
    make_engagement(session, client, cast.vip)
    make_client(session, cast.hunter, name="Rose")
    browser = sign_in(cast.director)
    answer = browser.submit(browser.get("/clients?department=vip"), "form[action*='format=csv']")
    assert [row[1] for row in read_csv(answer)] == ["The client", "Лилия"]
    assert browser.submit(browser.get("/products"), "form[action*='format=csv']").mimetype == "text/csv"
    assert browser.submit(browser.get("/attacks/report"), "#export").mimetype == "text/csv"
    exported = select(func.count()).where(Event.kind.endswith(":exported"))
    assert session.scalar(exported) == 3
    for address in ("/clients/export", "/products/export", "/attacks/report/export"):
        assert browser.get(address).status_code == 405
    assert session.scalar(exported) == 3


def test_no_cell_is_a_formula(session, cast, sign_in):
    make_client(session, cast.hunter, name=NASTY, city="+7", sector="\t=1")
    browser = sign_in(cast.head_of_sales)
    (_, row) = read_csv(browser.post("/clients/export?format=csv"))
    assert not [cell for cell in row if cell[:1] in "=+-@\t\r" and cell]
    sheet = load_workbook(io.BytesIO(browser.post("/clients/export?format=xlsx").data)).active
    cells = {cell.value: cell.data_type for cell in sheet[2]}
    assert cells[NASTY] == "s"
    assert "f" not in cells.values()


def test_more_clients_than_a_portion_come_all(session, cast, sign_in, monkeypatch):
    monkeypatch.setattr(export, "PORTION", 2)
    names = [make_client(session, cast.hunter).name for _ in range(5)]
    assert [row[1] for row in read_csv(sign_in(cast.director).post("/clients/export"))[1:]] == names


@pytest.mark.parametrize("part", ["hunter", "clerk", "vip", "administrator"])
def test_others_export_nothing_and_nothing_is_told(session, cast, sign_in, part):
    make_client(session, cast.hunter)
    assert sign_in(cast.users[part]).post("/clients/export").status_code == 403
    assert session.scalar(select(func.count()).where(Event.kind == "client:exported")) == 0


def test_an_unknown_format_is_refused(cast, sign_in):
    assert sign_in(cast.director).post("/clients/export?format=exe").status_code == 400


def test_the_export_speaks_the_readers_language(session, cast, sign_in):
    make_client(session, cast.hunter)
    cast.director.language = "ru"
    head = read_csv(sign_in(cast.director).post("/clients/export"))[0]
    assert head[2] == "ИНН"


def test_who_answers_for_users_sees_what_they_took_along(session, cast, sign_in):
    sign_in(cast.head_of_sales).post("/clients/export?format=csv")
    shown = sign_in(cast.administrator).get(f"/users/{cast.head_of_sales.id}")
    assert "Exported clients" in soup(shown).get_text(" ", strip=True)
    other = sign_in(cast.administrator).get(f"/users/{cast.hunter.id}")
    assert "Exported" not in soup(other).get_text(" ", strip=True)
