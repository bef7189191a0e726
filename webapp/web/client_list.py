"""The list of clients as its address asks for it."""

from dataclasses import asdict, replace
from typing import Any

from flask import request, url_for

from webapp.db import db
from webapp.domain.words import Department
from webapp.queries.clients import Found, list_clients, SORTS, Wanted
from webapp.queries.people import lane_stages, owners
from webapp.web.access import actor, LARGEST_ID
from webapp.web.checks import clean


class Filters:
    """What the address asks for. What cannot be read is as if it were not asked."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted

    @classmethod
    def asked(cls) -> "Filters":
        asked = request.args
        department = asked.get("department", "")
        sort = asked.get("sort", "name")
        return cls(
            Wanted(
                clean(asked.get("q"))[:200],
                Department(department) if department in set(Department) else None,
                _number("owner"),
                _number("stage"),
                sort if sort in SORTS else "name",
                asked.get("after", "")[:300].replace("\x00", ""),
                asked.get("state") == "lost",
            )
        )

    @property
    def active(self) -> bool:
        """Whether something narrows the list."""
        wanted = self.wanted
        return bool(wanted.text or wanted.department or wanted.owner_id or wanted.stage_id or wanted.lost)

    def found(self) -> Found:
        return list_clients(db.session, actor(), self.wanted)

    def choices(self) -> dict[str, Any]:
        """What one may filter by."""
        people = owners(db.session, actor(), everybody=True)
        return {"people": people, "stages": lane_stages(db.session, actor()), "sorts": SORTS}

    def url(self, **changes: Any) -> str:
        """The address of the list with these filters changed; without ``after`` it begins anew."""
        return url_for("clients.show_all", **self._asked(**changes))

    def export_url(self, form: str) -> str:
        """The address of everything that matches, as a file."""
        return url_for("exports.clients", format=form, **self._asked())

    def batch_url(self) -> str:
        """The address where each client that matches gets a proposal."""
        return url_for("proposal_batches.add", **self._asked())

    def _asked(self, **changes: Any) -> dict[str, Any]:
        wanted = asdict(replace(self.wanted, **({"after": ""} | changes)))
        names = {"text": "q", "owner_id": "owner", "stage_id": "stage"}
        wanted["state"] = "lost" if wanted.pop("lost") else ""
        return {names.get(name, name): value for name, value in wanted.items() if value and (name, value) != DEFAULT}


DEFAULT = ("sort", "name")


def _number(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found < LARGEST_ID else None
