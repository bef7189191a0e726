"""The files of a product."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.file import StoredFile
from webapp.domain.product_file import ProductFile
from webapp.domain.user import Actor


@dataclass(frozen=True, slots=True)
class FileRow:
    id: int
    name: str
    bytes: int
    media_type: str
    added_at: datetime


def files_of(session: Session, actor: Actor, product_id: int) -> tuple[FileRow, ...]:
    """Those that are offered. One statement."""
    own = ProductFile
    found = session.execute(
        select(own.id, own.name, own.bytes, StoredFile.media_type, own.added_at)
        .join(StoredFile, StoredFile.id == own.file_id)
        .where(own.product_id == product_id, own.removed_at.is_(None))
        .order_by(own.name, own.id)
    )
    return tuple(FileRow(*row) for row in found)
