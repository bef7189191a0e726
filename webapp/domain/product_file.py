"""Leaflets of the catalogue: files of a product that go out with a proposal."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, select, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.file import StoredFile
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.words import N_

MOST_FILES = 10
"""With one proposal."""
MOST_BYTES = 15 * 1024 * 1024
"""With one proposal: more is refused by many a mail server."""
OF_A_PRODUCT = 20


class ProductFile(Base):
    """A file with the name under which a client gets it. Removed, it is offered no more; what was sent keeps it."""

    __tablename__ = "product_file"
    __table_args__ = (Index("ix_product_file_product_id", "product_id", "id"), {"sqlite_autoincrement": True})

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    name: Mapped[str] = mapped_column(String(200))
    bytes: Mapped[int]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    removed_at: Mapped[datetime | None]

    product: Mapped[Product] = relationship()
    file: Mapped[StoredFile] = relationship()

    @classmethod
    def add(
        cls, session: Session, product: Product, file: StoredFile, name: str, *, by: User | None, at: datetime
    ) -> "ProductFile":
        kept = session.scalars(select(cls).where(cls.product_id == product.id, cls.removed_at.is_(None))).all()
        if any(one.file_id == file.id for one in kept):
            raise Refused(N_("The product has this file already"), field="file")
        if len(kept) >= OF_A_PRODUCT:
            raise Refused(N_("At most %(most)s files"), field="file", most=OF_A_PRODUCT)
        found = cls(
            product=product,
            file=file,
            name=name,
            bytes=len(file.content),
            added_at=at,
            added_by_id=by.id if by is not None else None,
        )
        session.add(found)
        session.flush()
        session.add(found._tell("product:attached", by=by, at=at))
        return found

    def remove(self, *, by: User, at: datetime) -> Event:
        if self.removed_at is not None:
            raise Refused(N_("This file is removed already"))
        self.removed_at = at
        return self._tell("product:detached", by=by, at=at)

    def _tell(self, kind: str, *, by: User | None, at: datetime) -> Event:
        details = {"name": self.product.name, "file": self.name, "sha256": self.file.sha256}
        return event(kind, by=by, at=at, subject_id=self.product_id, details=details)


def attached_files(session: Session | None, ids: Collection[int]) -> list[ProductFile]:
    """Those that are still offered, by product and name."""
    if not ids or session is None:
        return []
    found = select(ProductFile).join(Product).where(ProductFile.id.in_(ids), ProductFile.removed_at.is_(None))
    return list(session.scalars(found.order_by(Product.name_key, ProductFile.name, ProductFile.id)))


def check_attached(session: Session | None, ids: Sequence[int]) -> None:
    """Refuse what cannot go out with one proposal."""
    files = attached_files(session, ids)
    if len(files) < len(set(ids)):
        raise Refused(N_("Choose from the list"), field="attached")
    if len(files) > MOST_FILES:
        raise Refused(N_("At most %(most)s files"), field="attached", most=MOST_FILES)
    if sum(one.bytes for one in files) > MOST_BYTES:
        raise Refused(N_("Together at most %(most)s MB"), field="attached", most=MOST_BYTES // 1024 // 1024)


def sent_files(session: Session, printed: Mapping[str, Any]) -> list[tuple[StoredFile, str]]:
    """The files that were sent with a content, and their names."""
    named = printed.get("attachments", [])
    found = session.scalars(select(StoredFile).where(StoredFile.sha256.in_([file["sha256"] for file in named])))
    known = {file.sha256: file for file in found} if named else {}
    return [(known[file["sha256"]], file["name"]) for file in named]


def attached_content(session: Session | None, ids: Collection[int]) -> list[dict[str, Any]]:
    """What a version records of them: the name and the hash, which proves the bytes."""
    return [
        {"name": one.name, "sha256": one.file.sha256, "media_type": one.file.media_type, "bytes": one.bytes}
        for one in attached_files(session, ids)
    ]
