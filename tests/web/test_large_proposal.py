"""The largest proposal that there is, read back from its stored PDF: every sum is that of the lines in the database."""

import re
from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from itertools import cycle, islice
from math import floor
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from tests.cast import Cast, TODAY
from tests.factories import make_client, make_deal
from webapp.domain.product import Billing
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_choice import LineChoice
from webapp.domain.proposal_content import content
from webapp.domain.proposal_lines import MOST_LINES, ProposalLine
from webapp.pdf.words import sum_in_words
from webapp.printing import print_version
from webapp.web.clock import now

ON_ALL = 3_33
KEPT = ("name", "quantity", "price_minor", "discount")
RATES = {"standard": 22, "reduced": 10}
INCLUDED, OPTION, ALTERNATIVE = LineChoice
CHOICES = (*[INCLUDED] * 8, OPTION, ALTERNATIVE)
LABELS = {
    "en": {
        "asked": "Sum of the lines", "off": "Discount on everything, 3.33 %", "net": "Total without VAT",
        "total": "Total", "total a month": "Total per month", 22: "VAT 22 %", 10: "VAT 10 %", "words": "In words:",
        "words a month": "Per month:",
    },
    "ru": {
        "asked": "Сумма по строкам", "off": "Скидка на всё, 3,33 %", "net": "Итого без НДС", "total": "Итого",
        "total a month": "Итого в месяц", 22: "в том числе НДС 22 %", 10: "в том числе НДС 10 %",
        "words": "Сумма прописью:", "words a month": "В месяц, прописью:",
    },
}  # fmt: skip
FIGURE = r"\d[\d ,.]*[.,]\d\d"
ROW = re.compile(
    r"\d+ (Item \d{3})"
    r"(?: (?:in addition|дополнительно|(?:instead of|вместо): Item \d{3})(?:, (?:per month|в месяц))?)?"
    rf" (\d[\d ,.]*) pc ({FIGURE}) (–|[\d.,]+ %) (\d+) % ({FIGURE})"
)


def two_hundred() -> Iterator[ProposalLine]:
    """Lines of which every sum has to be rounded: at two rates, with discounts and without, one-off and monthly."""
    for number, choice in enumerate(islice(cycle(CHOICES), MOST_LINES), 1):
        yield ProposalLine(
            name=f"Item {number:03}",
            quantity=number * 7_333,
            unit="pc",
            price_minor=987_65 + 41 * number,
            discount=(0, 1_25, 7_77)[number % 3],
            tax=("standard", "reduced")[number % 2],
            billing=(Billing.MONTHLY if number % 7 < 2 else Billing.ONE_OFF),
            section=f"Part {number // 25 + 1}",
            choice=choice,
        )


def half_up(sum_: Fraction) -> int:
    return floor(sum_ + Fraction(1, 2))


def reckoned(line: dict[str, Any], include: bool) -> dict[str, int]:
    """What a line comes to, by fractions, as the paper's note says it: rounded for each line."""
    gross = half_up(Fraction(line["price_minor"] * line["quantity"], 1000))
    asked = gross - half_up(Fraction(gross * line["discount"], 10_000))
    paid = asked - half_up(Fraction(asked * ON_ALL, 10_000))
    rate = RATES[line["tax"]]
    tax = half_up(Fraction(paid * rate, 100 + rate if include else 100))
    net = paid - tax if include else paid
    return {"asked": asked, "off": asked - paid, "paid": paid, "net": net, "total": net + tax, rate: tax}


def added_up(lines: list[dict[str, Any]], include: bool) -> dict[Any, int]:
    """The sums that stand under the lines."""
    found: dict[Any, int] = {}
    for line in lines:
        for name, minor in reckoned(line, include).items():
            found[name] = found.get(name, 0) + minor
    return {name: minor for name, minor in found.items() if name != "paid" and (name != "net" or not include)}


def figure(words: str, language: str) -> Fraction:
    """``1 234,5`` or ``1,234.5``."""
    plain = words.replace(" ", "").replace(",", ".") if language == "ru" else words.replace(",", "")
    return Fraction(plain)


def printed(app: Flask, session: Session, cast: Cast, language: str, include: bool) -> tuple[ProposalVersion, str]:
    """The version as it is sent and printed, and the words of its file."""
    deal = make_deal(session, make_client(session, cast.hunter, name="Romashka"), currency="RUB")
    version = Proposal.draft(session, deal, by=cast.director, at=now()).last
    version.language, version.prices_include_tax, version.discount = language, include, ON_ALL
    version.lines, version.dated_on = [line.keep() for line in two_hundred()], TODAY
    shown = content(version, cast.company, author=cast.director, at=now())
    session.add(version.send(shown, by=cast.director, at=now(), seen=version.version))
    session.commit()
    with app.app_context():
        print_version(version.id)
    session.rollback()
    pages = PdfReader(BytesIO(version.file.content)).pages
    assert len(pages) > 5
    running = re.compile(rf"Romashka · \S+ {version.proposal.label} \d+ / {len(pages)}")
    text = " ".join(running.sub(" ", page.extract_text().replace("\N{NO-BREAK SPACE}", " ")) for page in pages)
    return version, " ".join(text.split())


def under(block: str, name: Any, a_month: str, language: str) -> Fraction:
    """The sum with that label, which stands once under the lines of a block."""
    label = LABELS[language][f"{name}{a_month}" if name == "total" else name]
    (shown,) = re.findall(rf"{re.escape(label)} ({FIGURE}) (?:₽|RUB)", block)
    return figure(shown, language) * 100


@pytest.mark.one_database
@pytest.mark.parametrize(("language", "include"), [("ru", True), ("en", False)])
def test_every_sum_of_two_hundred_lines_on_paper_is_that_of_the_rows_in_the_database(
    app: Flask, session: Session, cast: Cast, language: str, include: bool
) -> None:
    version, text = printed(app, session, cast, language, include)
    found = ROW.findall(text)
    rows = {name: figures for name, *figures in found}
    assert len(found) == len(rows) == len(version.lines) == MOST_LINES
    for line in version.lines:
        sums, (*figures, rate, sum_) = reckoned(line, include), rows[line["name"]]
        quantity, price, discount = (figure(each.removesuffix(" %").replace("–", "0"), language) for each in figures)
        last = sums["asked"] if line["choice"] == INCLUDED else sums["paid"]
        assert {
            "name": line["name"],
            "quantity": quantity * 1000,
            "price_minor": price * 100,
            "discount": discount * 100,
            "tax": int(rate),
            "sum": figure(sum_, language) * 100,
        } == {**{name: line[name] for name in KEPT}, "tax": RATES[line["tax"]], "sum": last}
    once, monthly, _ = re.split(f"(?<={LABELS[language]['words']}) |(?<={LABELS[language]['words a month']}) ", text)
    for billing, block, a_month in ((Billing.ONE_OFF, once, ""), (Billing.MONTHLY, monthly, " a month")):
        own = [line for line in version.lines if (line["billing"], line["choice"]) == (billing, INCLUDED)]
        sums = added_up(own, include)
        assert {name: under(block, name, a_month, language) for name in sums} == sums
        words = f"{LABELS[language][f'words{a_month}']} {sum_in_words(sums['total'], 'RUB', language)}."
        assert words in text
        assert version.printed["totals"][billing]["total_minor"] == sums["total"]
