"""What a draft of a proposal may say, and what it must say before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, TYPE_CHECKING

from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES, WHOLE
from webapp.domain.proposal_choice import LineChoice
from webapp.domain.proposal_lines import check_lines, ProposalLine
from webapp.domain.tax import rates_on
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.proposal_template import ProposalTemplate

LANGUAGES = ("ru", "en")
LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
"""Letters; with ``MOST_ROWS`` it bounds the pages that one print can cost."""
MOST_ROWS = 400
FARTHEST = timedelta(days=366)
"""A document is dated at most a year from today, and valid at most three years."""
CONTROLS = frozenset(map(chr, (*range(9), 11, 12, *range(14, 32), 127)))
"""Characters that neither a database nor a document holds; tab and line ends are none of them."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that a person may write into a draft."""

    language: str
    currency: str
    prices_include_tax: bool
    dated_on: date
    valid_until: date
    contact: Contact | None
    title: str
    text: str
    terms: str
    lines: tuple[ProposalLine, ...]
    discount: int = 0
    template: "ProposalTemplate | None" = None
    """The look; None: the plain one."""
    attached: Sequence[int] = ()
    """Ids of product files."""

    def fields(self) -> dict[str, Any]:
        """The columns and their values, without the lines."""
        own = {name: getattr(self, name) for name in self.__slots__ if name != "lines"}
        return {**own, "attached": list(self.attached)}


class Sendable(Protocol):
    """What sending looks at: a version."""

    title: str
    lines: list[dict[str, Any]]

    @property
    def valid_until(self) -> date: ...


def check(draft: Draft, client: Client, today: date) -> None:
    """Refuse what no document may say; names the field at fault."""
    if draft.language not in LANGUAGES:
        raise Refused(N_("Choose a language"), field="language")
    if draft.currency not in CURRENCIES:
        raise Refused(N_("Choose a currency"), field="currency")
    if abs(draft.dated_on - today) > FARTHEST:
        raise Refused(N_("The date is more than a year from today"), field="dated_on")
    if not draft.dated_on <= draft.valid_until <= draft.dated_on + 3 * FARTHEST:
        raise Refused(N_("It is valid from its date on, for three years at most"), field="valid_until")
    if draft.contact is not None and (draft.contact.client_id != client.id or not draft.contact.there):
        raise Refused(N_("Choose a contact of this client"), field="contact_id")
    _check_texts(draft)
    if not 0 <= draft.discount <= WHOLE:
        raise Refused(N_("A discount is between 0 and 100 %"), field="discount")
    check_lines(draft.lines, rates_on(draft.dated_on), prices_include_tax=draft.prices_include_tax)


def _check_texts(draft: Draft) -> None:
    for field, text, longest in (
        ("title", draft.title, LONGEST_TITLE),
        ("text", draft.text, LONGEST_TEXT),
        ("terms", draft.terms, LONGEST_TEXT),
    ):
        if len(text) > longest:
            raise Refused(N_("At most %(longest)s letters"), field=field, longest=longest)
        if text.count("\n") > MOST_ROWS:
            raise Refused(N_("At most %(rows)s lines of text"), field=field, rows=MOST_ROWS)
    single = [("title", draft.title)]
    for position, line in enumerate(draft.lines):
        single += [(f"lines-{position}-name", line.name), (f"lines-{position}-unit", line.unit)]
        single += [(f"lines-{position}-section", line.section)]
    several = [("text", draft.text), ("terms", draft.terms)]
    for field, text in (*several, *((field, text.replace("\n", "\0")) for field, text in single)):
        if CONTROLS & set(text):
            raise Refused(N_("This holds characters that cannot be printed"), field=field)


def gaps(version: Sendable, today: date) -> list[str]:
    """What is missing before the version can be sent, each a sentence."""
    lines = [ProposalLine.read(kept) for kept in version.lines]
    return [
        sentence
        for missing, sentence in (
            (not version.title.strip(), N_("give it a title")),
            (not lines, N_("add at least one line")),
            (
                bool(lines) and all(line.choice is not LineChoice.INCLUDED for line in lines),
                N_("include at least one line: not everything can be left to choose"),
            ),
            (any(line.price_minor is None for line in lines), N_("name the price of every line")),
            (version.valid_until < today, N_("say until when it is valid: that day has passed")),
        )
        if missing
    ]
