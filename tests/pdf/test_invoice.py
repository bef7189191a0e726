"""The printed invoice: what it says, and a code that a bank's application can read."""

from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from webapp.pdf import document
from webapp.pdf.payment_code import payment_text

OURS = {
    "name": "Мост",
    "legal_name": "ООО «Северный мост»",
    "inn": "0000000018",
    "kpp": "000001001",
    "ogrn": "",
    "address": "Москва",
    "phone": "",
    "email": "",
    "bank_name": "АО «Банк Набережных»",
    "bank_bic": "040000017",
    "bank_account": "40702810700000000018",
    "correspondent_account": "30101810000000000017",
}
THEIRS = {"name": "ООО «Ромашка»", "inn": "7707083893", "kpp": "", "ogrn": "", "city": "Казань", "address": ""}


def an_invoice(**fields: Any) -> dict[str, Any]:
    usual = {
        "number": "17/2026",
        "language": "ru",
        "currency": "RUB",
        "issued_on": "2026-03-01",
        "due_on": "2026-03-10",
        "from": OURS,
        "to": THEIRS,
        "contract": "12-3",
        "name": "Офисный канал",
        "period": ["2026-03-01", "2026-03-31"],
        "total_minor": 1_234_567,
        "tax_minor": 222_627,
        "tax_rate": 2200,
    }
    return usual | fields


def words(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def codes(pdf: bytes) -> list[str]:
    """What a telephone reads from the page at 200 dots per inch."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return [found.text for found in zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())]


def printed(**fields: Any) -> bytes:
    return document.print_paper(document.write_invoice(an_invoice(**fields)))


def test_the_code_on_the_page_says_whom_to_pay_how_much_and_what_for() -> None:
    (text,) = codes(printed())
    assert text.startswith("ST00012|Name=ООО «Северный мост»|PersonalAcc=40702810700000000018|BankName=АО «Банк")
    fields = dict(part.split("=", 1) for part in text.split("|")[1:])
    assert (fields["BIC"], fields["CorrespAcc"]) == ("040000017", "30101810000000000017")
    assert (fields["PayeeINN"], fields["KPP"], fields["Sum"]) == ("0000000018", "000001001", "1234567")
    assert fields["Purpose"] == "Оплата по счёту № 17/2026 от 1 марта 2026 г., в том числе НДС 22 % 2 226,27 руб."


def test_a_code_with_the_longest_fields_can_still_be_read() -> None:
    ours = OURS | {"legal_name": "Общество | " + "щ" * 200, "bank_name": "Банк " + "ы" * 80}
    (text,) = codes(printed(**{"from": ours}))
    fields = dict(part.split("=", 1) for part in text.split("|")[1:])
    assert len(fields["Name"]) == 160
    assert fields["Name"].startswith("Общество / щ")
    assert len(fields["BankName"]) == 45


@pytest.mark.parametrize("missing", ["bank_account", "bank_bic", "bank_name"])
def test_without_a_required_requisite_there_is_no_code(missing: str) -> None:
    assert payment_text(an_invoice(**{"from": OURS | {missing: ""}}), "x") is None


def test_only_roubles_have_a_code() -> None:
    pdf = printed(currency="EUR", language="en")
    assert codes(pdf) == []
    assert "€12,345.67" in words(pdf)
    assert "Twelve thousand, three hundred and forty-five euros 67 cents" in words(pdf)


def test_the_page_says_who_pays_whom_what_for_and_until_when() -> None:
    text = words(printed())
    for said in ("№ 17/2026", "ООО «Ромашка»", "7707083893", "Офисный канал", "12 345,67 ₽", "2 226,27 ₽", "22 %"):
        assert said in text, said
    assert "Двенадцать тысяч триста сорок пять рублей 67 копеек" in text
    assert "10 марта 2026 г." in text
    assert "Главный бухгалтер" in text


def test_what_is_without_tax_says_so() -> None:
    assert "без НДС" in words(printed(tax_rate=None, tax_minor=0))


def test_what_a_person_wrote_is_no_markup() -> None:
    text = words(printed(name="<b>Канал</b> {{ 7 * 7 }}"))
    assert "<b>Канал</b> {{ 7 * 7 }}" in text


def test_the_same_invoice_prints_the_same_bytes() -> None:
    assert printed() == printed()


def test_a_credit_note_names_its_invoice_and_the_reason() -> None:
    credit = {"credit": "3/2026", "credited_on": "2026-03-20", "reason": "Три дня не было связи"}
    content = an_invoice(**credit, credit_minor=123_456, credit_tax_minor=22_263)
    text = words(document.print_paper(document.write_credit_note(content)))
    for said in ("3/2026", "17/2026", "Три дня не было связи", "1 234,56 ₽", "222,63 ₽"):
        assert said in text, said
