"""camt.053 in its versions and oddities, workbooks, and files that break off or are noise."""

import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.support.bank import Document, OUR_ACCOUNT, OUR_INN, Statement, THEIR_ACCOUNT
from webapp.domain.errors import Refused
from webapp.exchange.statement.form import Direction, Line, Ours, Source
from webapp.exchange.statement.reading import Reading

OURS = Ours(frozenset({OUR_ACCOUNT}), OUR_INN)
WHOLE = Statement.of([Document(100_00, "Счет 1"), Document(50_00, "Комиссия", spent=True)]).bytes()


def read(content: bytes, ours: Ours = OURS) -> list[Line]:
    return list(Reading(Source.of("file", content, size=50), ours))


def camt(
    *entries: str, version: str = "02", account: str = OUR_ACCOUNT, inn: str = "", kind: str = "camt.053"
) -> bytes:
    owner = f"<Ownr><Nm>We</Nm><Id><OrgId><Othr><Id>{inn}</Id></Othr></OrgId></Id></Ownr>" if inn else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}.001.{version}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>\n<Stmt><FrToDt><FrDtTm>2026-03-01T00:00:00</FrDtTm>"
        f"<ToDtTm>2026-03-02T00:00:00</ToDtTm></FrToDt><Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>RUB</Ccy>"
        f"{owner}</Acct>\n{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entry(amount: str, inside: str = "", *, debit: bool = False, status: str = "BOOK") -> str:
    return (
        f'<Ntry><Amt Ccy="RUB">{amount}</Amt><CdtDbtInd>{"DBIT" if debit else "CRDT"}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>B7</AcctSvcrRef>{inside}</Ntry>\n"
    )


def part(amount: str, name: str, purpose: str) -> str:
    return (
        f'<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><InstrId>17</InstrId></Refs><Amt Ccy="RUB">{amount}</Amt>'
        f"<RltdPties><Dbtr>{name}</Dbtr><DbtrAcct><Id><Othr><Id>{THEIR_ACCOUNT}</Id></Othr></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>{purpose}</Ustrd></RmtInf></TxDtls>"
    )


FIRST, SECOND = part("1.00", "<Nm>A</Nm>", "Invoice 1"), part("2.00", "<Pty><Nm>B</Nm></Pty>", "Invoice 2")
BOTH = f"<NtryDtls>{FIRST}{SECOND}</NtryDtls>"


def test_the_payments_inside_a_collective_entry_are_told_apart() -> None:
    lines = read(camt(entry("3.00", BOTH), version="08"))
    assert [(line.amount_minor, line.payer.name, line.purpose) for line in lines] == [
        (100, "A", "Invoice 1"),
        (200, "B", "Invoice 2"),
    ]
    assert (lines[0].number, lines[0].reference, lines[0].payer.account) == ("17", "B7", THEIR_ACCOUNT)


def test_a_collective_entry_whose_parts_do_not_add_up_stays_one_payment() -> None:
    assert [line.amount_minor for line in read(camt(entry("4.00", BOTH)))] == [400]


def test_what_was_spent_and_what_is_not_booked_is_no_income() -> None:
    lines = read(camt(entry("1.00", debit=True), entry("2.00", status="PDNG"), entry("3.00", status="<Cd>BOOK</Cd>")))
    assert [line.direction for line in lines] == [Direction.OUTGOING, Direction.PENDING, Direction.INCOMING]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (camt(entry("1.00"))[:-40], "breaks off"),
        (camt(entry("1.00")).replace(b"</Ntry>", b"</Ntr>"), "not well-formed"),
        (camt(entry("-1.00")), r"line 4: .*negative"),
        (camt(entry("1,00")), "comma"),
        (camt(entry("1.00"), kind="camt.052"), r"is camt\.052"),
        (camt(entry("1.00"), account="40702810400000000077", inn="7736050003"), "another company"),
        (camt(entry("1.00"), account="40702810400000000077"), "not ours"),
        (b"<html><body>Session expired</body></html>", "save the statement as camt.053"),
        (b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><Document>&c;</Document>', "document type"),
        (b"<a>" * 100, "too deep"),
    ],
)
def test_what_cannot_be_trusted_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        read(content)


def test_a_workbook_is_read_by_its_headings() -> None:
    workbook = Workbook()
    workbook.active.append(["Дата", "Номер", "Кредит", "Контрагент", "ИНН", "Назначение платежа"])
    workbook.active.append(["02.03.2026", 5, 1200.5, "ООО Ромашка", 7728168971, "Счет 17"])
    kept = io.BytesIO()
    workbook.save(kept)
    (line,) = list(Reading(Source.of("bank.xlsx", kept.getvalue()), OURS))
    assert (line.amount_minor, line.number, line.payer.inn) == (120_050, "5", "7728168971")


@given(st.integers(1, len(WHOLE.rstrip()) - 1))
def test_a_file_that_breaks_off_anywhere_is_refused(cut: int) -> None:
    with pytest.raises(Refused):
        read(WHOLE[:cut])


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6))
def test_damage_is_refused_or_harmless_and_never_an_error_of_ours(place: int, noise: bytes) -> None:
    with suppress(Refused):
        read(WHOLE[:place] + noise + WHOLE[place + len(noise) :])


@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    with suppress(Refused):
        assert read(noise) == []
