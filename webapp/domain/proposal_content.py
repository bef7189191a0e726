"""What a proposal's document says, as plain JSON: frozen when the version is sent, and nothing else is printed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import object_session

from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.product_file import attached_content
from webapp.domain.proposal import ProposalVersion
from webapp.domain.proposal_answer import ProposalAnswer
from webapp.domain.proposal_choice import agreed, comes_to, replaced_by
from webapp.domain.proposal_lines import line_sums, LineSums, ProposalLine, Totals, totals
from webapp.domain.tax import rates_on, TaxRate
from webapp.domain.user import User

OURS = (
    "name legal_name inn kpp ogrn address phone email bank_name bank_bic bank_account correspondent_account"
).split()
THEIRS = "name inn kpp ogrn city address".split()


def sums_of(version: ProposalVersion) -> list[LineSums]:
    """The version's lines with their sums, at the tax rates of its date."""
    rates = rates_on(version.dated_on)
    return [
        line_sums(
            ProposalLine.read(kept), rates, prices_include_tax=version.prices_include_tax, discount=version.discount
        )
        for kept in version.lines
    ]


def content(version: ProposalVersion, company: Company, *, author: User, at: datetime) -> dict[str, Any]:
    """Everything that stands on the document. Sums in minor units, rates in basis points, dates as ISO texts."""
    lines = sums_of(version)
    replaced = replaced_by([sums.line.choice for sums in lines])
    return {
        "number": version.proposal.label,
        "version": version.number,
        "language": version.language,
        "currency": version.currency,
        "prices_include_tax": version.prices_include_tax,
        "discount": version.discount,
        "dated_on": version.dated_on.isoformat(),
        "valid_until": version.valid_until.isoformat(),
        "written_at": at.isoformat(timespec="seconds"),
        "title": version.title,
        "text": version.text,
        "terms": version.terms,
        "from": {name: getattr(company, name) for name in OURS},
        "to": {name: getattr(version.proposal.deal.client, name) for name in THEIRS},
        "contact": _person(version.contact),
        "look": version.template.content(version.language) if version.template is not None else None,
        "author": {"name": author.name, "email": author.email or ""},
        "attachments": attached_content(object_session(version), version.attached or ()),
        "lines": [{**line_content(sums), "replaces": place} for sums, place in zip(lines, replaced, strict=True)],
        "totals": {billing.value: totals_content(total) for billing, total in totals(lines).items()},
    }


def record_content(answer: ProposalAnswer, company: Company) -> dict[str, Any]:
    """What the record of an acceptance says beside the document: who, when at the company's seat, from where, of
    which bytes, and the sums that were accepted."""
    printed, at = answer.answered.printed or {}, answer.at.astimezone(ZoneInfo(company.timezone))
    return {
        **{name: printed[name] for name in "number version language currency title dated_on from to".split()},
        "totals": comes_to(agreed(printed["lines"], answer.chosen)),
        "chosen": [printed["lines"][place]["name"] for place in answer.chosen],
        "name": answer.name,
        "words": answer.words,
        "day": at.date().isoformat(),
        "time": f"{at:%H:%M:%S} ({company.timezone})",
        "written_at": answer.at.isoformat(timespec="seconds"),
        "address": answer.address,
        "agent": answer.agent,
        "sha256": answer.sha256,
        "attachments": printed.get("attachments", []),
    }


def _person(contact: Contact | None) -> dict[str, str] | None:
    return None if contact is None else {"name": contact.name, "position": contact.position}


def _rate(rate: TaxRate) -> dict[str, Any]:
    return {"key": rate.key, "basis_points": rate.basis_points, "starts": rate.starts.isoformat()}


def line_content(sums: LineSums) -> dict[str, Any]:
    minor: Sequence[str] = "gross_minor asked_minor discount_minor net_minor tax_minor total_minor".split()
    return {**sums.line.keep(), "rate": _rate(sums.rate), **{name: getattr(sums, name) for name in minor}}


def totals_content(total: Totals) -> dict[str, Any]:
    return {
        "asked_minor": total.asked_minor,
        "discount_minor": total.discount_minor,
        "net_minor": total.net_minor,
        "tax_minor": total.tax_minor,
        "total_minor": total.total_minor,
        "taxes": [{**_rate(rate), "tax_minor": minor} for rate, minor in total.taxes],
    }
