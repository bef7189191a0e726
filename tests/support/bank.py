"""Bank statements to test with, made here: 1CClientBankExchange in every version and encoding, and with each defect."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

OUR_INN, OUR_ACCOUNT, OUR_NAME = "7707083893", "40702810900000000001", "ООО Батон"
THEIR_ACCOUNT = "40702810400000000002"


@dataclass(frozen=True)
class Document:
    """One payment order. ``minor`` kopecks; incoming unless ``spent``."""

    minor: int
    purpose: str = "Оплата"
    number: str = "1"
    day: date = date(2026, 3, 2)
    name: str = "ООО Ромашка"
    inn: str = "7728168971"
    account: str = THEIR_ACCOUNT
    spent: bool = False


def amount(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


@dataclass(frozen=True)
class Statement:
    """A statement of our account, with its balance. ``opening`` kopecks."""

    documents: tuple[Document, ...]
    opening: int = 10_000_00
    version: str = "1.02"
    account: str = OUR_ACCOUNT
    our_inn: str = OUR_INN
    declared: str = "Windows"
    balance: bool = True
    extra: tuple[str, ...] = ()
    """Lines for every document: unknown keys."""

    @classmethod
    def of(cls, documents: Iterable[Document], **fields: object) -> "Statement":
        return replace(cls(tuple(documents)), **fields)  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        lines = ["1CClientBankExchange", f"ВерсияФормата={self.version}", f"Кодировка={self.declared}"]
        lines += ["Отправитель=Банк", "Получатель=", "ДатаСоздания=02.03.2026", "ВремяСоздания=18:00:00"]
        lines += ["ДатаНачала=02.03.2026", "ДатаКонца=02.03.2026", f"РасчСчет={self.account}"]
        if self.balance:
            received = sum(document.minor for document in self.documents if not document.spent)
            spent = sum(document.minor for document in self.documents if document.spent)
            lines += ["СекцияРасчСчет", "ДатаНачала=02.03.2026", "ДатаКонца=02.03.2026", f"РасчСчет={self.account}"]
            lines += [f"НачальныйОстаток={amount(self.opening)}", f"ВсегоПоступило={amount(received)}"]
            lines += [f"ВсегоСписано={amount(spent)}", f"КонечныйОстаток={amount(self.opening + received - spent)}"]
            lines += ["КонецРасчСчет"]
        for document in self.documents:
            lines += self._document(document)
        return "\r\n".join([*lines, "КонецФайла", ""])

    def _document(self, document: Document) -> list[str]:
        ours = (self.account, OUR_NAME, self.our_inn)
        theirs = (document.account, document.name, document.inn)
        day = f"{document.day:%d.%m.%Y}"
        lines = ["СекцияДокумент=Платежное поручение", f"Номер={document.number}", f"Дата={day}"]
        lines += [f"Сумма={amount(document.minor)}"]
        for side, (account, name, inn) in (
            ("Плательщик", ours if document.spent else theirs),
            ("Получатель", theirs if document.spent else ours),
        ):
            named = "" if self.version == "1.01" else "1"
            lines += [f"{side}Счет={account}", f"{side}{named}={name}", f"{side}ИНН={inn}"]
        lines += [f"ДатаСписано={day}" if document.spent else f"ДатаПоступило={day}", *self.extra]
        return [*lines, f"НазначениеПлатежа={document.purpose}", "КонецДокумента"]

    def bytes(self, encoding: str = "cp1251") -> bytes:
        return self.text.encode(encoding)
