"""Tables are read whatever their encoding and dialect, and refused with the line when they cannot be."""

import gzip
import io
import zipfile

import pytest
from openpyxl import Workbook

from tests.support.export import COLUMNS, make_export, written
from webapp.domain.errors import Refused
from webapp.exchange.bounds import LARGEST_FILE
from webapp.exchange.crm_export import CrmExport
from webapp.exchange.tables import read_tables, Table

HEAD = COLUMNS["accounts"].split()
ROW = dict.fromkeys(HEAD, "") | {"account": "ООО «Ромашка», Ёлкино", "sector": "розница"}


def rows(content: bytes, name: str = "accounts.csv") -> list[dict[str, str]]:
    (table,) = read_tables([(name, content)])
    return [payload for _, payload in table.payloads()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "koi8-r", "cp866"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_recognised(encoding: str, delimiter: str) -> None:
    row = ROW | ({"account": "ООО Ромашка, Ёлкино и прочие хорошие люди"} if encoding in ("koi8-r", "cp866") else {})
    assert rows(written(HEAD, [row], delimiter).encode(encoding)) == [row]


def test_quotes_may_hold_lines_and_delimiters() -> None:
    row = ROW | {"account": 'One;\n"two", three'}
    assert rows(written(HEAD, [row], ";").encode()) == [row]


def test_the_content_decides_not_the_name() -> None:
    packed = archive({"accounts.csv": written(HEAD, [ROW]).encode()})
    assert rows(packed, "accounts.csv") == [ROW]


def test_a_workbook_reads_like_csv() -> None:
    book = Workbook()
    book.active.append(HEAD)
    book.active.append([ROW["account"], ROW["sector"], 1996, 1100.04, 2822.0, None, None])
    book.create_sheet("empty")
    (row,) = rows(saved(book), "book.xlsx")
    assert (row["year_established"], row["revenue"], row["employees"]) == ("1996", "1100.04", "2822")


def test_a_workbook_that_claims_a_billion_cells_is_refused_quickly() -> None:
    book = Workbook()
    book.active["A1"] = "account"
    book.active["XFD1048576"] = "far"
    with pytest.raises(Refused):
        read_tables([("far.xlsx", saved(book))])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b'account,sector\n"open,quote\n', "line 2"),
        (b"account,sector\nx,y,z\n", "line 2"),
        (b"account,account\nx,y\n", "twice"),
        (gzip.compress(b"account", mtime=0), "neither CSV"),
        (b"\x00\x01\x02", "binary"),
        (b"PK\x03\x04 nothing more", "unpacked"),
        ("Ромашка".encode() * 40 + b"\nabc\xff\xd0\n", "line 2"),
    ],
)
def test_what_cannot_be_read_is_refused_by_file_and_line(content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=r"it\.csv") as refusal:
        read_tables([("it.csv", content)])
    assert said in str(refusal.value)


def test_a_file_is_refused_by_its_size_before_anything_else() -> None:
    with pytest.raises(Refused, match="larger"):
        read_tables([("large.csv", bytes(LARGEST_FILE + 1))])


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.csv", "bomb.xlsx"])
@pytest.mark.parametrize("inside", ["accounts.csv", "xl/workbook.xml"])
def test_a_bomb_is_not_unpacked_whatever_it_is_called(name: str, inside: str) -> None:
    with pytest.raises(Refused, match="far more"):
        read_tables([(name, archive({inside: bytes(60_000_000)}))])


def test_a_bomb_of_many_files_or_of_archives_in_archives_is_not_unpacked() -> None:
    with pytest.raises(Refused, match="far more"):
        read_tables([("many.zip", archive({f"{number}.csv": b"account\n" for number in range(300)}))])
    with pytest.raises(Refused, match="inside"):
        read_tables([("deep.zip", archive({"inner.zip": archive({"accounts.csv": b"account\n"})}))])


@pytest.mark.parametrize("column", HEAD)
def test_a_missing_column_is_named_with_its_file(column: str) -> None:
    left = [name for name in HEAD if name != column]
    table = Table("accounts.csv", tuple(left), ((2, ("x",) * len(left)),))
    with pytest.raises(Refused, match=f"accounts.csv.*{column}"):
        CrmExport().read([table], "USD")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_a_whole_export_in_another_dress_says_the_same(encoding: str) -> None:
    export = make_export(5)
    plain = CrmExport().read(read_tables(export.files()), "USD")
    assert CrmExport().read(read_tables(export.files(encoding=encoding, delimiter=";", suffix=".txt")), "USD") == plain


def archive(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return held.getvalue()


def saved(book: Workbook) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()
