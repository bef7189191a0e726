"""Fifty thousand documents in one statement: each is read, and none is kept in memory for the next."""

import tracemalloc
from collections.abc import Iterator
from functools import cache

from tests.support.bank import amount, Document, OUR_ACCOUNT, OUR_INN, Statement
from webapp.exchange.statement.form import Direction, Line, Ours, Source
from webapp.exchange.statement.reading import Reading

COUNT, TRACED = 50_000, 4_000
OPENING = 10_000_00
TOTAL = sum(range(1, COUNT + 1))
"""Document ``n`` brings ``n`` kopecks."""


@cache
def model() -> list[str]:
    """A statement of one document, cut where number, sum and purpose stand."""
    text = Statement.of([Document(1, "@purpose", number="@number")], balance=False).text
    return text.replace("Сумма=0.01", "Сумма=@sum").partition("СекцияДокумент")[::2]  # type: ignore[return-value]


def chunks() -> Iterator[bytes]:
    """The file as it comes in from the disk, documents cut anywhere; it is never held whole."""
    head, rest = model()
    document = "СекцияДокумент" + rest.removesuffix("КонецФайла\r\n")
    sums = {"НачальныйОстаток": OPENING, "ВсегоПоступило": TOTAL, "ВсегоСписано": 0, "КонечныйОстаток": OPENING + TOTAL}
    account = [f"РасчСчет={OUR_ACCOUNT}", *(f"{key}={amount(minor)}" for key, minor in sums.items())]
    waiting = (head + "\r\n".join(["СекцияРасчСчет", *account, "КонецРасчСчет", ""])).encode("cp1251")
    for number in range(1, COUNT + 1):
        told = document.replace("@number", str(number)).replace("@sum", amount(number))
        waiting += told.replace("@purpose", f"Оплата по счету № {number} от 02.03.2026").encode("cp1251")
        while len(waiting) >= 65_536:
            yield waiting[:65_536]
            waiting = waiting[65_536:]
    yield waiting + "КонецФайла\r\n".encode("cp1251")


def test_every_one_of_fifty_thousand_documents_is_read_and_the_memory_stays_flat() -> None:
    reading = Reading(Source("kl_to_1c.txt", chunks), Ours(frozenset({OUR_ACCOUNT}), OUR_INN))
    count = minor = 0
    last: Line | None = None
    for line in reading:
        count, minor, last = count + 1, minor + line.amount_minor, line
        assert (line.direction, line.number) == (Direction.INCOMING, str(count))
        if count == COUNT - TRACED:  # to trace all of them would take half a minute
            tracemalloc.start()
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, minor) == (COUNT, TOTAL)
    assert last is not None
    assert last.purpose == f"Оплата по счету № {COUNT} от 02.03.2026"
    assert reading.statement is not None
    assert (reading.statement.received, reading.statement.missing) == ({OUR_ACCOUNT: TOTAL}, ())
    assert grown < TRACED * 500, "what is kept of a document that was read would be more than that"
