"""camt.053, the statement of ISO 20022, versions 02 and later: entry by entry, whatever its size."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.statement.cells import currency_of, digits, joined, NAME, one_line, Place, short
from webapp.exchange.statement.form import Account, Direction, Head, Line, Part, Party, Source
from webapp.exchange.statement.xml import Elements, Node

NAMESPACE = re.compile(r"camt\.053\.001\.(\d\d)")
OTHER = re.compile(r"([a-z]{4}\.\d{3})\.\d{3}\.\d\d")
WANTED = frozenset(
    {
        ("Stmt", "FrToDt"),
        ("Stmt", "Acct"),
        ("Stmt", "Bal"),
        ("Stmt", "TxsSummry"),
        ("Stmt", "Ntry"),
        ("BkToCstmrStmt", "Stmt"),
    }
)
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
CREDIT = "CRDT"


def is_xml(begins: bytes) -> bool:
    return begins.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


@dataclass(slots=True)
class _Told:
    """One statement of the file, as far as it was read."""

    account: Account
    owner: Party
    balances: dict[str, int] = field(default_factory=dict)
    received: int = 0
    spent: int = 0
    said: dict[str, int] = field(default_factory=dict)

    def closed(self) -> Account:
        """The account with its balance. Where the bank gives no totals, its entries are added up."""
        return replace(
            self.account,
            opening=next((self.balances[code] for code in OPENING if code in self.balances), None),
            received=self.said.get("TtlCdtNtries", self.received),
            spent=self.said.get("TtlDbtNtries", self.spent),
            closing=next((self.balances[code] for code in CLOSING if code in self.balances), None),
        )


def read_camt(source: Source) -> Iterator[Part]:
    """The head, the entries of each statement, and after them its account with its balance."""
    elements = Elements(source, WANTED)
    told: _Told | None = None
    period: Node | None = None
    headed = False
    for node in elements:
        if not headed:
            headed = True
            yield Head("camt.053", version=_version(source, elements.namespace), encoding="XML")
        if node.name == "FrToDt":
            period = node
        elif node.name == "Acct":
            told = _begin(source, node, period)
        elif node.name == "Stmt":
            if told is None:
                raise Place(source.name, node.line).refused(
                    N_("%(file)s, line %(line)s: the statement names no account")
                )
            yield told.closed()
            told, period = None, None
        elif told is None:
            raise Place(source.name, node.line).refused(N_("%(file)s, line %(line)s: the statement names no account"))
        elif node.name == "Ntry":
            yield from _entry(source, node, told)
        else:
            _balance(source, node, told)
    if not headed:
        _version(source, elements.namespace)
        raise Refused(N_("%(file)s holds no statement"), file=source.name)


def _version(source: Source, namespace: str) -> str:
    found = NAMESPACE.search(namespace)
    if found is None:
        other = OTHER.search(namespace)
        raise Refused(
            N_("%(file)s is %(kind)s: save the statement as camt.053"),
            file=source.name,
            kind=other[1] if other else "XML",
        )
    return found[1]


def _begin(source: Source, node: Node, period: Node | None) -> _Told:
    place = Place(source.name, node.line)
    number = digits(node.said("Id/IBAN", "Id/Othr/Id"))
    currency = place.currency(node.said("Ccy") or currency_of(number))
    begins, ends = (period.said(f"{side}DtTm", f"{side}Dt") if period else "" for side in ("Fr", "To"))
    account = Account(node.line, number, currency, place.day(begins), place.day(ends))
    return _Told(account, replace(_side(node, "Ownr"), account=number))


def _balance(source: Source, node: Node, told: _Told) -> None:
    """A balance (OPBD and the like), or the totals of the entries."""
    place = Place(source.name, node.line)
    if node.name == "TxsSummry":
        for name in ("TtlCdtNtries", "TtlDbtNtries"):
            text = node.said(f"{name}/Sum")
            if text:
                told.said[name] = place.sum(text, told.account.currency)
        return
    code = node.said("Tp/CdOrPrtry/Cd")
    minor = place.sum(node.said("Amt"), told.account.currency)
    told.balances.setdefault(code, minor if node.said("CdtDbtInd") == CREDIT else -minor)


def _entry(source: Source, node: Node, told: _Told) -> Iterator[Line]:
    """The lines of an entry: one for each payment in it, if their sums are told and add up; else one for all."""
    place = Place(source.name, node.line)
    currency = place.currency(_currency(node) or told.account.currency)
    minor = place.sum(node.said("Amt"), currency)
    incoming = node.said("CdtDbtInd") == CREDIT
    booked = (node.said("Sts/Cd", "Sts") or "BOOK") == "BOOK"
    if booked and currency == told.account.currency:
        told.received += minor if incoming else 0
        told.spent += 0 if incoming else minor
    parts = node.all("NtryDtls/TxDtls")
    amounts = [_part_sum(place, part, currency) for part in parts]
    if len(parts) < 2 or None in amounts or sum(amount or 0 for amount in amounts) != minor:
        parts, amounts = [parts[0] if len(parts) == 1 else node], [minor]
    day = place.day(node.said("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))
    for part, amount in zip(parts, amounts, strict=True):
        other = _side(part, "RltdPties/Dbtr" if incoming else "RltdPties/Cdtr")
        direction = Direction.INCOMING if incoming else Direction.OUTGOING
        yield Line(
            line=part.line,
            kind=short(node.said("BkTxCd/Domn/Fmly/SubFmlyCd", "BkTxCd/Prtry/Cd")),
            number=short(_number(part)),
            dated_on=day,
            received_on=day if incoming else None,
            spent_on=None if incoming else day,
            amount_minor=amount or 0,
            currency=currency,
            payer=other if incoming else told.owner,
            payee=told.owner if incoming else other,
            purpose=joined([*_texts(part), part.said("AddtlTxInf"), *([] if _texts(part) else [_extra(node)])]),
            reference=short(part.said("Refs/AcctSvcrRef") or node.said("AcctSvcrRef", "NtryRef")),
            direction=direction if booked else Direction.PENDING,
            account=told.account.number,
        )


def _currency(node: Node) -> str:
    amount = node.at("Amt")
    return amount.attributes.get("Ccy", "") if amount else ""


def _part_sum(place: Place, part: Node, currency: str) -> int | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        amount = part.at(path)
        if amount is not None and amount.text.strip():
            return place.sum(amount.text, currency) if amount.attributes.get("Ccy", currency) == currency else None
    return None


def _number(part: Node) -> str:
    """The payer's own number of the payment; NOTPROVIDED is how ISO writes nothing."""
    for name in ("EndToEndId", "InstrId", "TxId", "PmtInfId"):
        said = part.said(f"Refs/{name}")
        if said and said != "NOTPROVIDED":
            return said
    return ""


def _texts(part: Node) -> list[str]:
    """What the payer wrote: free text, and references of the creditor."""
    free = [node.text for node in part.all("RmtInf/Ustrd")]
    return free + [node.text for node in part.all("RmtInf/Strd/CdtrRefInf/Ref")]


def _extra(node: Node) -> str:
    return node.said("AddtlNtryInf")


def _side(node: Node, path: str) -> Party:
    """A party. Version 08 wraps it into ``Pty``."""
    parent, _, name = path.rpartition("/")
    party = node.at(f"{path}/Pty") or node.at(path) or Node(name, node.line, {})
    account = node.said(f"{parent}/{name}Acct/Id/IBAN", f"{parent}/{name}Acct/Id/Othr/Id") if parent else ""
    numbers = ("Id/OrgId/Othr/Id", "Id/PrvtId/Othr/Id")
    inn = next((said for said in (digits(party.said(path)) for path in numbers) if len(said) in (10, 12)), "")
    return Party(one_line(party.said("Nm"), NAME), inn if inn.isdigit() else "", "", digits(account))
