"""Tables as files: CSV that spreadsheets open, and XLSX. No cell is ever taken for a formula."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

Cell = str | int | Decimal | date | None

BOM = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""
FORMULA = re.compile(r"^[\s]*[=+\-@\t\r\n]")
"""Source: OWASP, CSV Injection; leading spaces are skipped by some spreadsheets."""
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot carry."""
LONGEST = 32_767
"""Letters in a cell of a workbook (ECMA-376)."""
HUNDREDTHS, DAYS = "#,##0.00", "yyyy-mm-dd"
"""How a workbook shows them; the reader's own program chooses the signs."""


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The table as CSV line by line, with a BOM and semicolons, as Russian spreadsheets expect."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    yield BOM
    for row in _chain(head, rows):
        writer.writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def write_xlsx(path: Path, title: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """The table as a workbook of one sheet. Texts are written as texts, so that ``=1+1`` stays four letters; sums as
    exact numbers with their hundredths, and days as days, so that they can be added up and sorted."""
    from openpyxl import Workbook  # brings numpy along, which few processes ever need
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    for row in _chain(head, rows):
        sheet.append([_typed(cell, partial(WriteOnlyCell, sheet)) for cell in row])
    book.save(path)


def harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula, with an apostrophe before it; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    text = ILLEGAL.sub("", cell)
    return f"'{text}" if FORMULA.match(text) else text


def _chain(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    yield head
    yield from rows


def _typed(cell: Cell, make: Callable[..., Any]) -> Any:
    if cell is None or isinstance(cell, int):
        return cell
    made = make(value=ILLEGAL.sub("", cell)[:LONGEST] if isinstance(cell, str) else cell)
    if isinstance(cell, str):
        made.data_type = "s"
    else:
        made.number_format = HUNDREDTHS if isinstance(cell, Decimal) else DAYS
    return made
