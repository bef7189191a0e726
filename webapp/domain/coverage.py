"""Coverage: how many of ours a client knows. After the hand-off that is at least two people, so that no client leaves
with an employee; with a key client at least three, a head among them. The method gives these numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.base import Base
from webapp.domain.words import Department

NEEDED = 2
KEY_NEEDED = 3

AFTER_HANDOFF = (Department.CLIENT, Department.VIP)
"""The rule holds for clients whom one of these departments serves."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who of ours is in live contact with a client: people by number, and those of them who head a department."""

    ours: frozenset[int]
    heads: frozenset[int]
    key: bool

    @property
    def needed(self) -> int:
        return KEY_NEEDED if self.key else NEEDED

    @property
    def lacks_head(self) -> bool:
        return self.key and not self.heads

    @property
    def blind(self) -> bool:
        return len(self.ours) < self.needed or self.lacks_head


def cover(live: Iterable[tuple[int, bool]], *, key: bool) -> Coverage:
    """The coverage by live threads, each given as our person and whether they head a department."""
    people = dict(live)
    return Coverage(frozenset(people), frozenset(person for person, head in people.items() if head), key)


class BlindSpot(Base):
    """A served client whom too few of ours know; once for each currency it pays in. Kept, not entered."""

    __tablename__ = "blind_spot"
    __table_args__ = (
        Index("ix_blind_spot_order", "currency", "monthly_minor", "client_id"),
        Index("uq_blind_spot_client_id_currency", "client_id", "currency", unique=True),
        {"sqlite_autoincrement": True},
    )

    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    currency: Mapped[str] = mapped_column(String(3))
    monthly_minor: Mapped[int]
    """What its running contracts bring a month."""
    ours: Mapped[int]
    """People of ours in live contact."""
    needed: Mapped[int]
    lacks_head: Mapped[bool]
