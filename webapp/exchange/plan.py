"""Planning an import: every row finds its place, or its problem. Nothing is written here."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from webapp.domain.held_row import HeldRowState
from webapp.exchange.compare import compare, Kept
from webapp.exchange.incoming import Incoming, KINDS, Problem, REFERENCES
from webapp.exchange.known import Known, learn_clients, read_knowledge
from webapp.exchange.matching import match_all
from webapp.exchange.placing import has_sellers, place
from webapp.exchange.planned import Completion, Creation, New, Plan, Update

UNKNOWN = {"user": "unknown_person", "product": "unknown_product", "client": "unknown_client"}
"""The problem of a name that leads nowhere, by kind."""


def make_plan(
    session: Session,
    source: str,
    currency: str,
    told: Iterable[Incoming],
    chosen: dict[str, dict[str, str]],
    completion: Completion | None = None,
) -> Plan:
    """Compare what the files tell with what is known. ``chosen`` are a person's answers to unknown names;
    a ``completion`` says of which held-back rows this is about, and what a person said of them."""
    rows = list(told)
    mentioned = _mentioned(rows, chosen)
    keys = None if completion is None else {row.key for row in rows} | mentioned["client"]
    clients = set() if completion is None else {completion.chosen.get("client_id", 0)} - {0}
    plan = Plan(source, currency, knowledge=read_knowledge(session, source, mentioned, keys, clients))
    names = {kind: dict(plan.knowledge.names.get(kind, {})) for kind in KINDS}
    by_file: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for row in rows:
        if not row.problems and row.kind != "deal":
            by_file[row.kind][row.values["name"]] = New(row.kind, row.key)
    unknown = _unknown(rows, names, by_file)
    if any(kind == "client" for kind, _ in unknown):
        learn_clients(session, plan.knowledge)
        names["client"] = {**plan.knowledge.names["client"]}
    candidates = {kind: {**names[kind], **by_file[kind]} for kind in KINDS}
    plan.matches = match_all(unknown, candidates, {**plan.knowledge.matches, **chosen})
    reader = _Reader(plan, candidates, completion or Completion())
    for kind in KINDS:
        of_kind = [row for row in rows if row.kind == kind]
        for row in reader.without_circles(of_kind) if kind in ("client", "user") else of_kind:
            reader.take(row)
        reader.let_go(kind)
    place(plan)
    return plan


class _Reader:
    """Takes one row after the other, in the order of KINDS."""

    def __init__(self, plan: Plan, candidates: dict[str, dict[str, Any]], completion: Completion) -> None:
        self.plan, self.candidates, self.completion = plan, candidates, completion
        self.gone: set[New] = set()
        """Rows that were to be created and are held back: what refers to them is held back too."""

    def take(self, row: Incoming) -> None:
        name = row.values.get("name", "") if row.kind != "deal" else ""
        known = self.plan.knowledge.find(row.kind, row.key, name)
        values, problems = self._resolve(row, self.completion.chosen)
        if row.kind == "client" and not has_sellers(self.plan):
            problems.append(Problem("nobody"))
        if row.kind == "deal" and known is None and self._unanswered(values):
            problems.append(Problem("nobody"))
        if known is not None:
            self._compare(row, known, values)
        elif problems or row.problems:
            self.hold(row.held_for(*problems))
        else:
            original = self.completion.originals.get(row.key)
            told = self._resolve(original, {})[0] if original else {}
            self.plan.creations[row.kind].append(Creation(row, values, told))
            held = self.plan.knowledge.held.get((row.kind, row.key))
            if held is not None and held.state is HeldRowState.HELD:
                self.plan.released[row.kind, row.key] = held

    def hold(self, row: Incoming) -> None:
        """Hold a row back, unless it is held back like this already or was discarded."""
        self.gone.add(New(row.kind, row.key))
        held = self.plan.knowledge.held.get((row.kind, row.key))
        same = held is not None and (
            held.state is not HeldRowState.HELD
            or (held.payload, held.problems) == (row.payload, [problem.as_json() for problem in row.problems])
        )
        if not same or self.completion.originals:
            self.plan.held.append(row)
        else:
            self.plan.still_held[row.kind] += 1

    def let_go(self, kind: str) -> None:
        """Hold back what refers to a row that was held back after it, as a client does to its parent."""
        above = {"client": "parent", "user": "head"}.get(kind)
        if above is None:
            return
        while lost := [each for each in self.plan.creations[kind] if each.values.get(f"{above}_id") in self.gone]:
            for creation in lost:
                self.plan.creations[kind].remove(creation)
                name = creation.incoming.values[above]
                self.hold(creation.incoming.held_for(Problem(UNKNOWN[kind], {"text": name[:60]})))

    def without_circles(self, rows: list[Incoming]) -> list[Incoming]:
        """A client that is its own parent's parent, or a head of their own, is held back."""
        above = "parent" if rows and rows[0].kind == "client" else "head"
        named = {row.values["name"]: row for row in rows if not row.problems}
        fine = []
        for row in rows:
            seen, name = {row.values.get("name")}, row.values.get(above)
            while name and name in named and name not in seen:
                seen.add(name)
                name = named[name].values.get(above)
            if name and name in seen and not row.problems:
                self.hold(row.held_for(Problem("circle", {"text": row.values["name"][:60]})))
            else:
                fine.append(row)
        return fine

    def _resolve(self, row: Incoming, chosen: dict[str, int]) -> tuple[dict[str, Any], list[Problem]]:
        """The row's values with ids for names. A name that leads nowhere is left out and is a problem."""
        values, problems = dict(row.values), []
        for field_name, kind in REFERENCES[row.kind].items():
            if f"{field_name}_id" in chosen:
                values.pop(field_name, None)
                values[f"{field_name}_id"] = chosen[f"{field_name}_id"]
                continue
            if field_name not in values:
                continue
            name = values.pop(field_name)
            found = self._named(kind, name) if name else None
            if name and found is None:
                problems.append(Problem(UNKNOWN[kind], {"text": name[:60]}))
            elif not name and field_name == "client":
                problems.append(Problem("no_client"))
            else:
                values[f"{field_name}_id"] = found
        return values, problems

    def _named(self, kind: str, name: str) -> Any:
        match = self.plan.matches.get((kind, name))
        meant = match.chosen if match else name
        found = self.candidates[kind].get(meant)
        if not isinstance(found, New):
            return found
        known = self.plan.knowledge.find(kind, found.key, meant)
        if known is not None:
            return known.record_id
        return None if found in self.gone else found

    def _unanswered(self, deal: dict[str, Any]) -> bool:
        """Whether it is an open deal of a client of ours with whom nobody works."""
        client = deal.get("client_id")
        return (
            isinstance(client, int) and deal.get("status") == "open" and client not in self.plan.knowledge.engagements
        )

    def _compare(self, row: Incoming, known: Known, values: dict[str, Any]) -> None:
        facts = self.plan.knowledge.facts[row.kind][known.record_id]
        changed, before, kept = compare(row, known, values, facts)
        if row.kind == "deal" and {"status", "client_id"} & set(changed) and self._unanswered({**facts, **changed}):
            kept += [Kept(row.kind, row.key, name, before[name], value) for name, value in changed.items()]
            changed, before = {}, {}
        self.plan.kept += kept
        update = Update(row.kind, row.key, known.record_id, {**known.values, **values}, changed, before)
        if changed:
            self.plan.updates[row.kind][known.record_id] = update
        else:
            self.plan.unchanged[row.kind].add(known.record_id)
            if (row.kind, row.key) not in self.plan.knowledge.records:
                self.plan.recognised.append(update)


def _mentioned(rows: list[Incoming], chosen: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    """Every name of a client that the files or a person's answers mention."""
    clients = {row.values.get("name", "") for row in rows if row.kind == "client"}
    clients |= {row.values.get("client", "") for row in rows if row.kind == "deal"}
    clients |= {row.values.get("parent", "") for row in rows if row.kind == "client"}
    return {"client": (clients | set(chosen.get("client", {}).values())) - {""}}


def _unknown(
    rows: list[Incoming], names: dict[str, dict[str, int]], by_file: dict[str, dict[str, Any]]
) -> Counter[tuple[str, str]]:
    """(kind, name) -> rows, of the names that neither the files nor Baton know."""
    return Counter(
        (kind, name)
        for row in rows
        for field_name, kind in REFERENCES[row.kind].items()
        if (name := row.values.get(field_name)) and name not in names[kind] and name not in by_file[kind]
    )
