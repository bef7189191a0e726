"""The people of a visit: whom we mean to meet, and whom we met."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.base import Base
from webapp.domain.client import Client
from webapp.domain.contact import Contact
from webapp.domain.errors import Refused
from webapp.domain.interaction import Interaction
from webapp.domain.words import N_

if TYPE_CHECKING:
    from webapp.domain.visit import Visit


class VisitContact(Base):
    """A person to meet at a visit; met, where there is an interaction."""

    __tablename__ = "visit_contact"
    __table_args__ = (Index("uq_visit_contact", "visit_id", "contact_id", unique=True), {"sqlite_autoincrement": True})

    visit_id: Mapped[int] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    interaction_id: Mapped[int | None] = mapped_column(ForeignKey("interaction.id", ondelete="SET NULL"), index=True)

    visit: Mapped["Visit"] = relationship(back_populates="people")
    contact: Mapped[Contact] = relationship()
    interaction: Mapped[Interaction | None] = relationship()


def of_client(client: Client, contacts: Sequence[Contact]) -> list[Contact]:
    """The people once each; somebody of another client is refused."""
    if any(contact.client_id != client.id for contact in contacts):
        raise Refused(N_("This contact belongs to another client"), field="contact_id")
    return list(dict.fromkeys(contacts))
