"""The printed proposal: what it says, that it is the same each time, and that it asks nobody for anything."""

import socket
from datetime import UTC
from io import BytesIO
from threading import Thread

import pytest
from pypdf import PdfReader
from pypdf.xmp import XmpInformation
from weasyprint import HTML

from tests.pdf.contents import a_content, a_look, offered
from webapp.domain.product import Billing
from webapp.pdf import archive, document
from webapp.pdf.faces import FACES
from webapp.pdf.fetcher import Forbidden, ShippedOnly
from webapp.pdf.words import money, sum_in_words


def printed(content) -> PdfReader:
    return PdfReader(BytesIO(document.print_pdf(document.write(content))))


def words(reader: PdfReader) -> str:
    text = " ".join(page.extract_text() for page in reader.pages)
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def spoken(minor: int, language: str = "en") -> str:
    return money(minor, "RUB", language).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("include", [True, False])
def test_the_document_says_the_totals_that_were_counted(include: bool) -> None:
    lines = [offered(), offered("Router", 333_33, quantity=2500, discount=750, tax="reduced")]
    lines.append(offered("Care", 99_99, billing=Billing.MONTHLY, tax="none"))
    content = a_content(lines, include=include)
    text = words(printed(content))
    for totals in content["totals"].values():
        assert spoken(totals["total_minor"]) in text
        for tax in totals["taxes"]:
            assert tax["basis_points"] is None or spoken(tax["tax_minor"]) in text
    for line in content["lines"]:
        assert line["name"] in text
    assert "Harry Hunter" in text
    assert "Irina Boss, director" in text
    assert "7707083893" in text
    assert "Valid until April 1, 2026" in text
    assert "Half in advance." in text


def test_where_no_line_is_taxed_nothing_is_said_of_prices_and_tax() -> None:
    assert "Prices include VAT." in words(printed(a_content([offered(), offered(tax="none")])))
    assert "include VAT" not in words(printed(a_content([offered(tax="none")])))


def test_a_russian_document_is_in_russian() -> None:
    reader = printed(a_content(language="ru"))
    text = words(reader)
    assert "Одна тысяча двести двадцать рублей 00 копеек" in text
    assert spoken(1_220_00, "ru") in text
    assert "2 марта 2026 г." in text
    assert reader.trailer["/Root"]["/Lang"] == "ru"


def test_the_file_says_what_it_is_and_is_tagged() -> None:
    reader = printed(a_content())
    assert reader.metadata.title == "Proposal КП-2026-17: Connect the office"
    assert reader.metadata.author == "ООО «Ромашка»"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in reader.trailer["/Root"]


def test_the_file_keeps_the_standards_for_archives_and_for_screen_readers() -> None:
    reader = printed(a_content())
    root = reader.trailer["/Root"]
    told = XmpInformation(root["/Metadata"].get_object())
    standard = {name.split(":")[-1]: value for name, value in told.rdf_root.childNodes[0].attributes.items()}
    assert (standard["part"], standard["conformance"]) == ("2", "A")
    assert told.dc_title == {"x-default": reader.metadata.title}
    assert told.dc_creator == [reader.metadata.author]
    assert told.xmp_create_date.replace(tzinfo=UTC) == reader.metadata.creation_date
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data().decode()
    assert len(root["/Metadata"].get_data().decode().split("<rdf:RDF")) == 2
    assert root["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert root["/OutputIntents"][0]["/DestOutputProfile"]["/N"] == 3
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.trailer["/ID"]
    assert not {"/AcroForm", "/OpenAction", "/AA"} & set(root)
    for font in (font for page in reader.pages for font in page["/Resources"]["/Font"].values()):
        assert "/ToUnicode" in font
        assert {"/FontFile2", "/FontFile3"} & set(font["/DescendantFonts"][0]["/FontDescriptor"])


def test_only_shipped_fonts_are_in_the_file() -> None:
    reader = printed(a_content(language="ru", text="Обычный *курсив* **жирный** " + "Ж" * 100))
    fonts = {font["/BaseFont"].split("+")[-1] for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    assert fonts == {"Baton-Sans", "Baton-Sans-Bold", "Baton-Sans-Italic"}


def test_sixty_lines_go_over_pages_with_their_heads_repeated_and_pages_numbered() -> None:
    reader = printed(a_content([offered(f"Item {number}") for number in range(60)]))
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert len(texts) >= 2
    for number, text in enumerate(texts, 1):
        assert f"{number} / {len(texts)}" in text
        assert "Quantity" in text or "Item " not in text


@pytest.mark.parametrize("currency", ["RUB", "EUR", "KZT"])
def test_two_hundred_lines_come_out_each_once_with_heads_numbers_and_the_totals_of_the_database(currency: str) -> None:
    lines = [offered(f"Item {number:03}", 1_234_56 + number, quantity=number * 500) for number in range(1, 201)]
    content = a_content(lines, currency=currency, language="ru", look=a_look())
    reader = printed(content)
    texts = [" ".join(page.extract_text().replace("\N{NO-BREAK SPACE}", " ").split()) for page in reader.pages]
    whole = " ".join(texts)
    assert len(texts) > 5
    assert all(whole.count(f"Item {number:03}") == 1 for number in range(1, 201))
    assert all(f"{number} / {len(texts)}" in text for number, text in enumerate(texts[1:], 2))
    assert all("Количество" in text for text in texts if "Item " in text)
    assert f"1 / {len(texts)}" not in texts[0]
    total = sum(line["total_minor"] for line in content["lines"])
    assert content["totals"]["one_off"]["total_minor"] == total
    assert money(total, currency, "ru").replace("\N{NO-BREAK SPACE}", " ") in whole
    assert sum_in_words(total, currency, "ru") in whole


def test_the_same_content_prints_the_same_bytes() -> None:
    html = document.write(a_content())
    assert document.write(a_content()) == html
    first = document.print_pdf(html)
    document.print_pdf(document.write(a_content([offered("Another")], language="ru")))
    assert document.print_pdf(html) == first


def test_the_first_print_of_a_process_has_the_bytes_of_all_others() -> None:
    html = document.write(a_content())
    archive._colours.cache_clear()
    first = document.print_pdf(html)
    assert document.print_pdf(html) == first


def test_what_is_left_out_of_the_printers_rules_changes_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    html = document.write(
        a_content([offered(section="A"), offered()], text="1. one\n2. two\n\n- a\n\n# Head", look=a_look())
    )
    ours = document.print_pdf(html)
    monkeypatch.setattr(document, "reader", lambda: HTML)
    assert document.print_pdf(html) == ours


def test_every_letter_of_every_text_is_escaped() -> None:
    nasty = "<b>\"&'{{ 7*7 }}</b>"
    content = a_content([offered(nasty, unit="<i>")], title=nasty, text=nasty, terms=nasty)
    content["from"] = dict.fromkeys(content["from"], nasty)
    content["to"] = dict.fromkeys(content["to"], nasty)
    content["contact"] = {"name": nasty, "position": nasty}
    content["author"] = {"name": nasty, "email": nasty}
    html = document.write(content)
    assert nasty not in html
    assert "<i>" not in html
    assert "49" not in html


def test_nothing_is_asked_of_anybody() -> None:
    """A text that tries, in front of a socket that listens."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        near = f"http://127.0.0.1:{port}"

        def listen() -> None:
            while not calls or calls[-1] != "stop":
                try:
                    server.accept()[0].close()
                    calls.append("somebody called")
                except TimeoutError:
                    if done:
                        calls.append("stop")

        done: list[bool] = []
        thread = Thread(target=listen)
        thread.start()
        text = f"""<img src="file:///etc/passwd"> <img src="{near}/a.png"> ![p]({near}/b.png) [l]({near}/c)
<style>@import url({near}/d.css); body {{ background: url({near}/e.png) }}</style><link rel=stylesheet href={near}/f>
<script src="{near}/g.js"></script> {{{{ 7*7 }}}} <object data="{near}/h"></object>"""
        content = a_content([offered(text[:300])], title=text[:200].replace("\n", " "), text=text, terms=text)
        reader = printed(content)
        raw = f'<html><link rel=stylesheet href="{near}/i.css"><img src="{near}/j.png"><img src="file:///etc/passwd">'
        document.print_pdf(raw + f'<p style="background:url({near}/k.png)">x</p></html>')
        done.append(True)
        thread.join()
    assert calls == ["stop"]
    assert "root:" not in words(reader)
    assert not any("/XObject" in page["/Resources"] and page["/Resources"]["/XObject"] for page in reader.pages)
    assert not any("/URI" in str(note.get_object()) for page in reader.pages for note in page.get("/Annots", []))


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "http://127.0.0.1/", "https://x.test/a.ttf", "ftp://x/", "data:text/css,a{}",
     "baton:../../../etc/passwd", "baton:PTSans-Regular.ttf/../x", "BATON:PTSans-Regular.ttf"],
)  # fmt: skip
def test_the_fetcher_knows_only_the_shipped_fonts(address: str) -> None:
    with pytest.raises(Forbidden):
        ShippedOnly().fetch(address)


def test_the_shipped_fonts_are_there() -> None:
    for address in FACES:
        assert ShippedOnly().fetch(address).read(4) == b"\0\1\0\0"


@pytest.mark.parametrize("text", ["W" * 20_000, "ש" * 5_000, "😀" * 500, "- " * 8_000, "x\n" * 100, "**x" * 1_000])
def test_long_words_and_other_scripts_are_printed(text: str) -> None:
    reader = printed(a_content([offered("Ж" * 300), offered("תיאור")], text=text))
    assert len(reader.pages) < document.MOST_PAGES


@pytest.mark.parametrize("rows", range(1, 40, 3))
def test_nothing_is_lost_where_a_page_ends(rows: int) -> None:
    """Whatever the height of what stands above, the signature and the addresses come out whole."""
    content = a_content(text="\n".join(f"row {row}" for row in range(rows)), terms="")
    text = words(printed(content))
    assert "Yours sincerely, Harry Hunter ООО «Ромашка»" in text
    assert f"row {rows - 1}" in text


def test_addresses_of_any_length_come_out_whole() -> None:
    content = a_content()
    content["from"]["address"] = content["to"]["address"] = " ".join(f"word{number}" for number in range(900))
    content["from"]["bank_name"] = " ".join(f"bank{number}" for number in range(60))
    text = words(printed(content))
    assert text.count("word899") == 2
    assert "bank59" in text


def test_a_document_of_too_many_pages_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MOST_PAGES", 1)
    with pytest.raises(document.TooLong):
        printed(a_content([offered(f"Item {number}") for number in range(60)]))


def test_the_longest_proposal_stays_within_the_pages_a_worker_prints() -> None:
    content = a_content([offered("Ж" * 300, quantity=10**9)] * 200, text="W" * 20_000, terms="x\n" * 400)
    assert len(printed(content).pages) < document.MOST_PAGES
