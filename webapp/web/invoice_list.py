"""The list of invoices as its address asks for it."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request, url_for

from webapp.db import db
from webapp.domain.aging import AGE_BANDS
from webapp.queries.invoices import SHOWN, WantedInvoices
from webapp.queries.people import owners
from webapp.web.access import actor, LARGEST_ID

NUMBER = re.compile(r"(\d{1,12})(?:/(\d{4}))?", re.ASCII)
CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{4})~(\d{1,18})", re.ASCII)


def wanted() -> WantedInvoices:
    """What the address asks for. What cannot be read is as if it were not asked."""
    shown, band = request.args.get("shown", "owed"), request.args.get("band", "")
    number = NUMBER.fullmatch(request.args.get("q", "").strip().removeprefix("№").strip())
    asked = WantedInvoices(
        shown if shown in SHOWN else "owed",
        band if band in {each.key for each in AGE_BANDS} and shown == "overdue" else "",
        _id("clerk"),
        _id("client"),
        number[0] if number else "",
    )
    cursor = CURSOR.fullmatch(request.args.get("after", ""))
    by_due = asked.shown in ("owed", "overdue", "disputed") and not asked.number
    fits = cursor is not None and ("-" in cursor[1]) == by_due and _is_day(cursor[1])
    return replace(asked, after=(cursor[1], int(cursor[2]))) if cursor is not None and fits else asked


def choices(asked: WantedInvoices) -> dict[str, Any]:
    """What one may filter by, and the addresses of other pages."""
    people = [person for person in owners(db.session(), actor(), everybody=True) if person.department == "client"]
    return {
        "clerks": people,
        "shown": SHOWN,
        "bands": AGE_BANDS,
        "typed": request.args.get("q", "")[:40],
        "address": lambda **changes: address(replace(asked, **({"after": None} | changes))),
    }


def address(asked: WantedInvoices) -> str:
    return url_for(
        "invoices.show_all",
        shown=asked.shown,
        band=asked.band or None,
        clerk=asked.clerk_id,
        client=asked.client_id,
        q=asked.number or None,
        after=f"{asked.after[0]}~{asked.after[1]}" if asked.after else None,
    )


def _is_day(text: str) -> bool:
    try:
        return "-" not in text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _id(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found < LARGEST_ID else None
