"""The PDF of a credit note, once it was printed. It stands apart: the note itself never changes."""

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, Session

from webapp.domain.base import Base
from webapp.domain.file import StoredFile
from webapp.domain.invoice import CreditNote


class CreditNoteFile(Base):
    """Whose PDF, and which bytes. Given again for ever: later requisites of the company change nothing in it."""

    __tablename__ = "credit_note_file"

    note_id: Mapped[int] = mapped_column(ForeignKey("credit_note.id"), unique=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))

    file: Mapped[StoredFile] = relationship()

    @classmethod
    def of(cls, session: Session, note_id: int) -> StoredFile | None:
        """The stored PDF; None while nobody asked for one."""
        found = session.scalars(select(cls).where(cls.note_id == note_id)).one_or_none()
        return None if found is None else found.file

    @classmethod
    def keep(cls, session: Session, note_id: int, pdf: bytes) -> StoredFile:
        """Whoever printed first wins."""
        session.get_one(CreditNote, note_id, with_for_update=True)
        known = cls.of(session, note_id)
        if known is None:
            known = StoredFile.store(session, pdf, "application/pdf")
            session.add(cls(note_id=note_id, file=known))
            session.flush()
        return known
