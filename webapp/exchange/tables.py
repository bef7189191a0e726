"""Tables out of files: CSV, sheets of a workbook, and archives of both. The content decides, never the name."""

import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.bounds import check_size, LARGEST_FILE, MOST_COLUMNS, MOST_ROWS, read_file, unpack
from webapp.exchange.decoding import decode, LONGEST_CELL, rows

ARCHIVE = b"PK\x03\x04"
FOREIGN = (b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
"""How files begin that are no table: packed otherwise, an old workbook, a document."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: where it comes from, its columns in lower case, and its rows with their lines."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def payloads(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row's line and its cells by column; missing cells are empty."""
        for line, cells in self.rows:
            padded = (*cells, *("",) * (len(self.columns) - len(cells)))
            yield line, dict(zip(self.columns, padded, strict=False))


def read_path(path: Path) -> list[tuple[str, bytes]]:
    """The files that a path means: a folder's tables, or the one file. Refused when there is none."""
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if each.suffix.lower() in (".csv", ".xlsx", ".tsv", ".txt"))
        if not found:
            raise Refused(N_("%(file)s holds no CSV or XLSX file"), file=str(path))
        return [(each.name, read_file(each)) for each in found]
    if not path.is_file():
        raise Refused(N_("%(file)s is not there"), file=str(path))
    return [(path.name, read_file(path))]


def read_tables(files: Iterable[tuple[str, bytes]]) -> list[Table]:
    """All tables of the files, archives unpacked once. Empty sheets are left out; an empty file is refused."""
    found = [table for name, content in files for table in _read(name, content, packed=False)]
    if sum(len(table.rows) for table in found) > MOST_ROWS:
        raise Refused(N_("More than %(limit)s rows: import them in parts"), limit=MOST_ROWS)
    return found


def _read(name: str, content: bytes, *, packed: bool) -> Iterator[Table]:
    check_size(name, len(content))
    if content.startswith(ARCHIVE):
        members = list(unpack(name, content))
        if any(member == "xl/workbook.xml" for member, _ in members):
            yield from _sheets(name, content)
        elif packed:
            raise Refused(N_("%(file)s: an archive inside an archive is not read"), file=name)
        else:
            for member, unpacked in members:
                if not _is_litter(member):
                    yield from _read(Path(member).name, unpacked, packed=True)
    elif content.startswith(FOREIGN):
        raise Refused(N_("%(file)s is neither CSV nor XLSX nor ZIP: save it as one of them"), file=name)
    else:
        yield _table(name, rows(name, decode(name, content)))


def _is_litter(member: str) -> bool:
    """What archivers add by themselves."""
    return member.startswith("__MACOSX/") or Path(member).name.startswith(".")


def _sheets(name: str, content: bytes) -> Iterator[Table]:
    for title, filled in sheets(name, content):
        yield _table(f"{name}, {title}", iter(filled))


def sheets(name: str, content: bytes) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Title and rows, with their lines, of the sheets that hold something.

    They are read as a stream: a sheet may claim a billion cells and hold two.
    """
    from openpyxl import load_workbook  # brings numpy along, which few processes ever need

    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = list(workbook.worksheets)
        for sheet in sheets:
            sheet.reset_dimensions()
            filled = list(_filled(name, sheet.iter_rows(values_only=True)))
            if filled:
                yield sheet.title, filled
    except Refused:
        raise
    except Exception as error:  # a workbook can be broken in any way its format allows
        raise Refused(N_("%(file)s is damaged or locked: it cannot be read"), file=name) from error


def _filled(name: str, sheet: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, list[str]]]:
    letters = 0  # a workbook may say the same long text in each of a million cells
    for line, row in enumerate(sheet, 1):
        if len(row) > MOST_COLUMNS:
            raise Refused(N_("%(file)s, line %(line)s: more columns than an export has"), file=name, line=line)
        if line > MOST_ROWS:
            raise Refused(N_("More than %(limit)s rows: import them in parts"), limit=MOST_ROWS)
        if _any(row):
            cells = [_text(cell) for cell in row]
            letters += sum(map(len, cells))
            if letters > LARGEST_FILE or max(map(len, cells)) > LONGEST_CELL:
                raise Refused(N_("%(file)s, line %(line)s: a cell is too long"), file=name, line=line)
            yield line, cells


def _any(row: tuple[Any, ...]) -> bool:
    return any(cell not in ("", None) for cell in row)


def _text(cell: Any) -> str:
    """A cell as it would stand in CSV: ISO dates, whole numbers without a decimal point."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return "" if cell is None else str(cell)


def _table(name: str, numbered: Iterator[tuple[int, list[str]]]) -> Table:
    try:
        line, head = next(numbered)
    except StopIteration:
        raise Refused(N_("%(file)s is empty"), file=name) from None
    columns = tuple(_clean(cell).casefold() for cell in head)
    while columns and not columns[-1]:
        columns = columns[:-1]
    twice = {column for column in columns if column and columns.count(column) > 1}
    if twice:
        raise Refused(
            N_("%(file)s, line %(line)s: the column “%(column)s” stands twice"), file=name, line=line, column=min(twice)
        )
    return Table(name, columns, tuple(_checked(name, len(columns), numbered)))


def _checked(name: str, width: int, numbered: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for count, (line, cells) in enumerate(numbered):
        if count > MOST_ROWS:
            raise Refused(N_("More than %(limit)s rows: import them in parts"), limit=MOST_ROWS)
        cleaned = tuple(_clean(cell) for cell in cells)
        if any(cleaned[width:]):
            raise Refused(
                N_("%(file)s, line %(line)s: the row has more cells than there are columns"), file=name, line=line
            )
        yield line, cleaned[:width]


def _clean(cell: str) -> str:
    """A cell without surrounding spaces and without letters that control a terminal or break a database."""
    kept = cell.strip()
    if kept.isprintable():
        return kept
    return "".join(letter for letter in kept if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs"))
