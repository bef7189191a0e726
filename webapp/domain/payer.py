"""Payers: who pays for which client. A third party is remembered once a person confirmed it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.client import Client
from webapp.domain.errors import Refused
from webapp.domain.event import event
from webapp.domain.user import User
from webapp.domain.words import N_


class Payer(Base):
    """Somebody with this ИНН (or, without one, this account) pays for this client."""

    __tablename__ = "payer"
    __table_args__ = (UniqueConstraint("inn", "account", "client_id"), {"sqlite_autoincrement": True})

    inn: Mapped[str] = mapped_column(String(12), default="")
    account: Mapped[str] = mapped_column(String(34), default="", index=True)
    """Only where the payer has no ИНН."""
    name: Mapped[str] = mapped_column(String(300), default="")
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id"), index=True)
    confirmed_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    confirmed_at: Mapped[datetime]

    client: Mapped[Client] = relationship()

    @classmethod
    def remember(
        cls, session: Session, client: Client, *, inn: str, account: str, name: str, by: User, at: datetime
    ) -> "Payer":
        """The payer pays for the client; once remembered it stays."""
        account = "" if inn else account
        if not inn and not account:
            raise Refused(N_("This payer has neither an ИНН nor an account: nothing would tell him again"))
        found = session.query(cls).filter_by(inn=inn, account=account, client_id=client.id).one_or_none()
        if found is not None:
            return found
        payer = cls(inn=inn, account=account, name=name, client=client, confirmed_by_id=by.id, confirmed_at=at)
        session.add(payer)
        session.flush()
        session.add(
            event("payer:remembered", by=by, at=at, client_id=client.id, subject_id=payer.id, details={"name": name})
        )
        return payer
