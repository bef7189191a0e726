"""The lists of payments as their addresses ask for them."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request, url_for

from webapp.db import db
from webapp.domain.client import Client
from webapp.queries.payment_matches import resembled, suggestions_for
from webapp.queries.payments import counts, list_payments, MANY, SHOWN, WantedPayments
from webapp.web.access import actor, LARGEST_ID

CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{1,18})~(\d{1,18})", re.ASCII)


def wanted(client: Client | None = None) -> WantedPayments:
    """What the address asks for. What cannot be read is as if it were not asked."""
    shown = request.args.get("shown", "unclaimed")
    asked = WantedPayments(shown if shown in SHOWN else "unclaimed", client.id if client is not None else None)
    cursor = CURSOR.fullmatch(request.args.get("after", ""))
    by_day = client is not None or asked.shown in ("unclaimed", "all")
    if cursor is None or ("-" in cursor[1]) != by_day or not _fits(cursor[1]) or int(cursor[2]) >= LARGEST_ID:
        return asked
    return replace(asked, after=(cursor[1], int(cursor[2])))


def address(asked: WantedPayments) -> str:
    after = f"{asked.after[0]}~{asked.after[1]}" if asked.after else None
    if asked.client_id is not None:
        return url_for("payments.of_client", id=asked.client_id, after=after)
    return url_for("payments.show_all", shown=asked.shown, after=after)


def context(client: Client | None = None) -> dict[str, Any]:
    """What the list's template takes."""
    asked = wanted(client)
    found = list_payments(db.session(), actor(), asked)
    queue = client is None and asked.shown == "unclaimed"
    return {
        "asked": asked,
        "client": client,
        "found": found,
        "matches": suggestions_for(db.session(), actor(), found.payments) if queue else {},
        "resembled": resembled(db.session(), actor(), found.payments) if queue else {},
        "counts": counts(db.session(), actor()) if client is None else {},
        "many": MANY,
        "shown": SHOWN,
        "address": lambda **changes: address(replace(asked, **({"after": None} | changes))),
        "next": None,
        "wrong": "",
        "wrong_id": None,
    }


def _fits(text: str) -> bool:
    try:
        return int(text) < LARGEST_ID if "-" not in text else bool(date.fromisoformat(text))
    except ValueError:
        return False
