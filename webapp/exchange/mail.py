"""E-mail as bytes: a letter going out, and the message that says that one came back (RFC 5322, 3464)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import Policy

from webapp.domain.mail_settings import is_address

MESSAGE_ID = re.compile(r"<[0-9a-f]{32}\.baton@[^<>\s]{1,255}>")
"""What ``Letter.write`` makes, and nobody else."""

MOST_PARTS = 200
"""A message that came back has a handful of parts; a hostile one has thousands."""

REPORTED = ("Status", "Diagnostic-Code")


class Whole(UnstructuredHeader, BaseHeader):
    """A header of one long word: cut or encoded, as Python does with those, it opens nothing."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("List-Unsubscribe", Whole)
PLAIN, INTERNATIONAL = (each.clone(header_factory=HEADERS) for each in (policy.SMTP, policy.SMTPUTF8))


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a message that came back says: of which letter, whether for good, and why."""

    message_ids: tuple[str, ...]
    failed: bool
    reason: str


def write(
    *,
    message_id: str,
    sender: str,
    sender_name: str,
    reply_to: str,
    to: str,
    subject: str,
    body: str,
    at: datetime,
    attachments: Sequence[tuple[str, str, bytes]] = (),
    way_out: str = "",
) -> EmailMessage:
    """A plain letter. ``attachments`` are name, media type and content. ``way_out`` is the address at which a mail
    program offers to stop such letters (RFC 2369), over TLS by one click and without a page (RFC 8058)."""
    plain = (sender + to + reply_to).isascii()
    message = EmailMessage(policy=PLAIN if plain else INTERNATIONAL)
    message["Message-ID"] = message_id
    message["Date"] = at
    message["From"] = _address(sender, _one_line(sender_name))
    message["To"] = _address(to)
    if is_address(reply_to) and reply_to != sender:
        message["Reply-To"] = _address(reply_to)
    message["Subject"] = _one_line(subject)
    if way_out:
        message["List-Unsubscribe"] = f"<{way_out}>"
    if way_out.startswith("https://"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(body, charset="utf-8", cte="quoted-printable")
    for name, media_type, content in attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub or "octet-stream", filename=_one_line(name))
    return message


def envelope(address: str) -> str:
    """The address as it stands in the envelope: a domain in other letters is written in ASCII.

    Raises UnicodeError for a domain that cannot be.
    """
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def read_bounce(raw: bytes) -> Bounce | None:
    """What a delivery status message reports; None for any other message."""
    message = message_from_bytes(raw, policy=policy.compat32)
    parts = list(_parts(message))
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not reports:
        return None
    blocks = [block for part in reports for block in _blocks(part)]
    actions = {_field(block, "Action").lower() for block in blocks} - {""}
    failing = [block for block in blocks if _field(block, "Action").lower() == "failed"]
    reason = " ".join(filter(None, (_field(block, name) for block in failing for name in REPORTED)))
    return Bounce(_originals(message, parts), "failed" in actions, reason)


def _originals(message: Message, parts: Sequence[Message]) -> tuple[str, ...]:
    """The ids of our letters that the message returns or answers, each once."""
    texts = [str(message.get(name, "")) for name in ("In-Reply-To", "References", "X-Failed-Message-ID")]
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            texts.append(_text(part))
        elif part is not message and "Message-ID" in part:
            texts.append(str(part["Message-ID"]))
    return tuple(dict.fromkeys(found for text in texts for found in MESSAGE_ID.findall(text)))


def _parts(message: Message) -> Iterator[Message]:
    """The message and its parts in order, as far as anybody reads; without recursion."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        inside = part.get_payload()
        if isinstance(inside, list):
            waiting.extend(one for one in inside if isinstance(one, Message))


def _blocks(part: Message) -> list[Message]:
    inside = part.get_payload()
    return [one for one in inside if isinstance(one, Message)] if isinstance(inside, list) else []


def _field(block: Message, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())


def _text(part: Message) -> str:
    inside = part.get_payload(decode=True)
    return inside.decode("utf-8", "replace") if isinstance(inside, bytes) else ""


def _address(text: str, name: str = "") -> Address:
    local, _, domain = text.rpartition("@")
    return Address(name, local, domain)


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
