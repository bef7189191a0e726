"""From bytes to text to cells: which encoding, which delimiter, where a row is broken."""

import csv
import io
from collections.abc import Iterator

from charset_normalizer import from_bytes

from webapp.domain.errors import Refused
from webapp.domain.words import N_

CYRILLIC = ("cp1251", "cp866", "koi8_r")
"""What exports that are no UTF-8 are written in here, the usual one first."""

DELIMITERS = ",;\t|"

LONGEST_CELL = 100_000
"""Letters in one cell; a quote that nobody closed swallows the rest of the file."""


def decode(name: str, content: bytes) -> str:
    """The text of a file: UTF-8 with or without mark, UTF-16 with mark, else a Cyrillic page that fits best.

    A file that is nearly UTF-8 is a damaged one, and is refused with the line, rather than read as gibberish.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _without_zeros(name, _decode_wide(name, content))
    if b"\0" in content:
        raise Refused(N_("%(file)s is not a table: it holds binary data"), file=name)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_damaged(name, content, error.start)
    return _decode_cyrillic(name, content)


def rows(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number (of the row's last line) and cells of each row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    csv.field_size_limit(LONGEST_CELL)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise Refused(
            N_("%(file)s, line %(line)s: the quotes do not match, or a cell is too long"),
            file=name,
            line=reader.line_num,
        ) from error


def delimiter_of(text: str) -> str:
    """The delimiter that divides the first row most often outside of quotes; a comma where there is none."""
    counts = dict.fromkeys(DELIMITERS, 0)
    quoted = False
    for letter in text.lstrip("\r\n")[:LONGEST_CELL]:
        if letter == '"':
            quoted = not quoted
        elif not quoted and letter in "\r\n":
            break
        elif not quoted and letter in counts:
            counts[letter] += 1
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def candidates(content: bytes) -> tuple[str, ...]:
    """The Cyrillic pages that the letters may be written in, the likeliest first."""
    found = from_bytes(content[:200_000], cp_isolation=list(CYRILLIC)).best()
    return tuple(dict.fromkeys((found.encoding if found else CYRILLIC[0], *CYRILLIC)))


def _decode_wide(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise Refused(N_("%(file)s is damaged: it breaks off inside a letter"), file=name) from error


def _without_zeros(name: str, text: str) -> str:
    if "\0" in text:
        raise Refused(N_("%(file)s is not a table: it holds binary data"), file=name)
    return text


def _refuse_damaged(name: str, content: bytes, start: int) -> None:
    """Far more good letters than bad ones mean UTF-8 with a broken place, not another encoding."""
    lenient = content.decode("utf-8", errors="replace")
    good = sum(1 for letter in lenient if letter > "\x7f" and letter != "\N{REPLACEMENT CHARACTER}")
    if good > 3 * lenient.count("\N{REPLACEMENT CHARACTER}"):
        raise Refused(
            N_("%(file)s, line %(line)s: a letter is damaged (the rest is UTF-8)"),
            file=name,
            line=content.count(b"\n", 0, start) + 1,
        )


def _decode_cyrillic(name: str, content: bytes) -> str:
    for encoding in candidates(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(N_("%(file)s is in an encoding that we do not know: save it as UTF-8"), file=name)
