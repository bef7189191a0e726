"""A bank's table (CSV or XLSX), row by row, through the columns' meanings."""

import csv
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.bounds import check_size
from webapp.exchange.decoding import DELIMITERS, LONGEST_CELL
from webapp.exchange.statement.cells import currency_of, digits, joined, NAME, named, one_line, Place, short
from webapp.exchange.statement.columns import Columns, is_enough, plain, PREAMBLE, recognise, Unmapped
from webapp.exchange.statement.form import Direction, Head, Line, Part, Party, Source
from webapp.exchange.statement.text import encoding_by_letters, lines
from webapp.exchange.tables import ARCHIVE, FOREIGN, sheets

INCOMING = frozenset(
    "приход п кт к кредит поступление зачисление входящий c cr crdt credit in received incoming +".split()
)
OUTGOING = frozenset("расход р дт д дебет списание исходящий d dr dbit debit out spent outgoing -".split())
TOTALS = tuple("итого всего остаток входящий исходящий сальдо оборот total balance opening closing".split())
"""How rows begin that banks write among payments."""

Row = tuple[int, list[str]]


def read_table(source: Source, chosen: Mapping[str, str], account: str, currency: str) -> Iterator[Part]:
    """The head and the rows. ``chosen`` are meanings with the headings a person picked; ``account`` and ``currency``
    are ours where the table names none. Refused (Unmapped) when the headings do not say enough."""
    begins = source.beginning(8)
    if begins.startswith(FOREIGN):
        raise Refused(
            N_("%(file)s is no bank statement that we can read: export it as 1C, CSV, XLSX or camt.053"),
            file=source.name,
        )
    if begins.startswith(ARCHIVE):
        encoding, rows = "XLSX", _workbook(source)
    else:
        encoding = encoding_by_letters(source)
        rows = _divided(source, encoding)
    columns, rows = _headed(source, rows, chosen)
    yield Head("table", encoding=encoding.removesuffix("-sig"))
    for number, cells in rows:
        line = _Row(Place(source.name, number), columns, cells).line(account, currency)
        if line is not None:
            yield line


def _workbook(source: Source) -> Iterator[Row]:
    """The first sheet that holds something. A workbook is an archive: it is held in memory while it is read."""
    content = bytearray()
    for chunk in source.chunks():
        content += chunk
        check_size(source.name, len(content))
    for _title, rows in sheets(source.name, bytes(content)):
        return iter(rows)
    raise Refused(N_("%(file)s is empty"), file=source.name)


def _divided(source: Source, encoding: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    delimiter = _delimiter([text for _, text in islice(lines(source, encoding), PREAMBLE)])
    reader = csv.reader((f"{text}\n" for _, text in lines(source, encoding)), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise Place(source.name, reader.line_num).refused(
            N_("%(file)s, line %(line)s: the quotes do not match, or a cell is too long")
        ) from error


def _delimiter(first: list[str]) -> str:
    """The mark that divides the headings into columns we know; sums hold commas, so that counting marks misleads."""
    for text in first:
        for mark in DELIMITERS:
            if is_enough(recognise([cell.strip('"') for cell in text.split(mark)], {})):
                return mark
    return max(DELIMITERS, key=lambda mark: max((text.count(mark) for text in first), default=0))


def _headed(source: Source, rows: Iterator[Row], chosen: Mapping[str, str]) -> tuple[Columns, Iterator[Row]]:
    """The meanings of the columns, and the rows below the headings."""
    first = list(islice(rows, PREAMBLE))
    for place, (_line, cells) in enumerate(first):
        columns = recognise(cells, chosen)
        if is_enough(columns):
            return columns, chain(first[place + 1 :], rows)
    widest = max((cells for _, cells in first), key=lambda cells: sum(1 for cell in cells if cell.strip()), default=[])
    raise Unmapped(
        N_("%(file)s: the headings do not tell which column is the date and which the sum"),
        [heading for heading in (one_line(cell, 80) for cell in widest) if heading],
        file=source.name,
    )


class _Row:
    """One row, read by meaning."""

    def __init__(self, place: Place, columns: Columns, cells: list[str]) -> None:
        self.place, self.columns, self.cells = place, columns, cells

    def said(self, meaning: str) -> str:
        place = self.columns.get(meaning, len(self.cells))
        return self.cells[place].strip() if place < len(self.cells) else ""

    def line(self, usual: str, ours: str) -> Line | None:
        """The payment, or None for a row that is none: an empty one, a total."""
        if self._is_no_payment():
            return None
        told = digits(self.said("account"))
        account = told or usual
        currency = self.place.currency(self.said("currency") or currency_of(account, ours))
        direction, minor = self._sum(currency)
        payer, payee = self._side("payer"), self._side("payee")
        other = self._other()
        if other != Party():
            if direction is Direction.OUTGOING:
                payee = payee if payee.name else other
            else:
                payer = payer if payer.name else other
        day = self.place.day(self.said("booked_on"))
        if day is None:
            raise self.place.refused(N_("%(file)s, line %(line)s: the payment has no date"))
        return Line(
            line=self.place.line,
            kind="",
            number=short(self.said("number")),
            dated_on=day,
            received_on=day if direction is not Direction.OUTGOING else None,
            spent_on=day if direction is not Direction.INCOMING else None,
            amount_minor=minor,
            currency=currency,
            payer=payer,
            payee=payee,
            purpose=joined([self.said("purpose")]),
            reference=short(self.said("reference")),
            direction=direction,
            account="" if direction is Direction.UNKNOWN else account,
        )

    def _is_no_payment(self) -> bool:
        words = next((plain(cell) for cell in self.cells if cell.strip()), "")
        sums = any(self.said(meaning) for meaning in ("amount", "received", "spent"))
        return words.startswith(TOTALS) or (not sums and not self.said("booked_on"))

    def _sum(self, currency: str) -> tuple[Direction, int]:
        """Which way, and how much. Direction UNKNOWN leaves it to the accounts of the two sides."""
        received, spent = self._part("received", currency), self._part("spent", currency)
        if received and spent:
            raise self.place.refused(N_("%(file)s, line %(line)s: a payment is either received or spent, not both"))
        if received or spent:
            return (Direction.INCOMING, received) if received else (Direction.OUTGOING, spent)
        if "amount" not in self.columns:
            return Direction.INCOMING, 0
        word = plain(self.said("direction"))
        minor = self.place.sum(self.said("amount"), currency, signed=not word, comma=True)
        if word:
            if word not in INCOMING | OUTGOING:
                raise self.place.refused(
                    N_("%(file)s, line %(line)s: “%(text)s” is neither received nor spent"), text=short(word)
                )
            return (Direction.INCOMING if word in INCOMING else Direction.OUTGOING), minor
        if minor >= 0 and {"payer_account", "payee_account"} <= set(self.columns):
            return Direction.UNKNOWN, minor
        return (Direction.OUTGOING if minor < 0 else Direction.INCOMING), abs(minor)

    def _part(self, meaning: str, currency: str) -> int:
        text = self.said(meaning)
        return self.place.sum(text, currency, comma=True) if text and text not in ("-", "—") else 0

    def _side(self, side: str) -> Party:
        name, inn, kpp = named(self.said(side))
        return Party(
            name,
            digits(self.said(f"{side}_inn"))[:12] or inn,
            digits(self.said(f"{side}_kpp"))[:9] or kpp,
            digits(self.said(f"{side}_account")),
        )

    def _other(self) -> Party:
        name, inn, kpp = named(self.said("name"))
        return Party(
            one_line(name, NAME),
            digits(self.said("inn"))[:12] or inn,
            digits(self.said("kpp"))[:9] or kpp,
            digits(self.said("other_account")),
        )
