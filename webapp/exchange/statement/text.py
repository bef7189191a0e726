"""From the bytes of a statement to numbered lines of text, as a stream."""

import codecs
import io
from collections.abc import Iterator

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.decoding import candidates, LONGEST_CELL
from webapp.exchange.statement.form import Source

WIDE = (b"\xff\xfe", b"\xfe\xff")
CODECS = ("utf-8-sig", "cp1251", "cp866")
"""What statements are written in, whatever they declare."""


def encoding_by_words(source: Source, words: tuple[str, ...]) -> str:
    """The encoding in which the beginning shows most of the words that every file of this format has."""
    begins = source.beginning()
    if begins.startswith(WIDE):
        return "utf-16"
    found = {codec: _shown(begins, codec, words) for codec in CODECS}
    best = max(CODECS, key=lambda codec: found[codec])
    if not found[best] and not begins.isascii():
        raise Refused(
            N_("%(file)s is in an encoding that we do not know: save it as UTF-8 or Windows-1251"), file=source.name
        )
    return best


def encoding_by_letters(source: Source) -> str:
    """The encoding of a file whose words are not known: UTF-8 if it can be, else what its letters look like."""
    begins = source.beginning()
    if begins.startswith(WIDE):
        return "utf-16"
    whole = begins[: begins.rfind(b"\n") + 1] or begins
    for codec in ("utf-8-sig", *candidates(whole)):
        try:
            whole.decode(codec)
        except UnicodeDecodeError:
            continue
        return codec
    raise Refused(N_("%(file)s is in an encoding that we do not know: save it as UTF-8"), file=source.name)


def _shown(begins: bytes, codec: str, words: tuple[str, ...]) -> int:
    text = begins.decode(codec, errors="replace").casefold()
    return sum(text.count(word) for word in words)


def lines(source: Source, encoding: str) -> Iterator[tuple[int, str]]:
    """Each line with its number, without its end. Ends may be CRLF, LF or CR. A damaged letter is refused."""
    number, rest = 0, ""
    seen = [0]
    for piece in _decoded(source, encoding, seen):
        parts = (rest + piece).split("\n")
        rest = parts.pop()
        for part in parts:
            number += 1
            yield number, _fit(source, number, part)
        seen[0] = number
        _fit(source, number + 1, rest)
    if rest:
        yield number + 1, _fit(source, number + 1, rest)


def _decoded(source: Source, encoding: str, seen: list[int]) -> Iterator[str]:
    """The text, piece by piece. ``seen`` holds the number of lines that the reader has counted, for the refusal."""
    decoder = codecs.getincrementaldecoder(encoding)()
    ends = io.IncrementalNewlineDecoder(decoder, translate=True)
    try:
        for chunk in source.chunks():
            yield ends.decode(chunk)
        yield ends.decode(b"", final=True)
    except UnicodeDecodeError as error:
        line = seen[0] + 1 + error.object[: error.start].count(b"\n")
        raise Refused(
            N_("%(file)s, line %(line)s: a letter is damaged (the rest is %(encoding)s)"),
            file=source.name,
            line=line,
            encoding=encoding.removesuffix("-sig").upper(),
        ) from error


def _fit(source: Source, line: int, text: str) -> str:
    if len(text) > LONGEST_CELL:
        raise Refused(N_("%(file)s, line %(line)s: the line is too long for a statement"), file=source.name, line=line)
    return text
