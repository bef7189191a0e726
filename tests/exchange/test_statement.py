"""Bank statements are read whole or refused with the line: every version, encoding and defect that banks produce."""

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bank import Document, OUR_ACCOUNT, OUR_INN, Statement, THEIR_ACCOUNT
from webapp.domain.errors import Refused
from webapp.exchange.statement.form import Direction, Line, Ours, Source
from webapp.exchange.statement.reading import Reading

OURS = Ours(frozenset({OUR_ACCOUNT}), OUR_INN)
TWO = Statement.of([Document(120_050, "Оплата по счету № 17 = за март"), Document(5_000, "Комиссия", spent=True)])


def read(content: bytes, ours: Ours = OURS, name: str = "kl_to_1c.txt") -> tuple[list[Line], Reading]:
    reading = Reading(Source.of(name, content, size=64), ours)
    return list(reading), reading


@pytest.mark.parametrize("version", ["1.01", "1.02", "1.03"])
@pytest.mark.parametrize("encoding", ["cp1251", "cp866", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("declared", ["Windows", "DOS", "windows"])
def test_every_version_and_encoding_is_read_whatever_it_declares(version: str, encoding: str, declared: str) -> None:
    lines, reading = read(Statement.of(TWO.documents, version=version, declared=declared).bytes(encoding))
    (received, spent) = lines
    assert (received.amount_minor, received.direction) == (120_050, Direction.INCOMING)
    assert (received.payer.name, received.payer.inn, received.payer.account) == (
        "ООО Ромашка",
        "7728168971",
        THEIR_ACCOUNT,
    )
    assert received.purpose == "Оплата по счету № 17 = за март"
    assert spent.direction is Direction.OUTGOING
    assert reading.statement is not None
    assert (reading.statement.received, reading.statement.missing) == ({OUR_ACCOUNT: 120_050}, ())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\r\n", "\n"),
        lambda text: text.replace("КонецФайла", "\r\n\r\nКонецФайла"),
        lambda text: text.replace("Номер=", "НеизвестныйКлюч=а=б\r\nНомер="),
        lambda text: text.replace("КонецФайла\r\n", "КонецФайла"),
        lambda text: text.replace("Сумма=1200.50", "Сумма=1200.5"),
    ],
)
def test_what_does_not_matter_is_tolerated(change) -> None:
    lines, _ = read(change(TWO.text).encode("cp1251"))
    assert [line.amount_minor for line in lines] == [120_050, 5_000]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("КонецФайла", ""), "breaks off"),
        (lambda text: text[: text.index("НазначениеПлатежа")], "inside the section"),
        (lambda text: text.replace("Сумма=1200.50", "Сумма=1200,50"), "line 23: the sum “1200,50” has a comma"),
        (lambda text: text.replace("Сумма=1200.50", "Сумма=-1200.50"), "negative"),
        (lambda text: text.replace("Сумма=1200.50", "Сумма=много"), "is not a sum"),
        (lambda text: text.replace("Сумма=1200.50\r\n", ""), "has no sum"),
        (lambda text: text.replace("Дата=02.03.2026", "Дата=31.02.2026"), "no date"),
        (lambda text: text.replace("ВсегоПоступило=1200.50", "ВсегоПоступило=1300.50"), "does not come out"),
        (lambda text: text.replace("КонецДокумента", "", 1), "was not closed"),
        (lambda text: text + "Ещё=1", "ended before"),
    ],
)
def test_what_cannot_be_trusted_is_refused_with_its_line(change, says: str) -> None:
    with pytest.raises(Refused, match=says) as refusal:
        read(change(TWO.text).encode("cp1251"))
    assert "kl_to_1c.txt" in str(refusal.value)


def test_a_foreign_companys_statement_is_refused_and_named() -> None:
    foreign = Statement.of(TWO.documents, account="40702810500000000009", our_inn="7736050003")
    with pytest.raises(Refused, match=r"7736050003.*another company"):
        read(foreign.bytes())


def test_a_payment_between_our_own_accounts_is_nobodys() -> None:
    second = "40702810200000000003"
    lines, _ = read(Statement.of([Document(700, inn=OUR_INN, account=second)]).bytes())
    assert [line.direction for line in lines] == [Direction.OWN]


def test_two_accounts_of_ours_in_one_file_are_told_apart() -> None:
    other = "40702810200000000003"
    first, second = TWO.text, Statement.of([Document(900)], account=other).text
    head, tail = first.split("КонецФайла")[0], second[second.index("СекцияРасчСчет") :]
    lines, _ = read(
        head.replace("РасчСчет=", f"РасчСчет={other}\r\nРасчСчет=", 1).encode("cp1251") + tail.encode("cp1251"),
        Ours(frozenset({OUR_ACCOUNT, other}), OUR_INN),
    )
    assert [(line.account, line.amount_minor) for line in lines] == [
        (OUR_ACCOUNT, 120_050),
        (OUR_ACCOUNT, 5_000),
        (other, 900),
    ]


def test_letters_in_no_encoding_we_know_are_refused() -> None:
    with pytest.raises(Refused, match="encoding"):
        read("1CClientBankExchange\r\nВерсияФормата=1.02\r\nКонецФайла".encode("iso8859-5"))


def test_a_table_is_read_by_its_headings() -> None:
    headings = "Дата;Номер;Поступило;Списано;Контрагент;ИНН;Назначение платежа"
    table = f"{headings}\n02.03.2026;5;1 200,50;;ООО Ромашка;7728168971;Счет 17\n"
    (line,), _ = read(table.encode("cp1251"), name="bank.csv")
    assert (line.amount_minor, line.payer.inn, line.purpose) == (120_050, "7728168971", "Счет 17")
    (line,), _ = read(b"Date;Amount\n2026-03-02;5\n", Ours(frozenset({"IE80"}), "", "EUR"), "bank.csv")
    assert line.currency == "EUR"
    with pytest.raises(Refused, match="headings"):
        read(b"a;b\n1;2\n", name="bank.csv")


BALANCE = (
    '<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="RUB">{amount}</Amt>'
    "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>"
)
ENTRY = (
    '<Ntry><Amt Ccy="RUB">1200.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
    "<BookgDt><Dt>2026-03-02</Dt></BookgDt><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Romashka</Nm></Dbtr></RltdPties>"
    "<RmtInf><Ustrd>Invoice 17</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
)


def camt(closing: str, version: str = "02") -> bytes:
    balances = BALANCE.format(code="OPBD", amount="10.00") + BALANCE.format(code="CLBD", amount=closing)
    return (
        '<?xml version="1.0"?>'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>'
        f"<Acct><Id><Othr><Id>{OUR_ACCOUNT}</Id></Othr></Id><Ccy>RUB</Ccy></Acct>{balances}{ENTRY}"
        "</Stmt></BkToCstmrStmt></Document>"
    ).encode()


@pytest.mark.parametrize("version", ["02", "06", "08"])
def test_camt_053_is_read(version: str) -> None:
    (line,), _ = read(camt("1210.50", version), name="camt.xml")
    assert (line.amount_minor, line.direction, line.purpose) == (120_050, Direction.INCOMING, "Invoice 17")


def test_camt_053_that_does_not_balance_or_reaches_outside_is_refused() -> None:
    with pytest.raises(Refused, match="does not come out"):
        read(camt("9.00"), name="camt.xml")
    hostile = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>'
    with pytest.raises(Refused):
        read(hostile.encode(), name="camt.xml")


@given(st.lists(st.tuples(st.integers(1, 10**12), st.booleans()), max_size=20), st.integers(0, 10**12))
def test_sums_arrive_to_the_kopeck_and_the_balance_comes_out(documents: list[tuple[int, bool]], opening: int) -> None:
    statement = Statement.of((Document(minor, spent=spent) for minor, spent in documents), opening=opening)
    lines, _ = read(statement.bytes("utf-8"))
    assert [(line.amount_minor, line.direction is Direction.OUTGOING) for line in lines] == documents


def test_ten_thousand_documents_need_little_memory() -> None:
    one = Statement.of([Document(100, "Оплата по счету № 1")], balance=False).text.encode("cp1251")
    start, end = one.index("СекцияДокумент".encode("cp1251")), one.index("КонецФайла".encode("cp1251"))

    def chunks() -> Iterator[bytes]:
        yield one[:start]
        for _ in range(100):
            yield one[start:end] * 100
        yield one[end:]

    tracemalloc.start()
    count = sum(1 for _ in Reading(Source("big.txt", chunks), OURS))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert peak < 8_000_000
