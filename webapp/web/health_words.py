"""How health is said: findings as sentences, where a fact is to be seen, and the bands in the order of concern."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _

from webapp.domain.attack_state import Severity
from webapp.domain.health_terms import Band
from webapp.queries.health_why import FindingRow
from webapp.web.i18n import day

ENDPOINTS = {"invoice": "invoices.show", "deal": "deals.show", "attack": "attacks.show", "visit": "visits.show"}
OF_CLIENT = {"contact": "people.show", "contract": "contracts.show"} | dict.fromkeys(
    ("promise", "client"), "clients.show"
)


def sentence(row: FindingRow) -> str:
    """What a rule found, in the reader's language."""
    return _(row.text, **{name: _written(value) for name, value in row.values.items()})


def _written(value: Any) -> str:
    if isinstance(value, Severity):
        return _(value.label)
    return day(value) if hasattr(value, "isoformat") else str(value)


def name(row: FindingRow) -> str:
    """What the record of a fact is called; of what is missing, that nothing is recorded."""
    if row.source.kind == "nothing":
        return _("nothing that counts is recorded since then")
    return row.name or _("where it is written")


def link(client_id: int, row: FindingRow) -> str:
    """Where the record of a fact is to be seen, or would be."""
    kind = row.source.kind
    if kind in ENDPOINTS:
        return url_for(ENDPOINTS[kind], id=row.source.id)
    if kind in OF_CLIENT:
        return url_for(OF_CLIENT[kind], id=client_id)
    before = None if row.told is None else row.told + 1
    return url_for("clients.show", id=client_id, group="touches", before=before, _anchor="timeline")


def severity_of(points: int, least: int, most: int) -> tuple[int, int, int]:
    """A bar from the part's worst to its best: where nothing stands, and from where to where the points reach. In
    thousandths of the width."""
    whole = max(most - least, 1)
    zero = -least * 1000 // whole
    end = (points - least) * 1000 // whole
    return zero, min(zero, end), max(abs(end - zero), 4)


def worst_first() -> list[Band]:
    return [Band.CRITICAL, Band.AT_RISK, Band.TOO_EARLY, Band.HEALTHY]
