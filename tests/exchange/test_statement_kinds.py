"""The rarer kinds of documents that a bank executes, in whatever order it writes keys and sections."""

from random import Random

import pytest

from tests.support.bank import Document, OUR_ACCOUNT, OUR_INN, Statement, THEIR_ACCOUNT
from webapp.exchange.statement.form import Direction, Line, Ours, Source
from webapp.exchange.statement.reading import Reading

OURS = Ours(frozenset({OUR_ACCOUNT}), OUR_INN)
UNKNOWN = Ours(frozenset(), OUR_INN)
"""The company's account is not written down; only its ИНН tells that the file is ours."""
ORDER = "Платежное поручение"
KINDS = {
    "Платёжное поручение": (),
    "Платежное требование": ("УсловиеОплаты1=Без акцепта", "СрокАкцепта=5", "ДатаОтсылкиДок=01.03.2026"),
    "Инкассовое поручение": ("ВидОплаты=06", "Очередность=3", "КодНазПлатежа=1"),
    "Аккредитив": (
        "ВидАккредитива=Покрытый",
        "СрокАккредитива=30.06.2026",
        "ПлатежПоПредст=Акт",
        "НомерСчетаПоставщика=",
    ),
    "Банковский ордер": ("ВидОплаты=17", "Код=0"),
    "Платежный ордер": ("ВидОплаты=16", "СуммаОстаток=300.00", "НомерПлатежногоДокумента=12"),
    "Мемориальный ордер": (),
}
"""Each kind with what only such a document says; unknown keys must not matter."""
DOCUMENTS = (
    Document(120_050, "Оплата по счету № 17", number="11"),
    Document(5_000, "Комиссия за ведение счета", number="12", spent=True),
    Document(77, "Проценты на остаток", number="13", name="АО Банк", inn="7702070139", account="47426810000000000001"),
)


def read(text: str, ours: Ours = OURS) -> list[Line]:
    return list(Reading(Source.of("kl_to_1c.txt", text.encode("cp1251"), size=97), ours))


def told(lines: list[Line]) -> list[tuple[object, ...]]:
    """What is taken over of each document: all but its place and kind."""
    return sorted((line.number, line.direction, line.amount_minor, line.account, line.payer, line.payee, line.purpose)
                  for line in lines)  # fmt: skip


PLAIN = told(read(Statement.of(DOCUMENTS).text))


def test_the_plain_statement_is_understood() -> None:
    assert [row[:4] for row in PLAIN] == [
        ("11", Direction.INCOMING, 120_050, OUR_ACCOUNT),
        ("12", Direction.OUTGOING, 5_000, OUR_ACCOUNT),
        ("13", Direction.INCOMING, 77, OUR_ACCOUNT),
    ]
    assert PLAIN[0][4].account == THEIR_ACCOUNT


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("version", ["1.01", "1.02", "1.03"])
def test_money_is_the_same_whatever_kind_of_document_moved_it(kind: str, version: str) -> None:
    text = Statement.of(DOCUMENTS, version=version, extra=KINDS[kind]).text.replace(ORDER, kind)
    lines = read(text)
    assert told(lines) == PLAIN
    assert {line.kind for line in lines} == {kind}


@pytest.mark.parametrize("kind", ["Платежное требование", "Инкассовое поручение", "Аккредитив"])
def test_a_document_that_only_waits_for_its_acceptance_is_no_payment(kind: str) -> None:
    text = Statement.of(DOCUMENTS[:1], balance=False).text.replace(ORDER, kind)
    waits = text.replace("ДатаПоступило=02.03.2026", "ДатаПоступило=")
    assert [line.direction for line in read(waits)] == [Direction.PENDING]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ours", [OURS, UNKNOWN], ids=("account", "inn"))
def test_keys_may_stand_in_any_order_within_a_section(seed: int, ours: Ours) -> None:
    extra = (*KINDS["Аккредитив"], "ПоказательКБК=", "ОКАТО=0", "СтатусСоставителя=")
    parts = _parts(Statement.of(DOCUMENTS, extra=extra).text)
    shuffled = [_shuffled(part, Random(seed)) for part in parts]
    assert told(read(_file(shuffled), ours)) == PLAIN


@pytest.mark.parametrize("ours", [OURS, UNKNOWN], ids=("account", "inn"))
@pytest.mark.parametrize("named", [True, False], ids=("named-in-the-head", "named-in-its-section"))
def test_the_accounts_section_may_stand_behind_the_documents(ours: Ours, named: bool) -> None:
    head, account, *documents = _parts(Statement.of(DOCUMENTS).text)
    if not named:
        head = [line for line in head if not line.startswith("РасчСчет=")]
    for order in ([head, *documents, account], [head, documents[0], account, *documents[1:]]):
        assert told(read(_file(order), ours)) == PLAIN


def _parts(text: str) -> list[list[str]]:
    """The head and each section, as lines; without the file's last word."""
    parts: list[list[str]] = [[]]
    for line in text.split("\r\n")[:-2]:
        if line.startswith("Секция"):
            parts.append([])
        parts[-1].append(line)
    return parts


def _shuffled(part: list[str], chance: Random) -> list[str]:
    """Its keys in another order; what opens and closes it stays, and so does the name of the format."""
    ends = part[-1:] if part[-1].startswith("Конец") else []
    within = part[1 : len(part) - len(ends)]
    return [part[0], *chance.sample(within, len(within)), *ends]


def _file(parts: list[list[str]]) -> str:
    return "\r\n".join([line for part in parts for line in part] + ["КонецФайла", ""])
