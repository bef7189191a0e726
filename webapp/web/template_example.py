"""The example that a template's preview prints: the company's own, with lines that nobody offered."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from webapp.domain.company import Company
from webapp.domain.product import Billing
from webapp.domain.proposal_content import line_content, OURS, totals_content
from webapp.domain.proposal_lines import line_sums, ProposalLine, totals
from webapp.domain.proposal_look import Look
from webapp.domain.proposal_state import PREFIXES, VALID_DAYS
from webapp.domain.tax import rates_on


def example(look: Look, logo: dict[str, str] | None, language: str, company: Company, *, author: str,
            at: datetime) -> dict[str, Any]:  # fmt: skip
    """As ``proposal_content.content`` says."""
    day = company.today(at)
    with force_locale(language):
        words = _words(language)
        lines = _lines(company.currency)
    sums = [line_sums(line, rates_on(day), prices_include_tax=True, discount=0) for line in lines]
    return {
        **words,
        "number": f"{PREFIXES[language]}-{day.year}-17",
        "version": 1,
        "language": language,
        "currency": company.currency,
        "prices_include_tax": True,
        "discount": 0,
        "dated_on": day.isoformat(),
        "valid_until": (day + timedelta(days=VALID_DAYS)).isoformat(),
        "written_at": datetime.combine(day, datetime.min.time(), at.tzinfo).isoformat(timespec="seconds"),
        "from": {name: getattr(company, name) for name in OURS},
        "look": {"template": {"name": look.name, "version": 0}, "logo": logo, **look.content(language)},
        "author": {"name": author, "email": company.email},
        "lines": [{**line_content(each), "replaces": None} for each in sums],
        "totals": {billing.value: totals_content(total) for billing, total in totals(sums).items()},
    }


def _words(language: str) -> dict[str, Any]:
    return {
        "title": _("An example of a proposal"),
        "text": _("Here stands the task, in the client's words."),
        "terms": _("Here stand the terms of this one proposal."),
        "to": {"name": _("The client's name"), "inn": "", "kpp": "", "ogrn": "", "city": "", "address": ""},
        "contact": {"name": _("First and last name"), "position": _("director")},
    }


def _lines(currency: str) -> list[ProposalLine]:
    tax = "standard" if currency == "RUB" else "none"
    return [
        ProposalLine(_("Something that is paid once"), 2000, "", 15_000_00, 0, tax, Billing.ONE_OFF),
        ProposalLine(_("Something with a discount"), 1000, "", 8_400_00, 10_00, tax, Billing.ONE_OFF),
        ProposalLine(_("Something that is paid each month"), 1000, "", 3_200_00, 0, tax, Billing.MONTHLY),
    ]
