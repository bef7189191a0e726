"""Reading any statement: its format by its beginning, whose it is, which way each line went, whether it balances."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.statement.camt import is_xml, read_camt
from webapp.exchange.statement.cells import Place, short
from webapp.exchange.statement.client_bank import is_client_bank, read_client_bank
from webapp.exchange.statement.form import Account, Direction, Head, Line, Ours, Part, Party, Source, Statement
from webapp.exchange.statement.table import read_table

MOST_LINES = 300_000
"""Documents of one statement; more come in parts."""

NOTHING: Mapping[str, str] = MappingProxyType({})


class Reading:
    """A statement as a stream of its lines, each with its direction. ``statement`` tells the rest at the end.

    Nothing may be kept of what was yielded unless the stream came to its end: whose statement it is, and whether it is
    whole and balances, may turn out in its last line.
    """

    def __init__(self, source: Source, ours: Ours, chosen: Mapping[str, str] = NOTHING) -> None:
        """``chosen`` maps meanings to headings, for tables (columns.FIELDS)."""
        self.source, self.ours = source, ours
        self.parts = _parts(source, ours, chosen)
        self.head = Head("")
        self.accounts: list[Account] = []
        self.proven: set[str] = set()
        self.claimed: dict[str, int] = {}
        """Accounts that the statement calls its own -> the line."""
        self.counts: Counter[Direction] = Counter()
        self.received: Counter[str] = Counter()
        self.spent: Counter[str] = Counter()
        self.statement: Statement | None = None

    def __iter__(self) -> Iterator[Line]:
        if not (self.ours.accounts or self.ours.inn):
            raise Refused(
                N_(
                    "Write down our own ИНН and bank account in the settings first: "
                    "otherwise nobody can tell whose statement this is"
                )
            )
        for part in self.parts:
            if isinstance(part, Head):
                self.head = part
                self.claimed |= dict.fromkeys(part.accounts, 1)
            elif isinstance(part, Account):
                self._take_account(part)
            else:
                yield self._judged(part)
        self._finish()

    def _take_account(self, account: Account) -> None:
        self.claimed.setdefault(account.number, account.line)
        self.accounts.append(account)
        due = account.due
        if due is not None and account.closing is not None and due != account.closing:
            raise Place(self.source.name, account.line).refused(
                N_(
                    "%(file)s, line %(line)s: the balance of account %(account)s does not come out: "
                    "opening + received - spent is %(due)s, the statement says %(closing)s"
                ),
                account=account.number,
                due=_major(due),
                closing=_major(account.closing),
            )

    def _judged(self, line: Line) -> Line:
        """The line with its direction and the account of ours that it touched."""
        if sum(self.counts.values()) >= MOST_LINES:
            raise Refused(N_("More than %(limit)s documents: import them in parts"), limit=MOST_LINES)
        judged = line if line.direction is not Direction.UNKNOWN else self._by_accounts(line)
        if judged.account:
            self.claimed.setdefault(judged.account, judged.line)
            self._prove(judged)
        other = judged.payer if judged.direction is Direction.INCOMING else judged.payee
        if judged.direction in (Direction.INCOMING, Direction.OUTGOING) and self._is_us(other):
            judged = replace(judged, direction=Direction.OWN)
        if not judged.amount_minor:
            judged = replace(judged, direction=Direction.PENDING)
        self.counts[judged.direction] += 1
        if judged.direction in (Direction.INCOMING, Direction.OWN):
            self.received[judged.payee.account or judged.account] += judged.amount_minor
        if judged.direction in (Direction.OUTGOING, Direction.OWN):
            self.spent[judged.payer.account or judged.account] += judged.amount_minor
        return judged

    def _by_accounts(self, line: Line) -> Line:
        claimed = self.claimed or self.ours.accounts
        in_account, out_account = line.payee.account in claimed, line.payer.account in claimed
        if in_account and out_account:
            return replace(line, direction=Direction.OWN, account=line.payee.account)
        if in_account:
            direction = Direction.INCOMING if line.received_on else Direction.PENDING
            return replace(line, direction=direction, account=line.payee.account)
        if out_account:
            direction = Direction.OUTGOING if line.spent_on else Direction.PENDING
            return replace(line, direction=direction, account=line.payer.account)
        return line

    def _is_us(self, party: Party) -> bool:
        """Another account of ours: money between our own accounts is nobody's payment."""
        return party.account in self.ours.accounts or (bool(self.ours.inn) and party.inn == self.ours.inn)

    def _prove(self, line: Line) -> None:
        """An account is ours if we know its number, or if our ИНН stands beside it. Another's ИНН disproves it."""
        account = line.account
        if account in self.proven:
            return
        side = line.payer if line.payer.account == account and line.payee.account != account else line.payee
        if account in self.ours.accounts or (side.inn and side.inn == self.ours.inn):
            self.proven.add(account)
        elif side.inn:
            raise Place(self.source.name, line.line).refused(
                N_(
                    "%(file)s, line %(line)s: account %(account)s belongs to %(name)s, ИНН %(inn)s, not to us: "
                    "this is another company's statement"
                ),
                account=account,
                name=short(side.name) or "?",
                inn=side.inn,
            )

    def _finish(self) -> None:
        unproven = [account for account in self.claimed if account not in self.proven | self.ours.accounts]
        if set(self.counts) == {Direction.UNKNOWN}:
            raise Refused(
                N_("%(file)s: no document in it names an account of ours: this is another company's statement"),
                file=self.source.name,
            )
        if unproven and not (self.proven or self.ours.accounts & set(self.claimed)):
            raise Place(self.source.name, self.claimed[unproven[0]]).refused(
                N_(
                    "%(file)s, line %(line)s: account %(account)s is not ours: "
                    "neither the account nor the ИНН of our company stands in the statement"
                ),
                account=unproven[0] or "?",
            )
        self.statement = Statement(
            self.head,
            tuple(self.accounts),
            dict(self.counts),
            dict(self.received),
            dict(self.spent),
            tuple(self._missing()),
        )

    def _missing(self) -> Iterator[tuple[str, int]]:
        """What the bank says was received, against the lines of the file."""
        told: Counter[str] = Counter()
        for account in self.accounts:
            if account.received is None:
                return
            told[account.number] += account.received
        for number, minor in told.items():
            if minor != self.received[number]:
                yield number, minor - self.received[number]


def _parts(source: Source, ours: Ours, chosen: Mapping[str, str]) -> Iterator[Part]:
    begins = source.beginning()
    if not begins.strip():
        raise Refused(N_("%(file)s is empty"), file=source.name)
    if is_client_bank(begins):
        return read_client_bank(source)
    if is_xml(begins):
        return read_camt(source)
    return read_table(source, chosen, min(ours.accounts, default=""), ours.currency)


def _major(minor: int) -> str:
    """A balance for a refusal; every currency we keep has two digits."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"
