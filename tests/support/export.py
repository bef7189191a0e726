"""A CRM export of the same shape and with the same defects as a real one: some open deals name no client, a product is
written without its space, dates and values are empty on open deals, misspellings stay, revenue is in millions."""

import csv
import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

REAL = Path(__file__).parents[3] / "shared" / "data" / "crm-opportunities"
"""The real export, where the machine has it."""

COLUMNS = {
    "accounts": "account sector year_established revenue employees office_location subsidiary_of",
    "products": "product series sales_price",
    "sales_teams": "sales_agent manager regional_office",
    "sales_pipeline": "opportunity_id sales_agent product account deal_stage engage_date close_date close_value",
    "data_dictionary": "Table Field Description",
}
SECTORS = ("technolgy", "medical", "retail", "software", "entertainment")
PLACES = ("United States", "Kenya", "Philipines", "Romania")
ODD = (
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "=cmd()",
    "חברה בעם",
    "🦄 Unicorn",
    'Quote "in" name',
    "Two\nlines",
    "ООО Ромашка",
)
"""Texts that must arrive as they are, and nowhere be more than text."""

PRODUCTS = (
    ("GTX Basic", "GTX", "550"),
    ("GTX Pro", "GTX", "4821"),
    ("MG Special", "MG", "55"),
    ("GTK 500", "GTK", "26768"),
)

Row = dict[str, str]


@dataclass
class Export:
    """Tables by name; ``files`` writes them as CSV."""

    tables: dict[str, list[Row]] = field(default_factory=dict)

    def files(self, *, encoding: str = "utf-8", delimiter: str = ",", suffix: str = ".csv") -> list[tuple[str, bytes]]:
        return [
            (name + suffix, written(COLUMNS[name].split(), rows, delimiter).encode(encoding))
            for name, rows in self.tables.items()
        ]

    def write(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        for name, content in self.files():
            (folder / name).write_bytes(content)
        return folder

    def rows(self, **cells: str) -> list[Row]:
        """The pipeline's rows that have these cells."""
        return [row for row in self.tables["sales_pipeline"] if cells.items() <= row.items()]


def written(columns: list[str], rows: list[Row], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def make_export(
    seed: int = 1, *, clients: int = 12, agents: int = 6, deals: int = 120, odd: bool = False, broken: bool = False
) -> Export:
    """The same seed makes the same export. ``odd`` adds names that attack, ``broken`` rows that cannot be."""
    random = Random(seed)
    names = [f"{first}{last} {number}" for number, (first, last) in enumerate(_syllables(random, clients))]
    if odd:
        names[: len(ODD)] = ODD[: len(names)]
    accounts = [_account(random, name, names[:number]) for number, name in enumerate(names)]
    series = [
        ("GTX Basic", "GTX", "550"),
        ("GTX Pro", "GTX", "4821"),
        ("MG Special", "MG", "55"),
        ("GTK 500", "GTK", "26768"),
    ]
    products = [dict(zip(COLUMNS["products"].split(), row, strict=True)) for row in series]
    teams = [
        {
            "sales_agent": f"Agent {number}",
            "manager": f"Head {number % 2}",
            "regional_office": ("Central", "East")[number % 2],
        }
        for number in range(agents)
    ]
    pipeline = [_deal(random, number, names, agents) for number in range(deals)]
    if broken:
        _spoil(random, accounts, pipeline)
    words = [{"Table": "accounts", "Field": "account", "Description": 'Company "name"'}]
    return Export(
        {
            "accounts": accounts,
            "products": products,
            "sales_teams": teams,
            "sales_pipeline": pipeline,
            "data_dictionary": words,
        }
    )


def _syllables(random: Random, count: int) -> list[tuple[str, str]]:
    return [
        (random.choice("Beta Gamma Hot Plex Zoom".split()), random.choice("soft tech line zone".split()))
        for _ in range(count)
    ]


def _account(random: Random, name: str, earlier: list[str]) -> Row:
    return {
        "account": name,
        "sector": random.choice(SECTORS),
        "year_established": str(random.randint(1979, 2015)),
        "revenue": f"{random.randint(400, 1_170_000) / 100:.2f}",
        "employees": str(random.randint(9, 34288)),
        "office_location": random.choice(PLACES),
        "subsidiary_of": random.choice(earlier) if earlier and random.random() < 0.2 else "",
    }


def _deal(random: Random, number: int, clients: list[str], agents: int) -> Row:
    stage = random.choices(["Won", "Lost", "Engaging", "Prospecting"], [48, 28, 18, 6])[0]
    begun = date(2016, 10, 20) + timedelta(days=random.randint(0, 400))
    closed = stage in ("Won", "Lost")
    return {
        "opportunity_id": f"D{number:07d}",
        "sales_agent": f"Agent {random.randrange(agents)}",
        "product": random.choice(["GTX Basic", "GTXPro", "MG Special", "GTK 500"]),
        "account": random.choice(clients) if closed or random.random() < 0.32 else "",
        "deal_stage": stage,
        "engage_date": "" if stage == "Prospecting" else begun.isoformat(),
        "close_date": (begun + timedelta(days=random.randint(1, 130))).isoformat() if closed else "",
        "close_value": str(random.randint(38, 30288)) if stage == "Won" else "0" if stage == "Lost" else "",
    }


def _spoil(random: Random, accounts: list[Row], pipeline: list[Row]) -> None:
    """Rows that cannot come in as they stand, each in another way."""
    ways: list[Row] = [
        {"close_date": "2017-02-30", "deal_stage": "Won"},
        {"close_value": "-5", "deal_stage": "Won"},
        {"close_value": "9" * 30, "deal_stage": "Won"},
        {"account": "Nobody knows Ltd"},
        {"product": "Something else"},
        {"sales_agent": ""},
        {"deal_stage": "Dreaming"},
        {"opportunity_id": ""},
        {"engage_date": "2017-12-01", "close_date": "2017-01-01", "deal_stage": "Lost"},
    ]
    for way in ways:
        random.choice(pipeline).update(way)
    pipeline.append({**pipeline[0]})
    pipeline.append({**pipeline[1], "deal_stage": "Won", "close_date": "2017-12-31", "close_value": "77"})
    random.choice(accounts)["revenue"] = "much"
    random.choice(accounts)["subsidiary_of"] = "Nobody knows Ltd"
