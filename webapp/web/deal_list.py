"""The list of deals as its address asks for it."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import request, url_for

from webapp.db import db
from webapp.domain.deal import DealStatus
from webapp.domain.words import Department
from webapp.queries.deals import WantedDeals
from webapp.queries.people import owners
from webapp.web.access import actor, LARGEST_ID


def wanted() -> WantedDeals:
    """What the address asks for. What cannot be read is as if it were not asked."""
    status, department = request.args.get("status", "open"), request.args.get("department", "")
    return WantedDeals(
        DealStatus(status) if status in set(DealStatus) else None,
        _number("owner"),
        Department(department) if department in set(Department) else None,
        _number("client"),
        _number("stage"),
        _cursor(request.args.get("after", "")),
    )


def choices(asked: WantedDeals) -> dict[str, Any]:
    """What one may filter by, and the addresses of other pages."""
    return {
        "people": owners(db.session, actor(), everybody=True),
        "statuses": list(DealStatus),
        "address": lambda **changes: address(replace(asked, **({"after": None} | changes))),
    }


def address(asked: WantedDeals) -> str:
    """The address that asks for it."""
    return url_for(
        "deals.show_all",
        status=asked.status.value if asked.status else "all",
        owner=asked.owner_id,
        department=asked.department.value if asked.department else None,
        client=asked.client_id,
        stage=asked.stage_id,
        after=f"{asked.after[0].isoformat()}~{asked.after[1]}" if asked.after else None,
    )


def _cursor(text: str) -> tuple[date, int] | None:
    day, _, number = text.partition("~")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def _number(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found < LARGEST_ID else None
