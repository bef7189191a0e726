"""The timeline's sentences about money: deals, contracts, invoices, payments, statements."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import url_for

from webapp.domain.deal import LOST_REASONS
from webapp.domain.invoice_state import DISPUTE_REASONS
from webapp.domain.permissions import Permission
from webapp.queries.timeline import Entry
from webapp.web.access import can
from webapp.web.deal_sums import sums_of
from webapp.web.field_names import field_name
from webapp.web.i18n import day, money
from webapp.web.i18n import month as month_of
from webapp.web.i18n import translated as _

Details = Mapping[str, Any]

MONEY_ICONS = {
    "contract": "file-text",
    "deal": "coin",
    "invoice": "file-invoice",
    "payer": "user-check",
    "payment": "cash",
    "statement": "building-bank",
}
MONEY_TONES = {
    "contract:added": "good",
    "contract:ended": "warn",
    "deal:lost": "bad",
    "deal:won": "good",
    "invoice:credited": "warn",
    "invoice:disputed": "bad",
    "payment:allocated": "good",
    "payment:returned": "bad",
}


def money_url(subject: str, entry: Entry) -> str | None:
    """Where the story goes on."""
    if subject == "deal" and entry.subject_id:
        return url_for("deals.show", id=entry.subject_id)
    if subject == "invoice" and entry.subject_id:
        return url_for("invoices.show", id=entry.subject_id)
    if subject == "contract" and entry.subject_id:
        return url_for("contracts.find", id=entry.subject_id)
    if subject == "payment" and entry.subject_id and can(Permission.PAYMENT_ENTER):
        return url_for("payments.show", id=entry.subject_id)
    return None


def _deal(details: Details) -> tuple[str, str]:
    reason = details.get("reason")
    why = _(LOST_REASONS[reason]) if reason in LOST_REASONS else ""
    return _joined(details.get("name"), _sums(details), why, details.get("competitor"), details.get("to")), ""


def _sums(details: Details) -> str:
    """The one-off and the monthly sum of a deal; nothing where the event carries none."""
    if not details.get("currency"):
        return ""
    return sums_of(details.get("one_off_minor") or 0, details.get("monthly_minor") or 0, details["currency"])


def _contract(details: Details) -> tuple[str, str]:
    was, now = _sum(details, "was_minor"), _sum(details, "amount_minor")
    fields = ", ".join(field_name(field) for field in details.get("fields") or () if field != "amount_minor")
    ends = _("until %(day)s") % {"day": _day(details["ends"])} if details.get("ends") else ""
    return _joined(details.get("name"), f"{was} → {now}" if was else now, fields, ends), _(details.get("reason") or "")


def _invoice(details: Details) -> tuple[str, str]:
    """A credit's or a dispute's reason is a person's; one of ours is told, another one quoted."""
    reason = details.get("reason") or ""
    known = _(DISPUTE_REASONS[reason]) if reason in DISPUTE_REASONS else ""
    due = _("due %(day)s") % {"day": _day(details["due"])} if details.get("due") else ""
    taken = _sum(details, "sum_minor")
    credit = _("credit note %(number)s") % {"number": details["credit"]} if details.get("credit") else ""
    period = month_of(date.fromisoformat(details["period"])) if details.get("period") else ""
    whole = taken or _sum(details, "amount_minor")
    told = _joined(_numbered(details.get("number")), credit, details.get("name"), period, whole, due, known)
    return told, details.get("note") or ("" if known else reason)


def _payment(details: Details) -> tuple[str, str]:
    """What of a payment covers which invoice, or the whole of it."""
    part = _sum(details, "sum_minor")
    whole = _sum(details, "amount_minor")
    invoice, reason = _numbered(details.get("invoice")), _(details.get("reason") or "")
    if part and part != whole:
        return _joined(invoice, _("%(part)s of %(whole)s") % {"part": part, "whole": whole}), reason
    return _joined(invoice, whole, _day(details.get("received"))), reason


def _payer(details: Details) -> tuple[str, str]:
    return details.get("name") or "", ""


def _numbered(label: str | None) -> str:
    return _("No. %(number)s") % {"number": label} if label else ""


def _sum(details: Details, key: str) -> str:
    return money(details[key], details["currency"]) if details.get(key) and details.get("currency") else ""


def _day(text: str | None) -> str:
    return day(date.fromisoformat(text)) if text else ""


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


MONEY_SENTENCES: dict[str, Callable[[Details], tuple[str, str]]] = {
    "contract": _contract,
    "deal": _deal,
    "invoice": _invoice,
    "payer": _payer,
    "payment": _payment,
    "statement": _payer,
}
"""As ``webapp.web.story.SENTENCES``."""
