"""Bounds on what a file may hold, kept while it is read: an archive says little about what comes out of it."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from webapp.domain.errors import Refused
from webapp.domain.words import N_

LARGEST_FILE = 50 * 1024 * 1024
"""Bytes of one file as it arrives, and of everything that an archive unpacks to."""

LARGEST_RATIO = 200
"""How many times larger than packed a file of an archive may be; sheets of real exports reach about 40."""

MOST_MEMBERS = 200
"""Files in one archive; a workbook has a few dozen."""

MOST_ROWS = 300_000
"""Rows of all tables of one import."""

MOST_COLUMNS = 500

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
"""What unpacking a damaged, locked or unusual archive raises."""

SMALL = 1024 * 1024
"""Below this the ratio says nothing: a few kilobytes of spaces pack a thousandfold."""


def check_size(name: str, size: int) -> None:
    """Refuse a file by its size, before it is read."""
    if size > LARGEST_FILE:
        raise Refused(
            N_("%(file)s is larger than %(limit)s MB: split it"), file=name, limit=LARGEST_FILE // (1024 * 1024)
        )


def read_file(path: Path) -> bytes:
    """The bytes of a file, unless it is too large to be an export."""
    try:
        check_size(path.name, path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise Refused(N_("%(file)s cannot be opened"), file=str(path)) from error


def unpack(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the files in an archive, each counted while it is unpacked: its own word is not trusted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _members(name, archive)
            left = LARGEST_FILE
            for member in members:
                unpacked = _unpack_member(name, archive, member, left)
                left -= len(unpacked)
                yield member.filename, unpacked
    except BROKEN as error:
        raise Refused(N_("%(file)s is damaged or locked: it cannot be unpacked"), file=name) from error


def _members(name: str, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) > MOST_MEMBERS:
        raise _bomb(name)
    return members


def _unpack_member(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    limit = min(left, max(SMALL, member.compress_size * LARGEST_RATIO))
    with archive.open(member) as stream:
        unpacked = stream.read(limit + 1)
    if len(unpacked) > limit:
        raise _bomb(name)
    return unpacked


def _bomb(name: str) -> Refused:
    return Refused(N_("%(file)s unpacks to far more than an export holds: it is not read"), file=name)
