"""1CClientBankExchange, versions 1.01 to 1.03: the statement that Russian banks export (kl_to_1c.txt).

Tolerant in what does not matter: encoding, line ends, blank lines, letter case and order of keys, unknown keys.
Strict in what does: sections close, sums and dates can be read, the file ends with its last word.
"""

from collections.abc import Iterator
from datetime import date

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.statement.cells import currency_of, digits, joined, named, Place, short
from webapp.exchange.statement.form import Account, Head, Line, Part, Party, Source
from webapp.exchange.statement.text import encoding_by_words, lines

FIRST, LAST = "1cclientbankexchange", "конецфайла"
ACCOUNT, ACCOUNT_ENDS = "секциярасчсчет", "конецрасчсчет"
DOCUMENT, DOCUMENT_ENDS = "секциядокумент", "конецдокумента"
ENDS = {ACCOUNT: ACCOUNT_ENDS, DOCUMENT: DOCUMENT_ENDS}
PURPOSE = "назначениеплатежа"
WORDS = ("версияформата", DOCUMENT, ACCOUNT, LAST, "кодировка", "отправитель")
MOST_KEYS = 300
"""Keys of one section; the format knows about seventy."""


class Fields:
    """The keys of one section with their values, and the line on which each stands."""

    def __init__(self, file: str, opened: int) -> None:
        self.file, self.opened = file, opened
        self.values: dict[str, str] = {}
        self.lines: dict[str, int] = {}

    def text(self, key: str) -> str:
        return self.values.get(key, "")

    def place(self, key: str) -> Place:
        return Place(self.file, self.lines.get(key, self.opened))

    def day(self, key: str) -> date | None:
        return self.place(key).day(self.text(key))


def is_client_bank(begins: bytes) -> bool:
    """Whether the file begins as this format does."""
    wide = begins.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = begins[:2000].decode("utf-16" if wide else "utf-8-sig", errors="replace")
    return text.lstrip().casefold().startswith(FIRST)


def read_client_bank(source: Source) -> Iterator[Part]:
    """The head, then accounts and documents as they stand. Refused with the line where the file cannot be trusted."""
    encoding = encoding_by_words(source, WORDS)
    return _Reader(source, encoding).parts(lines(source, encoding))


class _Reader:
    """The file's state: in its head, in a section, or past its end."""

    def __init__(self, source: Source, encoding: str) -> None:
        self.source, self.encoding = source, encoding
        self.fields = Fields(source.name, 0)
        self.head: dict[str, str] = {}
        self.accounts: list[str] = []
        self.section, self.opened, self.kind = "", 0, ""
        self.last = ""
        self.told_head = self.ended = False

    def parts(self, numbered: Iterator[tuple[int, str]]) -> Iterator[Part]:
        number = 0
        begun = False
        for number, text in numbered:
            if not text.strip():
                continue
            if not begun:
                begun = True  # the first line is the format's name, by which it was recognised
                continue
            yield from self._line(number, text)
        self._finish(number)

    def _line(self, number: int, text: str) -> Iterator[Part]:
        place = Place(self.source.name, number)
        if self.ended:
            raise place.refused(N_("%(file)s, line %(line)s: the statement ended before this line"))
        key, mark, value = text.partition("=")
        key = key.strip().casefold()
        if key in ENDS:
            yield from self._open(place, key, value)
        elif key in (ACCOUNT_ENDS, DOCUMENT_ENDS):
            yield self._close(place, key)
        elif key == LAST:
            self._check_open(place)
            yield from self._tell_head()
            self.ended = True
        elif mark:
            self._keep(place, key, value.strip())
        elif self.section and self.last.startswith(PURPOSE):
            self.fields.values[self.last] += f" {text.strip()}"  # banks let a purpose run over several lines
        else:
            raise place.refused(N_("%(file)s, line %(line)s: “%(text)s” is no Key=Value"), text=short(text))

    def _keep(self, place: Place, key: str, value: str) -> None:
        if not self.section:
            if key == "расчсчет" and digits(value):
                self.accounts.append(digits(value))
            self.head.setdefault(key, value)
            return
        if len(self.fields.values) > MOST_KEYS:
            raise place.refused(N_("%(file)s, line %(line)s: more keys than a section has"))
        self.last = key
        if value or key not in self.fields.values:
            self.fields.values[key], self.fields.lines[key] = value, place.line

    def _open(self, place: Place, key: str, value: str) -> Iterator[Part]:
        self._check_open(place)
        yield from self._tell_head()
        self.section, self.opened, self.kind, self.last = key, place.line, value.strip(), ""
        self.fields = Fields(self.source.name, place.line)

    def _check_open(self, place: Place) -> None:
        if self.section:
            raise place.refused(
                N_("%(file)s, line %(line)s: the section opened in line %(opened)s was not closed"), opened=self.opened
            )

    def _tell_head(self) -> Iterator[Part]:
        if self.told_head:
            return
        self.told_head = True
        place = Place(self.source.name, 1)
        yield Head(
            "1CClientBankExchange",
            version=short(self.head.get("версияформата", "")),
            encoding=self.encoding.removesuffix("-sig"),
            accounts=tuple(dict.fromkeys(self.accounts or _in_sections(self.source, self.encoding))),
            begins_on=_lenient_day(place, self.head.get("датаначала", "")),
            ends_on=_lenient_day(place, self.head.get("датаконца", "")),
        )

    def _close(self, place: Place, key: str) -> Account | Line:
        if ENDS.get(self.section) != key:
            raise place.refused(N_("%(file)s, line %(line)s: a section ends that was not opened"))
        closed = _account(self.fields) if key == ACCOUNT_ENDS else _document(self.kind, self.fields)
        self.section = ""
        return closed

    def _finish(self, number: int) -> None:
        if self.section:
            raise Place(self.source.name, number).refused(
                N_(
                    "%(file)s breaks off at line %(line)s, inside the section opened in line %(opened)s: "
                    "load it from the bank again"
                ),
                opened=self.opened,
            )
        if not self.ended:
            raise Place(self.source.name, number).refused(
                N_("%(file)s breaks off at line %(line)s: its end mark is missing. Load it from the bank again")
            )


def _in_sections(source: Source, encoding: str) -> Iterator[str]:
    """The accounts that only their sections name, which may stand behind the documents: each of these is judged by
    them, so the file is looked through once more."""
    inside = False
    for _number, text in lines(source, encoding):
        key, _mark, value = text.partition("=")
        key = key.strip().casefold()
        inside = key == ACCOUNT or (inside and key != ACCOUNT_ENDS)
        if inside and key == "расчсчет" and digits(value):
            yield digits(value)


def _lenient_day(place: Place, text: str) -> date | None:
    """A date of the head, on which nothing depends."""
    try:
        return place.day(text)
    except Refused:
        return None


def _account(fields: Fields) -> Account:
    number = digits(fields.text("расчсчет"))
    currency = fields.place("расчсчет").currency(currency_of(number))

    def balance(key: str) -> int | None:
        text = fields.text(key)
        return fields.place(key).sum(text, currency, signed=True) if text else None

    return Account(
        line=fields.opened,
        number=number,
        currency=currency,
        begins_on=fields.day("датаначала"),
        ends_on=fields.day("датаконца"),
        opening=balance("начальныйостаток"),
        received=balance("всегопоступило"),
        spent=balance("всегосписано"),
        closing=balance("конечныйостаток"),
    )


def _document(kind: str, fields: Fields) -> Line:
    payer, payee = _party(fields, "плательщик"), _party(fields, "получатель")
    text = fields.text("сумма")
    if not text:
        raise fields.place("сумма").refused(N_("%(file)s, line %(line)s: the document has no sum"))
    received_on, spent_on = fields.day("датапоступило"), fields.day("датасписано")
    currency = fields.place("сумма").currency(currency_of(payee.account if received_on else payer.account))
    return Line(
        line=fields.opened,
        kind=short(kind),
        number=short(fields.text("номер")),
        dated_on=fields.day("дата"),
        received_on=received_on,
        spent_on=spent_on,
        amount_minor=fields.place("сумма").sum(text, currency),
        currency=currency,
        payer=payer,
        payee=payee,
        purpose=joined([fields.text(PURPOSE)]) or joined(fields.text(f"{PURPOSE}{number}") for number in range(1, 7)),
    )


def _party(fields: Fields, side: str) -> Party:
    """A side's name may stand in ``Плательщик``, behind its ИНН, or in ``Плательщик1``."""
    name, inn, kpp = named(fields.text(side))
    if not name:
        name, inn_beside, kpp_beside = named(fields.text(f"{side}1"))
        inn, kpp = inn or inn_beside, kpp or kpp_beside
    return Party(
        name,
        (digits(fields.text(f"{side}инн")) or inn)[:12],
        (digits(fields.text(f"{side}кпп")) or kpp)[:9],
        digits(fields.text(f"{side}счет")) or digits(fields.text(f"{side}расчсчет")),
    )
