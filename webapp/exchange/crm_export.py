"""The built-in mapping: an export of five tables (clients, products, sales teams, the pipeline, a dictionary).

Its tables are known by their columns, whatever the files are called. What the columns mean stands in the export's own
``data_dictionary.csv``; amounts are US dollars, the clients' revenue is in millions of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.incoming import Cells, Incoming, keyless, LONGEST_NAME, Problem, shortened
from webapp.exchange.tables import Table

STATUSES = {"won": "won", "lost": "lost", "engaging": "open", "prospecting": "open"}
"""The pipeline's stages and what a deal is in each."""


@dataclass(frozen=True, slots=True)
class Form:
    """A table of the export: the columns that it has, the one that tells it from the others, and its reader."""

    kind: str
    columns: frozenset[str]
    told_by: frozenset[str]
    read: Callable[[dict[str, str], str], Incoming]


def _person(payload: dict[str, str], currency: str) -> Incoming:
    cells = Cells(payload)
    cells.text("name", "sales_agent", LONGEST_NAME["user"], required=True)
    cells.text("head", "manager", LONGEST_NAME["user"])
    cells.text("office", "regional_office", 120)
    return _incoming("user", payload["sales_agent"], cells, role="member")


def _head(payload: dict[str, str]) -> Incoming:
    """The head whom a sales team's row names, of the same office."""
    cells = Cells(payload)
    cells.text("name", "manager", LONGEST_NAME["user"], required=True)
    cells.text("office", "regional_office", 120)
    return _incoming("user", payload["manager"], cells, role="head", head="")


def _product(payload: dict[str, str], currency: str) -> Incoming:
    cells = Cells(payload)
    cells.text("name", "product", LONGEST_NAME["product"], required=True)
    cells.text("family", "series", 120)
    cells.money("price_minor", "sales_price", currency, required=True)
    return _incoming("product", payload["product"], cells, currency=currency)


def _client(payload: dict[str, str], currency: str) -> Incoming:
    cells = Cells(payload)
    cells.text("name", "account", LONGEST_NAME["client"], required=True)
    cells.text("sector", "sector", 80)
    cells.text("city", "office_location", 120)
    cells.text("parent", "subsidiary_of", LONGEST_NAME["client"])
    cells.whole("founded", "year_established", 1000, 2100)
    cells.money("revenue_minor", "revenue", currency, millions=True)
    cells.whole("employees", "employees", 0, 100_000_000)
    return _incoming("client", payload["account"], cells, revenue_currency=currency)


def _deal(payload: dict[str, str], currency: str) -> Incoming:
    cells = Cells(payload)
    stage = payload["deal_stage"]
    status = STATUSES.get(stage.casefold())
    if status is None:
        cells.problems.append(Problem("bad_stage", {"text": stage[:60] or "—"}))
    else:
        cells.values["status"] = status
    closed = status in ("won", "lost")
    cells.text("key", "opportunity_id", LONGEST_NAME["deal"], required=True)
    cells.text("client", "account", LONGEST_NAME["client"])
    cells.text("owner", "sales_agent", LONGEST_NAME["user"], required=True)
    cells.text("product", "product", LONGEST_NAME["product"], required=True)
    cells.day("opened_on", "engage_date")
    cells.day("closed_on", "close_date", required=closed)
    cells.money("price_minor", "close_value", currency, required=status == "won")
    opened_on, closed_on = cells.values.get("opened_on"), cells.values.get("closed_on")
    if status == "open" and closed_on:
        cells.problems.append(Problem("not_closed"))
    if opened_on and closed_on and closed_on < opened_on:
        cells.problems.append(Problem("bad_order"))
    cells.values.pop("key", None)
    return _incoming("deal", payload["opportunity_id"], cells, stage=stage[:40], currency=currency)


def _incoming(kind: str, key: str, cells: Cells, **fixed: str) -> Incoming:
    named = key if 0 < len(key) <= LONGEST_NAME[kind] else keyless(cells.payload)
    return Incoming(kind, named, shortened(cells.payload), {**cells.values, **fixed}, tuple(cells.problems))


COLUMNS: dict[str, tuple[str, ...]] = {
    "client": tuple("account sector year_established revenue employees office_location subsidiary_of".split()),
    "product": ("product", "series", "sales_price"),
    "user": ("sales_agent", "manager", "regional_office"),
    "deal": tuple("opportunity_id sales_agent product account deal_stage engage_date close_date close_value".split()),
}
"""The export's tables: what each row of one brings, and its columns."""

FORMS = tuple(
    Form(kind, frozenset(COLUMNS[kind]), frozenset(told_by.split()), read)
    for kind, told_by, read in (
        ("user", "manager", _person),
        ("product", "sales_price", _product),
        ("client", "account sector", _client),
        ("deal", "opportunity_id", _deal),
    )
)
DICTIONARY = frozenset({"table", "field", "description"})


class CrmExport:
    """Clients, products, people and deals as that export names them."""

    name = "crm-opportunities"
    currency = "USD"

    def read(self, tables: Iterable[Table], currency: str) -> list[Incoming]:
        found: list[Incoming] = []
        for table in tables:
            if not set(table.columns) <= DICTIONARY:
                found += _read_table(table, _form_of(table), currency)
        if not found:
            raise Refused(N_("The files hold no rows"))
        return list(_once(found))

    def read_row(self, kind: str, payload: dict[str, str], currency: str) -> Incoming:
        form = next(form for form in FORMS if form.kind == kind)
        cells = {column: payload.get(column, "").strip() for column in form.columns}
        return form.read(cells, currency)


def _form_of(table: Table) -> Form:
    """The form that a table has. Refused with the line and the column where one is missing."""
    columns = set(table.columns)
    form = max(FORMS, key=lambda form: (form.told_by <= columns, len(form.columns & columns)))
    if len(form.columns & columns) * 2 < len(form.columns):
        raise Refused(
            N_("%(file)s, line 1: these are not the columns of a known export; the nearest lacks “%(column)s”"),
            file=table.name,
            column=min(form.columns - columns),
        )
    missing = form.columns - columns
    if missing:
        raise Refused(
            N_("%(file)s, line 1: the column “%(column)s” is missing"),
            file=table.name,
            column=", ".join(sorted(missing)),
        )
    return form


def _read_table(table: Table, form: Form, currency: str) -> Iterator[Incoming]:
    for _, payload in table.payloads():
        if form.kind == "user" and payload["manager"]:
            yield _head(payload)
        yield form.read(payload, currency)


def _once(found: list[Incoming]) -> Iterator[Incoming]:
    """Each thing once. Who is named as a head is one; a key that comes back with other values is held back."""
    heads = {incoming.key for incoming in found if incoming.values.get("role") == "head"}
    seen: dict[tuple[str, str], Incoming] = {}
    for incoming in found:
        first = seen.get((incoming.kind, incoming.key))
        if incoming.kind == "user" and incoming.key in heads and (first or incoming.values["role"] != "head"):
            continue
        if first is None:
            seen[incoming.kind, incoming.key] = incoming
            yield incoming
        elif first.values != incoming.values:
            again = Incoming(incoming.kind, keyless(incoming.payload), incoming.payload, incoming.values)
            if seen.setdefault((again.kind, again.key), again) is again:
                yield again.held_for(Problem("twice", {"text": incoming.key[:60]}))
