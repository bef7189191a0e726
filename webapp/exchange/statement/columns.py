"""Which column of a bank's table means what: recognised by the usual headings, and adjustable."""

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.words import N_

FIELDS: dict[str, str] = {
    "booked_on": N_("Date of the payment"),
    "number": N_("Number of the document"),
    "amount": N_("Sum (negative is spent)"),
    "direction": N_("Received or spent"),
    "received": N_("Received"),
    "spent": N_("Spent"),
    "currency": N_("Currency"),
    "account": N_("Our account"),
    "name": N_("The other side's name"),
    "inn": N_("The other side's ИНН"),
    "kpp": N_("The other side's КПП"),
    "other_account": N_("The other side's account"),
    "payer": N_("Payer's name"),
    "payer_inn": N_("Payer's ИНН"),
    "payer_kpp": N_("Payer's КПП"),
    "payer_account": N_("Payer's account"),
    "payee": N_("Payee's name"),
    "payee_inn": N_("Payee's ИНН"),
    "payee_kpp": N_("Payee's КПП"),
    "payee_account": N_("Payee's account"),
    "purpose": N_("Purpose"),
    "reference": N_("The bank's own number"),
}
"""What a column can mean. A date, and a sum in one of its three shapes, have to be there."""

USUAL: dict[str, tuple[str, ...]] = {
    "booked_on": (
        "дата", "дата операции", "дата проводки", "дата платежа", "дата документа", "дата поступления", "date",
        "booking date", "booked on", "transaction date", "value date", "posting date",
    ),
    "number": (
        "номер", "номер документа", "№", "№ документа", "№ док.", "n док", "номер док.", "номер п/п", "number",
        "document number", "document", "payment number",
    ),
    "amount": ("сумма", "сумма операции", "сумма платежа", "amount", "sum", "transaction amount"),
    "direction": ("тип", "тип операции", "приход/расход", "дебет/кредит", "дт/кт", "d/c", "direction", "type"),
    "received": (
        "кредит", "приход", "поступление", "поступило", "сумма по кредиту", "сумма зачисления", "оборот кт", "credit",
        "received", "paid in", "money in", "credit amount",
    ),
    "spent": (
        "дебет", "расход", "списание", "списано", "сумма по дебету", "сумма списания", "оборот дт", "debit", "spent",
        "paid out", "money out", "debit amount",
    ),
    "currency": ("валюта", "код валюты", "валюта операции", "currency", "ccy"),
    "account": ("счет", "счёт", "номер счета", "номер счёта", "расчетный счет", "наш счет", "account", "our account"),
    "name": ("контрагент", "наименование контрагента", "наименование", "корреспондент", "counterparty", "name"),
    "inn": ("инн", "инн контрагента", "inn", "counterparty inn", "tax id"),
    "kpp": ("кпп", "кпп контрагента", "kpp"),
    "other_account": (
        "счет контрагента", "счёт контрагента", "счет корреспондента", "counterparty account", "iban",
    ),
    "payer": ("плательщик", "наименование плательщика", "плательщик наименование", "payer", "payer name", "debtor"),
    "payer_inn": ("инн плательщика", "плательщик инн", "payer inn", "payer tax id"),
    "payer_kpp": ("кпп плательщика", "плательщик кпп", "payer kpp"),
    "payer_account": ("счет плательщика", "счёт плательщика", "плательщик счет", "payer account"),
    "payee": ("получатель", "наименование получателя", "получатель наименование", "payee", "payee name", "creditor"),
    "payee_inn": ("инн получателя", "получатель инн", "payee inn", "payee tax id"),
    "payee_kpp": ("кпп получателя", "получатель кпп", "payee kpp"),
    "payee_account": ("счет получателя", "счёт получателя", "получатель счет", "payee account"),
    "purpose": (
        "назначение", "назначение платежа", "основание", "описание", "описание операции", "комментарий", "purpose",
        "description", "details", "payment purpose", "reference text",
    ),
    "reference": (
        "референс", "уникальный номер", "идентификатор операции", "id операции", "reference", "transaction id",
    ),
}  # fmt: skip
"""Headings in lower case. A heading that begins with one of these and goes on (“Сумма, руб.”) means the same."""

PREAMBLE = 40
"""Rows that a bank may write above the headings."""

Columns = dict[str, int]
"""What a column means -> its place."""


class Unmapped(Refused):
    """The columns do not say what they mean; ``headings`` are those that were found, for a person to choose from."""

    def __init__(self, message: str, headings: Sequence[str], **values: Any) -> None:
        super().__init__(message, **values)
        self.headings = tuple(headings)


def plain(heading: str) -> str:
    return " ".join(heading.casefold().replace("ё", "е").split()).strip(" :*")


def recognise(headings: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """Where each meaning stands: as chosen, else by the usual headings. An empty choice leaves a meaning out."""
    cells = [plain(heading) for heading in headings]
    found: Columns = {}
    for meaning, heading in chosen.items():
        if meaning in FIELDS and heading and plain(heading) in cells:
            found[meaning] = cells.index(plain(heading))
    taken = set(found.values())
    for exact in (True, False):
        for meaning, names in USUAL.items():
            if meaning in chosen or meaning in found:
                continue
            place = _place(cells, names, taken, exact=exact)
            if place is not None:
                found[meaning] = place
                taken.add(place)
    return found


def _place(cells: Sequence[str], names: Sequence[str], taken: set[int], *, exact: bool) -> int | None:
    for name in (plain(name) for name in names):
        for place, cell in enumerate(cells):
            if place not in taken and (
                cell == name if exact else cell.startswith((f"{name},", f"{name} (", f"{name}, "))
            ):
                return place
    return None


def is_enough(found: Columns) -> bool:
    """A date, and a sum: signed, with its direction, or in two columns of which one may be absent."""
    return "booked_on" in found and bool({"amount", "received", "spent"} & set(found))
