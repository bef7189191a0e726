"""Tables as files: what goes in comes out, and nothing in them runs."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from webapp.exchange.sheets import BOM, csv_lines, harmless, ILLEGAL, write_xlsx

PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_numbers_stay_numbers() -> None:
    assert (harmless(-5), harmless(None), harmless("a=b")) == (-5, None, "a=b")


@given(st.lists(st.tuples(PLAIN, PLAIN), max_size=5))
def test_csv_is_read_back_as_it_was(rows: list[tuple[str, str]]) -> None:
    text = "".join(csv_lines(("a", "b"), rows))
    read = list(csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), delimiter=";"))
    assert text.startswith(BOM)
    assert read[1:] == [[str(harmless(cell)) for cell in row] for row in rows]


def test_a_workbook_keeps_texts_as_texts(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    nasty = ["=1+1", "#N/A", "x\x00\x0by", "שלום 🌿", "0012", "y" * 40_000]
    write_xlsx(path, "A/B:[c]" * 9, ["h"], [[cell] for cell in nasty] + [[7]])
    sheet = load_workbook(path).active
    assert sheet is not None
    values = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert values == ["=1+1", "#N/A", "xy", "שלום 🌿", "0012", "y" * 32_767, 7]
    assert {sheet.cell(row, 1).data_type for row in range(2, 8)} == {"s"}
    assert not ILLEGAL.search(sheet.title)
