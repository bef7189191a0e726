"""vCards: people as phones and mail programs write them (2.1, 3.0, 4.0), read with patience, and written as 3.0.

A property that cannot be read is left out, a card without a name is counted, pictures and sounds are passed over.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from quopri import decodestring

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.decoding import decode

LARGEST = 1_000_000
"""Bytes of a file."""
MOST = 200
"""Cards of a file: nobody looks through a longer preview."""

PASSED_OVER = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
LENGTHS = {"name": 160, "position": 160, "phone": 40, "email": 254, "note": 2000}
PATRONYMIC = re.compile("(вич|вна|ична)$")
FOLD = 75
"""Octets of a line."""
LONGEST_HEAD, MOST_PARAMETERS = 1000, 20
"""Letters before the colon, and what is looked at of them: programs write a tenth of it."""


@dataclass(frozen=True, slots=True)
class Card:
    """One person, as far as we keep it. Texts are cut to what a contact holds."""

    name: str
    position: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""
    birthday: date | None = None
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """One line: its name without a group, its parameters in upper case, its value as it stands."""

    name: str
    parameters: dict[str, str]
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """``nameless`` counts cards that name nobody."""

    cards: tuple[Card, ...]
    nameless: int


def read(name: str, content: bytes) -> Reading:
    """The people of a file."""
    if len(content) > LARGEST:
        raise Refused(N_("%(file)s is larger than 1 MB"), file=name)
    blocks = list(_blocks(decode(name, content)))
    if not blocks:
        raise Refused(N_("%(file)s holds no vCard"), file=name)
    if len(blocks) > MOST:
        raise Refused(N_("%(file)s holds more than %(most)s people"), file=name, most=MOST)
    cards = [_card(list(_properties(block))) for block in blocks]
    named = tuple(card for card in cards if card.name)
    return Reading(named, len(cards) - len(named))


def write(cards: Iterable[Card]) -> bytes:
    """The people as vCard 3.0, UTF-8, folded at 75 octets."""
    lines: list[str] = []
    for card in cards:
        structured = ";".join(map(_escaped, _structured(card.name)))
        lines += ["BEGIN:VCARD", "VERSION:3.0", f"FN:{_escaped(card.name)}", f"N:{structured};;"]
        pairs = (("TITLE", card.position), ("ORG", card.organisation), ("EMAIL;TYPE=INTERNET", card.email))
        lines += [f"{key}:{_escaped(text)}" for key, text in pairs if text]
        lines += [f"TEL;TYPE=VOICE:{_escaped(card.phone)}"] if card.phone else []
        lines += [f"NOTE:{_escaped(card.note)}"] if card.note else []
        lines += [f"BDAY:{card.birthday.isoformat()}"] if card.birthday else []
        lines.append("END:VCARD")
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _structured(name: str) -> tuple[str, str, str]:
    """Family name, given names, patronymic: by these a phone sorts. The family name stands last, or before a given name
    with its patronymic."""
    *words, last = name.split()
    if len(words) == 2 and PATRONYMIC.search(last):
        return words[0], words[1], last
    if len(words) == 2 and PATRONYMIC.search(words[1]):
        return last, words[0], words[1]
    return (last, " ".join(words), "") if words else ("", last, "")


def _blocks(text: str) -> Iterator[list[str]]:
    """The unfolded lines of each card; one that never ends, ends with the file or with the next."""
    block: list[str] | None = None
    for line in _unfolded(text):
        word = line.strip().upper()
        if word == "BEGIN:VCARD":
            if block:
                yield block
            block = []
        elif word == "END:VCARD":
            if block is not None:
                yield block
            block = None
        elif block is not None:
            block.append(line)
    if block:
        yield block


def _unfolded(text: str) -> Iterator[str]:
    """Lines without their folds: a blank begins a continuation; quoted-printable goes on after a “=” at the end."""
    parts: list[str] = []
    head, quoted, soft = "", False, False
    for line in re.split(r"\r\n|\r|\n", text):
        more = [parts.pop()[:-1], line] if soft else [line[1:]] if line[:1] in (" ", "\t") else None
        if more is None:
            if parts:
                yield "".join(parts)
            parts, head, more = [], "", [line]
        parts += filter(None, more)
        if ":" not in head and len(head) < LONGEST_HEAD:
            head = "".join(parts)[:LONGEST_HEAD]
            quoted = "QUOTED-PRINTABLE" in head.partition(":")[0].upper()
        soft = quoted and bool(parts) and parts[-1].endswith("=")
    if parts:
        yield "".join(parts)


def _properties(lines: list[str]) -> Iterator[Property]:
    for line in lines:
        head, colon, value = _parted(line)
        name, *given = head[:LONGEST_HEAD].split(";")[: MOST_PARAMETERS + 1]
        name = name.rpartition(".")[2].strip().upper()
        if not colon or not re.fullmatch(r"[A-Z0-9-]+", name) or name in PASSED_OVER:
            continue
        parameters: dict[str, str] = {}
        for each in given:
            key, equals, said = each.upper().replace('"', "").partition("=")
            key, said = (key.strip(), said) if equals else ("ENCODING" if "PRINTABLE" in key else "TYPE", key.strip())
            parameters[key] = f"{parameters[key]},{said}" if key in parameters else said
        yield Property(name, parameters, _decoded(value, parameters))


def _parted(line: str) -> tuple[str, str, str]:
    """Before and after the first colon outside of quotes."""
    quoted = False
    for place, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            return line[:place], ":", line[place + 1 :]
    return line, "", ""


def _decoded(value: str, parameters: dict[str, str]) -> str:
    if "QUOTED-PRINTABLE" not in parameters.get("ENCODING", ""):
        return value
    content = decodestring(value.encode("ascii", "ignore"))
    for charset in (parameters.get("CHARSET", "utf-8"), "utf-8", "cp1251"):
        try:
            return content.decode(charset)
        except (ValueError, LookupError):
            continue
    return content.decode("cp1251", "replace")


def _card(properties: list[Property]) -> Card:
    said = {
        "name": _text(properties, "FN") or _name(properties),
        "position": _text(properties, "TITLE") or _text(properties, "ROLE"),
        "phone": _text(properties, "TEL").removeprefix("tel:"),
        "email": _text(properties, "EMAIL").removeprefix("mailto:").lower(),
        "note": _text(properties, "NOTE"),
    }
    said = {key: text if key == "note" else " ".join(text.split()) for key, text in said.items()}
    kept = {key: text[: LENGTHS[key]].strip() for key, text in said.items()}
    organisation = _text(properties, "ORG").replace(";", ", ").strip(", ")[:200]
    return Card(**kept, birthday=_day(_text(properties, "BDAY")), organisation=organisation)


def _text(properties: list[Property], name: str) -> str:
    """The preferred value of that name, else the first one that says something."""
    found = [each for each in properties if each.name == name and each.value.strip()]
    found.sort(key=lambda each: not ("PREF" in each.parameters.get("TYPE", "") or each.parameters.get("PREF") == "1"))
    return _plain(found[0].value) if found else ""


def _name(properties: list[Property]) -> str:
    structured = next((each.value for each in properties if each.name == "N"), "")
    family, given, middle = ([*re.split(r"(?<!\\);", structured), "", "", ""])[:3]
    return _plain(" ".join(part.strip() for part in (family, given, middle) if part.strip()))


def _plain(text: str) -> str:
    """Without escapes and characters that no text holds."""
    text = re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)
    return "".join(letter for letter in text if letter == "\n" or letter.isprintable()).strip()


def _day(text: str) -> date | None:
    """A birthday with its year; one without a year is none that we keep."""
    found = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(text.splitlines())


def _folded(line: str) -> str:
    """At most 75 octets a line, never within a letter."""
    parts, part, size = [], "", 0
    for letter in line:
        wide = len(letter.encode())
        if size + wide > FOLD:
            parts.append(part)
            part, size = "", 1  # the blank that begins a continuation
        part, size = part + letter, size + wide
    return "\r\n ".join([*parts, part])
