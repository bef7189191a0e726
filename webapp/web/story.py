"""The timeline told in the reader's language: each event as a sentence with what matters of its details."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask_babel import get_locale

from webapp.domain.event import EVENT_KINDS
from webapp.domain.interaction import InteractionKind
from webapp.domain.queue import Outcome
from webapp.domain.user import Actor
from webapp.domain.words import Department
from webapp.queries.timeline import Entry, Timeline
from webapp.web.field_names import field_name
from webapp.web.i18n import clock, day
from webapp.web.i18n import translated as _
from webapp.web.story_attacks import ATTACK_SENTENCES, ATTACK_TONES
from webapp.web.story_fold import folded
from webapp.web.story_money import MONEY_ICONS, MONEY_SENTENCES, MONEY_TONES
from webapp.web.story_pages import page_of
from webapp.web.story_proposals import PROPOSAL_TONES, told_of_awareness, told_of_proposal
from webapp.web.story_visits import told_of_visit

Details = Mapping[str, Any]

ICONS = MONEY_ICONS | {
    "attack": "alert-circle",
    "awareness": "package",
    "client": "building",
    "contact": "user",
    "engagement": "layout-kanban",
    "handoff": "arrows-exchange",
    "import": "upload",
    "interaction": "message",
    "letter": "mail",
    "promise": "heart-handshake",
    "proposal": "file-text",
    "rivalsupply": "alert-circle",
    "task": "calendar",
    "vip": "diamond",
    "visit": "map-pin",
}
MEETING_ICONS = {"meeting": "users", "call": "phone", "email": "mail", "letter": "mailbox", "event": "calendar-event"}
TONES = (MONEY_TONES | ATTACK_TONES | PROPOSAL_TONES) | {
    "promise:kept": "good",
    "promise:broken": "bad",
    "handoff:accepted": "good",
    "handoff:returned": "warn",
    "handoff:offered": "accent",
    "letter:sent": "good",
    "letter:failed": "bad",
    "letter:bounced": "bad",
    "letter:unsure": "warn",
    "task:done": "good",
    "contact:revealed": "warn",
    "contact:saved": "warn",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the page shows it. ``quote`` is what a person wrote, shown as it is."""

    id: int
    icon: str
    tone: str | None
    title: str
    who: str
    at: tuple[str, str]
    text: str
    quote: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day of the reader's calendar."""

    label: str
    told: tuple[Told, ...]


def days(page: Timeline, reader: Actor, now: datetime) -> list[Day]:
    """The entries as sentences, by day of the reader's calendar."""
    zone = ZoneInfo(reader.timezone)
    today = now.astimezone(zone).date()
    return [
        Day(_day_label(found, today), tuple(_tell(entry, zone) for entry in folded(entries)))
        for found, entries in groupby(page.entries, key=lambda entry: entry.at.astimezone(zone).date())
    ]


def _day_label(found: date, today: date) -> str:
    ago = (today - found).days
    if ago in (0, 1):
        return _("Today") if ago == 0 else _("Yesterday")
    return day(found, "long")


def _tell(entry: Entry, zone: ZoneInfo) -> Told:
    subject = entry.kind.partition(":")[0]
    details = entry.details
    local = entry.at.astimezone(zone)
    if details.get("happened"):
        happened = datetime.fromisoformat(details["happened"]).astimezone(zone).date()
        details = {**details, "happened": happened if happened != local.date() else None}
    text, quote = SENTENCES.get(entry.kind, SENTENCES.get(subject, _nothing))(details)
    title = _(EVENT_KINDS.get(entry.kind, entry.kind))
    icon = ICONS.get(subject, "point")
    if entry.kind == "interaction:added" and details.get("kind") in set(InteractionKind):
        title = _(InteractionKind(details["kind"]).label)
        icon = MEETING_ICONS.get(details["kind"], icon)
    return Told(
        entry.id,
        icon,
        TONES.get(entry.kind),
        title[:1].upper() + title[1:],
        entry.actor or "Baton",
        (entry.at.isoformat(timespec="seconds"), clock(local.hour, local.minute, get_locale() or Locale("en"))),
        text,
        quote,
        page_of(subject, entry),
    )


def _nothing(details: Details) -> tuple[str, str]:
    return "", ""


def _named(details: Details) -> tuple[str, str]:
    return _joined(details.get("name"), _fields(details)), ""


def _changed(details: Details) -> tuple[str, str]:
    return _fields(details), ""


def _from_to(details: Details) -> tuple[str, str]:
    return _arrow(details), details.get("reason") or ""


def _moved(details: Details) -> tuple[str, str]:
    return _joined(_department(details.get("department")), _arrow(details)), ""


def _opened(details: Details) -> tuple[str, str]:
    stage = details.get("stage") or ""
    return _joined(_department(details.get("department")), _(stage), details.get("owner")), ""


def _reassigned(details: Details) -> tuple[str, str]:
    reason = details.get("reason") or ""
    return _joined(_department(details.get("department")), _arrow(details)), _(reason) if reason else ""


def _closed(details: Details) -> tuple[str, str]:
    reason = details.get("reason") or ""
    return _department(details.get("department")), _(reason) if reason else ""


def _handoff(details: Details) -> tuple[str, str]:
    lanes = " → ".join(filter(None, (_department(details.get("giver")), _department(details.get("receiver")))))
    people = _arrow(details) if details.get("to") else ""
    gaps = ", ".join(_(gap) for gap in details.get("gaps") or ())
    filled = ", ".join(_(item) for item in details.get("items") or ())
    told = _joined(lanes, people, filled, _("Gaps: %(gaps)s") % {"gaps": gaps} if gaps else "")
    return told, details.get("because") or ""


def _interaction(details: Details) -> tuple[str, str]:
    reached = {True: _("The purpose was reached"), False: _("The purpose was not reached")}.get(details.get("reached"))
    return _joined(details.get("contact"), day(details.get("happened")), reached), details.get("outcome") or ""


def _operation(details: Details) -> tuple[str, str]:
    outcome = details.get("outcome")
    return _(Outcome(outcome).label) if outcome in set(Outcome) else "", ""


def _promise(details: Details) -> tuple[str, str]:
    return _joined(details.get("reason")), details.get("text") or ""


def _letter(details: Details) -> tuple[str, str]:
    return details.get("subject") or "", details.get("reason") or ""


def _task(details: Details) -> tuple[str, str]:
    subject = details.get("subject") or ""
    due, was = (_iso(details.get(key)) for key in ("due", "was"))
    return _joined(_(subject) if subject else "", f"{was} → {due}" if was else due), ""


def _vip(details: Details) -> tuple[str, str]:
    return _joined(details.get("name"), _arrow(details)), details.get("reason") or ""


def _arrow(details: Details) -> str:
    ends = (details.get("from"), details.get("to"))
    return " → ".join(_(end) for end in ends if end)


def _department(word: str | None) -> str:
    return _(Department(word).label) if word else ""


def _fields(details: Details) -> str:
    return ", ".join(field_name(field) for field in details.get("fields") or ())


def _iso(text: str | None) -> str:
    return day(date.fromisoformat(text)) if text else ""


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


SENTENCES: dict[str, Callable[[Details], tuple[str, str]]] = (MONEY_SENTENCES | ATTACK_SENTENCES) | {
    "awareness": told_of_awareness,
    "client:added": _nothing,
    "client:changed": _changed,
    "client:imported": _nothing,
    "client:reattributed": _from_to,
    "contact": _named,
    "engagement:closed": _closed,
    "engagement:moved": _moved,
    "engagement:opened": _opened,
    "engagement:reassigned": _reassigned,
    "handoff": _handoff,
    "interaction": _interaction,
    "letter": _letter,
    "operation": _operation,
    "promise": _promise,
    "discount": told_of_proposal,
    "proposal": told_of_proposal,
    "rivalsupply": _named,
    "task": _task,
    "vip": _vip,
    "visit": told_of_visit,
}
"""How the details of a kind, or of all kinds of a subject, are told: a text of ours and a quote of theirs."""
