"""An import from files to plan, and the plan as a person reads it before confirming."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.errors import Refused
from webapp.domain.money import CURRENCIES
from webapp.domain.words import Department, N_
from webapp.exchange.crm_export import CrmExport
from webapp.exchange.incoming import Incoming, KINDS, Source
from webapp.exchange.plan import make_plan
from webapp.exchange.planned import New, Plan
from webapp.exchange.tables import read_tables

SOURCES: dict[str, Source] = {source.name: source for source in (CrmExport(),)}
"""The kinds of export that are read, by name."""

CURRENCY_OF = {name: source.currency for name, source in SOURCES.items()}

SAMPLES = 5
"""Rows of each sort shown in a preview."""

MATCH = ("kind", "name", "rows", "suggestion", "sure", "chosen", "candidates")

MOST_MATCHES = 200
"""Unknown names that a preview asks about; rows of the others are held back."""


def plan_files(
    session: Session, files: Iterable[tuple[str, bytes]], currency: str, chosen: Mapping[str, dict[str, str]]
) -> Plan:
    """Read the files and plan. ``currency`` may be empty: the export's own. Refused where they cannot be read."""
    source = SOURCES["crm-opportunities"]
    if currency and currency not in CURRENCIES:
        raise Refused(N_("%(currency)s is not a currency that Baton keeps"), field="currency", currency=currency)
    told = source.read(read_tables(files), currency or source.currency)
    return make_plan(session, source.name, currency or source.currency, told, dict(chosen))


def preview_of(plan: Plan) -> dict[str, Any]:
    """What a person sees of a plan, as JSON: samples, unknown names, problems, values that stay."""
    lanes = Counter(placement.department.value for placement in plan.placements)
    matches = sorted(plan.matches.values(), key=lambda match: -match.rows)
    return {
        "currency": plan.currency,
        "matches": [{name: getattr(match, name) for name in MATCH} for match in matches[:MOST_MATCHES]],
        "problems": [
            {"kind": kind, "code": code, "rows": rows}
            for (kind, code), rows in Counter((row.kind, row.problems[0].code) for row in plan.held).most_common()
        ],
        "samples": {kind: [_sample(plan, each.incoming) for each in plan.creations[kind][:SAMPLES]] for kind in KINDS},
        "held": [
            {"kind": row.kind, "payload": row.payload, "problems": [problem.as_json() for problem in row.problems]}
            for row in plan.held[:SAMPLES]
        ],
        "updates": [
            {
                "kind": kind,
                "key": each.key,
                "changes": [
                    {"field": name, "from": each.before[name], "to": _shown(value)}
                    for name, value in each.changed.items()
                ],
            }
            for kind in KINDS
            for each in list(plan.updates[kind].values())[:SAMPLES]
        ],
        "kept": [
            {"kind": kept.kind, "key": kept.key, "field": kept.field, "ours": kept.ours, "theirs": _shown(kept.theirs)}
            for kept in plan.kept[: SAMPLES * 4]
        ],
        "unserved": 0 if plan.knowledge.load.get(Department.CLIENT) else lanes[Department.CLIENT],
        "lanes": dict(lanes),
        "deals": _sums(plan),
    }


def _sample(plan: Plan, row: Incoming) -> dict[str, Any]:
    shown = {name: value for name, value in row.values.items() if value not in (None, "")}
    return {"key": row.key, "told": shown}


def _sums(plan: Plan) -> dict[str, dict[str, int]]:
    """Status -> number and minor units of the deals that will be created, in the import's currency."""
    found: dict[str, dict[str, int]] = {}
    for creation in plan.creations["deal"]:
        entry = found.setdefault(creation.values["status"], {"count": 0, "minor": 0})
        entry["count"] += 1
        entry["minor"] += creation.values["price_minor"] or 0
    return found


def _shown(value: Any) -> Any:
    return value.key if isinstance(value, New) else value
