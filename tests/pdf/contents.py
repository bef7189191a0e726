"""Contents of proposals for the tests of printing, as ``webapp.domain.proposal_content`` makes them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from webapp.domain.product import Billing
from webapp.domain.proposal_content import line_content, totals_content
from webapp.domain.proposal_lines import line_sums, ProposalLine, totals
from webapp.domain.tax import rates_on

DAY = date(2026, 3, 2)


def offered(name: str = "Set-up", price_minor: int = 1_220_00, **fields: Any) -> ProposalLine:
    usual = {"quantity": 1000, "unit": "pc", "discount": 0, "tax": "standard", "billing": Billing.ONE_OFF}
    return ProposalLine(name=name, price_minor=price_minor, **(usual | fields))


def a_content(lines: Sequence[ProposalLine] = (offered(),), *, include: bool = True, **fields: Any) -> dict[str, Any]:
    """A whole content, with what the test says differently."""
    sums = [line_sums(each, rates_on(DAY), prices_include_tax=include) for each in lines]
    usual = {
        "number": "КП-2026-17",
        "version": 1,
        "language": "en",
        "currency": "RUB",
        "prices_include_tax": include,
        "dated_on": "2026-03-02",
        "valid_until": "2026-04-01",
        "written_at": "2026-03-02T09:00:00+00:00",
        "title": "Connect the office",
        "text": "You asked to **connect** the office.",
        "terms": "1. Half in advance.\n2. Ten days.",
        "from": {
            "name": "Romashka",
            "legal_name": "ООО «Ромашка»",
            "inn": "7707083893",
            "kpp": "770701001",
            "ogrn": "1027700132195",
            "address": "Москва, ул. Тверская, 1",
            "phone": "+7 495 123-45-67",
            "email": "sales@romashka.test",
            "bank_name": "Bank",
            "bank_bic": "044525225",
            "bank_account": "40702810900000000001",
            "correspondent_account": "30101810400000000225",
        },
        "to": {"name": "Acme", "inn": "7728168971", "kpp": "", "ogrn": "", "city": "Москва", "address": ""},
        "contact": {"name": "Irina Boss", "position": "director"},
        "author": {"name": "Harry Hunter", "email": "harry@romashka.test"},
        "lines": [line_content(each) for each in sums],
        "totals": {billing.value: totals_content(total) for billing, total in totals(sums).items()},
    }
    return usual | fields


def a_look(**fields: Any) -> dict[str, Any]:
    """What ``ProposalTemplate.content`` makes of a template, with a cover."""
    usual = {
        "template": {"name": "Autumn", "version": 1},
        "logo": None,
        "accent": "#0a5c36",
        "cover": {"background": "#0a5c36", "ink": "#ffffff", "text": "Since *1999*"},
        "requisites": ["legal_name", "phone", "numbers"],
        "intro": "",
        "terms": "",
        "closing": "",
        "signatory": "",
    }
    return usual | fields
