"""Events: append-only facts. Every change writes one in its transaction; timeline, audit and live board read them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, insert, JSON, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.user import User

EVENT_KINDS: dict[str, str] = {
    "absence:began": N_("gave clients to a colleague during an absence"),
    "absence:ended": N_("gave clients back after an absence"),
    "attack:defended": N_("defended the client against a competitor"),
    "attack:dismissed": N_("called an attack a false alarm"),
    "attack:joined": N_("added a signal to an attack"),
    "attack:lost": N_("lost the client to a competitor"),
    "attack:raised": N_("raised an attack"),
    "attack:taken": N_("took up an attack"),
    "client:added": N_("added the client"),
    "client:changed": N_("changed the client"),
    "client:exported": N_("exported clients"),
    "client:imported": N_("imported the client"),
    "client:matured": N_("found the client past its period of initial attraction"),
    "client:reattributed": N_("changed who attracted the client"),
    "commission:closed": N_("closed a month of commission"),
    "company:changed": N_("changed the settings"),
    "company:created": N_("created the company"),
    "competitor:added": N_("added a competitor"),
    "competitor:changed": N_("changed a competitor"),
    "competitor:restored": N_("took a competitor back into the registry"),
    "competitor:retired": N_("retired a competitor"),
    "contact:added": N_("added a contact"),
    "contact:changed": N_("changed a contact"),
    "contact:left": N_("wrote down that a contact left"),
    "contact:personal": N_("changed what is personal of a contact"),
    "contact:removed": N_("removed a contact"),
    "contact:returned": N_("wrote down that a contact is there again"),
    "contact:revealed": N_("revealed a contact's details"),
    "contract:added": N_("concluded a contract"),
    "contract:changed": N_("changed a contract"),
    "contract:ended": N_("set a contract's end"),
    "contract:indexed": N_("raised a contract's amount by its yearly rate"),
    "deal:added": N_("added a deal"),
    "deal:changed": N_("changed a deal"),
    "deal:imported": N_("imported a deal"),
    "deal:lost": N_("lost a deal"),
    "deal:moved": N_("took over a deal with the hand-off"),
    "deal:reassigned": N_("gave a deal to another owner"),
    "deal:reopened": N_("reopened a deal"),
    "deal:won": N_("won a deal"),
    "engagement:closed": N_("closed the engagement"),
    "engagement:moved": N_("moved the client"),
    "engagement:opened": N_("opened the engagement"),
    "engagement:reassigned": N_("reassigned the client"),
    "handoff:accepted": N_("accepted the hand-off"),
    "handoff:changed": N_("filled in the hand-off checklist"),
    "handoff:drafted": N_("began a hand-off"),
    "handoff:introduced": N_("introduced the new owner to the client"),
    "handoff:offered": N_("offered the client"),
    "handoff:returned": N_("returned the client with gaps"),
    "handoff:withdrawn": N_("withdrew the hand-off"),
    "import:applied": N_("applied an import"),
    "import:completed": N_("completed a held-back row"),
    "import:discarded": N_("discarded a held-back row"),
    "import:started": N_("started an import"),
    "import:undone": N_("undid an import"),
    "interaction:added": N_("recorded an interaction"),
    "invoice:agreed": N_("settled a dispute over an invoice"),
    "invoice:credited": N_("credited an invoice"),
    "invoice:disputed": N_("recorded a dispute over an invoice"),
    "invoice:issued": N_("issued an invoice"),
    "invoice:printed": N_("stored an invoice's PDF"),
    "letter:arrived": N_("said that a letter arrived"),
    "letter:bounced": N_("recorded that a letter came back"),
    "letter:cancelled": N_("left a letter as it is"),
    "letter:delayed": N_("could not send a letter yet"),
    "letter:failed": N_("could not send a letter"),
    "letter:queued": N_("wrote a letter"),
    "letter:repeated": N_("had a letter sent again"),
    "letter:sending": N_("began to send a letter"),
    "letter:sent": N_("sent a letter"),
    "letter:unsure": N_("does not know whether a letter went out"),
    "lettertext:changed": N_("changed the words of letters"),
    "lettertext:dropped": N_("went back to the shipped words of letters"),
    "nightly:done": N_("did the night's work"),
    "operation:done": N_("dealt with an item of the queue"),
    "payer:remembered": N_("remembered who pays for the client"),
    "payment:allocated": N_("covered an invoice with a payment"),
    "payment:claimed": N_("found the client of a payment"),
    "payment:freed": N_("took a payment off an invoice"),
    "payment:received": N_("entered a payment"),
    "payment:reopened": N_("asked again whose payment it is"),
    "payment:returned": N_("returned a payment"),
    "payment:setaside": N_("set a payment aside"),
    "plan:set": N_("set a plan of collecting"),
    "product:added": N_("added a product"),
    "product:changed": N_("changed a product"),
    "promise:added": N_("recorded a promise"),
    "promise:broken": N_("could not keep a promise"),
    "promise:kept": N_("kept a promise"),
    "promise:reassigned": N_("gave a promise to another owner"),
    "promisetopay:broken": N_("broke a promise to pay"),
    "promisetopay:changed": N_("put off a promise to pay"),
    "promisetopay:kept": N_("kept a promise to pay"),
    "promisetopay:made": N_("recorded a promise to pay"),
    "proposal:changed": N_("changed a proposal draft"),
    "proposal:discarded": N_("discarded a proposal draft"),
    "proposal:drafted": N_("drafted a proposal"),
    "proposal:printed": N_("stored the proposal's PDF"),
    "proposal:sent": N_("sent a proposal"),
    "proposal:unprinted": N_("could not print a proposal yet"),
    "rule:added": N_("added a commission rule"),
    "rule:ended": N_("set a commission rule's end"),
    "rule:revised": N_("added a version of a commission rule"),
    "rule:withdrawn": N_("withdrew a version of a commission rule that had not started"),
    "stage:added": N_("added a stage"),
    "stage:changed": N_("changed a stage"),
    "stage:removed": N_("removed a stage"),
    "statement:imported": N_("imported a bank statement"),
    "statement:undone": N_("undid a bank statement"),
    "task:added": N_("planned a task"),
    "task:cancelled": N_("cancelled a task"),
    "task:done": N_("finished a task"),
    "task:postponed": N_("postponed a task"),
    "task:reassigned": N_("gave a task to another owner"),
    "user:activated": N_("joined"),
    "user:changed": N_("changed a user"),
    "user:deactivated": N_("deactivated a user"),
    "user:entered": N_("logged in"),
    "user:imported": N_("imported the user"),
    "user:invited": N_("invited a user"),
    "user:left": N_("logged out"),
    "user:passwordchanged": N_("changed the password"),
    "user:reactivated": N_("reactivated a user"),
    "user:refused": N_("failed to log in"),
    "user:resetasked": N_("made a password link"),
    "user:secondfactor": N_("changed the second factor"),
    "user:sessionsended": N_("ended sessions"),
}
"""Every kind of event, ``subject:action``, with the words that follow the actor's name on a timeline."""


class Event(Base):
    """One fact. Append-only: a database trigger refuses update and delete.

    ``client_id`` and ``subject_id`` are plain numbers, not foreign keys: the fact outlives what it is about.
    ``details`` holds JSON numbers and texts only; never a phone number, an e-mail or a secret.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_client_id_id", "client_id", "id"),
        Index("ix_event_kind_id", "kind", "id"),
        {"sqlite_autoincrement": True},
    )

    kind: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    client_id: Mapped[int | None]
    subject_id: Mapped[int | None]
    stage_ids: Mapped[list[int] | None] = mapped_column(JSON)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)

    actor: Mapped["User | None"] = relationship(lazy="raise")


def event(
    kind: str,
    *,
    by: "User | None",
    at: datetime,
    client_id: int | None = None,
    subject_id: int | None = None,
    stages: tuple[int, ...] = (),
    details: Mapping[str, Any] | None = None,
) -> Event:
    """A new event. ``by`` is None when the system itself acted; ``stages`` are the board columns that it changes."""
    if kind not in EVENT_KINDS:
        raise KeyError(f"{kind} is not in EVENT_KINDS")
    return Event(
        kind=kind,
        at=at,
        actor_id=None if by is None else by.id,
        client_id=client_id,
        subject_id=subject_id,
        stage_ids=list(stages) or None,
        details=dict(details or {}),
    )


def write_all(session: Session, events: Sequence[Event]) -> None:
    """Many events in one statement, for work by the thousand: nobody gets to know their ids."""
    if events:
        session.info.setdefault("written", []).extend(events)
        names = [column.key for column in Event.__mapper__.column_attrs if column.key != "id"]
        session.execute(insert(Event), [{name: getattr(each, name) for name in names} for each in events])
