"""Statements that are odd, hostile or another's: read as they are meant, or refused with what is wrong."""

import pytest

from tests.support.bank import Document, OUR_ACCOUNT, OUR_INN, Statement, THEIR_ACCOUNT
from webapp.domain.errors import Refused
from webapp.exchange.statement.form import Direction, Line, Ours, Source
from webapp.exchange.statement.reading import Reading

OURS = Ours(frozenset({OUR_ACCOUNT}), OUR_INN)
ONE = Statement.of([Document(120_050, "Счет 17")], balance=False)
HEADINGS = "Дата;Номер;Сумма;Контрагент;ИНН;Назначение платежа\n"
SIDES = "Дата;Сумма;Плательщик;Плательщик счет;Получатель;Получатель счет\n"


def read(text: str | bytes, ours: Ours = OURS) -> list[Line]:
    """The lines, which have to be the same however the file is cut into chunks."""
    content = text if isinstance(text, bytes) else text.encode()
    lines = list(Reading(Source.of("file", content), ours))
    assert lines == list(Reading(Source.of("file", content, size=3), ours))
    return lines


@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda text: text.replace("\r\n", "\r"),
        lambda text: f"\n\n{text}",
        lambda text: text.replace(f"РасчСчет={OUR_ACCOUNT}\r\n", "", 1),
        lambda text: text.replace("Плательщик1=ООО", "Плательщик=ИНН 7728168971 ООО"),
        lambda text: text.replace("НазначениеПлатежа=Счет 17", "НазначениеПлатежа1=Счет\r\nНазначениеПлатежа2=17"),
        lambda text: text.replace("НазначениеПлатежа=Счет 17", "НазначениеПлатежа=Счет\r\n17"),
        lambda text: text.replace("Счет=", "РасчСчет="),
    ],
)
@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-16"])
def test_a_document_is_the_same_however_a_bank_writes_it(change, encoding: str) -> None:
    (line,) = read(change(ONE.text).encode(encoding))
    assert (line.direction, line.amount_minor, line.payer.inn) == (Direction.INCOMING, 120_050, "7728168971")
    assert (line.payer.name.casefold(), line.purpose.casefold()) == ("ооо ромашка", "счет 17")


def test_letters_that_no_database_keeps_are_left_out() -> None:
    (line,) = read(ONE.text.replace("Номер=1", "Номер=1\0").replace("Ромашка", "Ро\0машка").encode("cp1251"))
    assert (line.number, line.payer.name) == ("1", "ООО Ромашка")


def test_a_document_that_the_bank_has_not_executed_is_no_payment_yet() -> None:
    (line,) = read(ONE.text.replace("ДатаПоступило=02.03.2026\r\n", ""))
    assert line.direction is Direction.PENDING


def test_sums_of_a_foreign_currency_never_pass_for_roubles() -> None:
    dollars, francs = "40702840900000000001", "40702756900000000001"
    (line,) = read(ONE.text.replace(OUR_ACCOUNT, dollars), Ours(frozenset({dollars}), OUR_INN))
    assert line.currency == "USD"
    with pytest.raises(Refused, match="no sums in “756”"):
        read(ONE.text.replace(OUR_ACCOUNT, francs), Ours(frozenset({francs}), OUR_INN))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("1CClientBankExchange", "breaks off at line 1"),
        (ONE.text + ONE.text, "ended before this line"),
        (ONE.text.replace("02.03.2026", "02.03.0026"), "no date"),
        (ONE.text.replace("1200.50", "1e5"), "not a sum"),
        (ONE.text.replace("1200.50", "9" * 30), "too large"),
        (ONE.text.replace("1200.50", "1.005"), "parts of a kopeck"),
        (ONE.text.encode().replace("Ромашка".encode(), b"\xd0"), "line 1[0-9]: a letter is damaged"),
        (b"%PDF-1.7", "no bank statement that we can read"),
        (b"PK\x03\x04 nothing", "damaged or locked"),
        (HEADINGS + "02.03.2026;5;много;А;;\n", "line 2: “много” is not a sum"),
        ("Дата;Кредит;Дебет\n02.03.2026;-5,00;\n", "line 2: the sum “-5,00” is negative"),
        ("Дата;Кредит;Дебет\n02.03.2026;5,00;6,00\n", "line 2: a payment is either received or spent"),
        ("Дата;Кредит;Дебет\n;5,00;\n", "line 2: the payment has no date"),
        ("Date;Type;Amount\n2026-03-02;perhaps;5\n", "neither received nor spent"),
        ('Дата;Сумма\n"02.03.2026;5\n', "quotes do not match"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_is_wrong(text: str | bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        ONE.text.replace(OUR_ACCOUNT, "40702810400000000077").replace(f"ИНН={OUR_INN}", "ИНН="),
        SIDES + f"02.03.2026;10,00;Они;{THEIR_ACCOUNT};Другие;40702810400000000077\n",
        "Дата;Счет;Кредит\n02.03.2026;40702810400000000077;7\n",
        ONE.text.replace(f"ПолучательСчет={OUR_ACCOUNT}", "ПолучательСчет=40702810400000000077"),
    ],
)
def test_a_statement_in_which_no_account_is_ours_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"not ours|another company"):
        read(text)


def test_nothing_is_read_before_the_company_says_who_it_is() -> None:
    with pytest.raises(Refused, match="settings first"):
        read(ONE.text, Ours(frozenset(), ""))


def test_a_table_says_the_direction_by_sign_by_word_by_column_or_by_account() -> None:
    signed = read(HEADINGS + "02.03.2026;5;-1 200,50;ООО А;;x\n03.03.26;6;1,234.5;Б;;y\nИтого;;;;;\n")
    assert [(line.direction, line.amount_minor) for line in signed] == [
        (Direction.OUTGOING, 120_050),
        (Direction.INCOMING, 123_450),
    ]
    assert (signed[0].payee.name, signed[1].payer.name) == ("ООО А", "Б")
    said = read("Date;Type;Amount;Counterparty\n2026-03-02;debit;5.00;X\n2026-03-02;CR;6.00;Y\n")
    assert [line.direction for line in said] == [Direction.OUTGOING, Direction.INCOMING]
    columns = read("Дата;Кредит;Дебет\n02.03.2026;0,00;6,00\n02.03.2026;7,00;\n")
    assert [(line.direction, line.amount_minor) for line in columns] == [
        (Direction.OUTGOING, 600),
        (Direction.INCOMING, 700),
    ]
    sides = read(SIDES + f"02.03.2026;10,00;Они;{THEIR_ACCOUNT};Мы;{OUR_ACCOUNT}\n")
    assert [(line.direction, line.account) for line in sides] == [(Direction.INCOMING, OUR_ACCOUNT)]


def test_a_table_may_have_lines_above_its_headings_and_within_its_cells() -> None:
    above = f"Выписка по счету;{OUR_ACCOUNT}\nПериод;март\n\n"
    (line,) = read(above + HEADINGS + '02.03.2026;5;1,00;А;;"Счет\n17"\n')
    assert (line.purpose, line.line) == ("Счет 17", 6)


def test_columns_are_chosen_by_a_person_where_headings_say_nothing() -> None:
    content = b"A;B;C\n02.03.2026;5,00;x\n"
    (line,) = Reading(Source.of("file", content), OURS, {"booked_on": "A", "amount": "B", "purpose": "C"})
    assert (line.amount_minor, line.purpose) == (500, "x")
