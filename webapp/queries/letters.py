"""Letters to clients: the list with those in trouble first, and the newest of one client. Alarms to our own people are
not among them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal, select, tuple_
from sqlalchemy.orm import Session

from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind, LetterState
from webapp.domain.user import Actor, User

PAGE = 50
SHOWN = 5
"""So many stand on the client's page."""


@dataclass(frozen=True, slots=True)
class WantedLetters:
    """What the list is narrowed to; ``after`` is the cursor of the page: trouble and id."""

    state: LetterState | None = None
    client_id: int | None = None
    after: tuple[bool, int] | None = None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter of the list. The address stays out: who may see it is asked on the letter's own page."""

    id: int
    kind: LetterKind
    state: LetterState
    troubled: bool
    subject: str
    answer: str
    written_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime | None
    client_id: int
    client: str
    contact: str | None
    author: str | None


@dataclass(frozen=True, slots=True)
class FoundLetters:
    rows: tuple[LetterRow, ...]
    after: tuple[bool, int] | None
    """The next page's cursor; None at the end."""
    troubled: int
    """How many a person has to decide about, of the client or of all."""


_ROWS = (
    select(
        Letter.id,
        Letter.kind,
        Letter.state,
        Letter.troubled,
        Letter.subject,
        Letter.answer,
        Letter.written_at,
        Letter.sent_at,
        Letter.next_attempt_at,
        Letter.client_id,
        Client.name.label("client"),
        Contact.name.label("contact"),
        User.name.label("author"),
    )
    .join(Client, Client.id == Letter.client_id)
    .outerjoin(Contact, Contact.id == Letter.contact_id)
    .outerjoin(User, User.id == Letter.author_id)
    .where(Letter.kind != LetterKind.ALARM)
)
_OF_CLIENT = (
    _ROWS.where(Letter.client_id == bindparam("client")).order_by(Letter.troubled.desc(), Letter.id.desc()).limit(SHOWN)
)


def list_letters(session: Session, actor: Actor, wanted: WantedLetters) -> FoundLetters:
    """A page of letters, those in trouble first, then the newest. Two statements."""
    page, trouble = _ROWS, select(func.count(Letter.id)).where(Letter.troubled)
    if wanted.client_id is not None:
        page = page.where(Letter.client_id == wanted.client_id)
        trouble = trouble.where(Letter.client_id == wanted.client_id)
    if wanted.state is not None:
        page = page.where(Letter.state == wanted.state).order_by(Letter.id.desc())
        if wanted.after is not None:
            page = page.where(Letter.id < wanted.after[1])
    else:
        page = page.order_by(Letter.troubled.desc(), Letter.id.desc())
        if wanted.after is not None:
            cursor = tuple_(literal(wanted.after[0]), literal(wanted.after[1]))
            page = page.where(tuple_(Letter.troubled, Letter.id) < cursor)
    rows = [LetterRow(**row._mapping) for row in session.execute(page.limit(PAGE + 1))]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return FoundLetters(
        tuple(rows[:PAGE]), (last.troubled, last.id) if last is not None else None, session.scalar(trouble) or 0
    )


def of_client(session: Session, actor: Actor, client_id: int) -> tuple[LetterRow, ...]:
    """The client's letters for its page: those in trouble, then the newest. One statement."""
    return tuple(LetterRow(**row._mapping) for row in session.connection().execute(_OF_CLIENT, {"client": client_id}))


def recipients(session: Session, client_id: int) -> list[tuple[int, str]]:
    """The client's contacts who are still there and have an e-mail address: id and name with position."""
    found = session.execute(
        select(Contact.id, Contact.name, Contact.position)
        .where(
            Contact.client_id == client_id, Contact.removed_at.is_(None), Contact.left_at.is_(None), Contact.email != ""
        )
        .order_by(Contact.name)
        .limit(200)
    )
    return [(row.id, f"{row.name}, {row.position}" if row.position else row.name) for row in found]
