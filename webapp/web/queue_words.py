"""The queue in words: why a client stands where it does, in one sentence each."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from webapp.domain.call_script import own_line, spoken
from webapp.domain.company import Company
from webapp.domain.invoice_state import DISPUTE_REASONS
from webapp.domain.money import CURRENCIES, Money
from webapp.domain.queue import habit_of, HANDING_REASONS, Reason, RESULTS
from webapp.domain.words import Department
from webapp.queries.queue_card import Card, Why
from webapp.web.i18n import day, moment, money, translated

Facts = Mapping[str, Any]


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the fields beside an item offer."""
    return {
        "result": [(key, _(label)) for key, label in RESULTS.items()],
        "currency": [(code, code) for code in CURRENCIES],
        "handing": [(key, _(label)) for key, label in HANDING_REASONS.items()],
        "dispute": [(key, _(label)) for key, label in DISPUTE_REASONS.items()],
    }


def script(card: Card | None, company: Company, clerk: str) -> str:
    """What to say on the phone: the company's own words, or the shipped ones."""
    if card is None:
        return ""
    rank, contacts = card.item.first.rank, card.contacts
    line = own_line(company, rank.reason, str(get_locale() or "en")) or translated(rank.script)
    first = contacts[0].name if contacts else ""
    named = ", ".join(dict.fromkeys(task["product"] for task in card.item.tasks if "product" in task))
    filled = {"client": card.item.client, "contact": first, "company": company.name, "clerk": clerk}
    return spoken(line, filled | {"product": named})


def promise_fields(card: Card, usual: str) -> tuple[str, str]:
    """Sum and currency that a promise to pay begins with: what is overdue in the first currency, else ``usual``."""
    owed = next((each.facts["sums"] for each in card.item.whys if each.reason is Reason.OVERDUE), {})
    currency, minor = next(iter(owed.items()), (usual, 0))
    return (str(Money(minor, currency).amount) if minor else "", currency)


def why(reason: Why, today: date) -> str:
    """Why the client stands here, as a sentence."""
    return SENTENCES[reason.reason](reason.facts, today)


def sums(amounts: Mapping[str, int]) -> str:
    """Sums beside each other: those of different currencies are never added."""
    return " · ".join(money(minor, currency) for currency, minor in amounts.items())


def _day(facts: Facts, name: str = "since") -> date:
    return date.fromisoformat(facts[name])


def _broken(facts: Facts, today: date) -> str:
    promised = {"sum": sums(facts["sums"]), "day": day(_day(facts))}
    if "came" in facts:
        told = _("Promised %(sum)s by %(day)s, and only %(came)s came.", **promised, came=sums(facts["came"]))
    else:
        told = _("Promised %(sum)s by %(day)s, and it did not come.", **promised)
    again = facts["times"] > 1 and _("Broken promises within a year: %(count)s.", count=facts["times"])
    return f"{told} {again}" if again else told


def _overdue(facts: Facts, today: date) -> str:
    days = (today - _day(facts)).days
    owed = ngettext(
        "%(sum)s overdue on %(num)s invoice", "%(sum)s overdue on %(num)s invoices", facts["count"],
        sum=sums(facts["sums"]),
    )  # fmt: skip
    oldest = ngettext("the oldest for %(num)s day", "the oldest for %(num)s days", days)
    return f"{owed}, {oldest}; {_(habit_of(facts['late'])[2])}."


def _renewal(facts: Facts, today: date) -> str:
    known = {"name": facts["name"], "day": day(_day(facts, "ends")), "by": day(_day(facts))}
    if _day(facts) < today:
        told = _("“%(name)s” runs out on %(day)s; notice was due by %(by)s.", **known)
    else:
        told = _("“%(name)s” runs out on %(day)s; notice is due by %(by)s.", **known)
    others = facts["count"] - 1
    more = others and _("More contracts that run out: %(count)s.", count=others)
    return f"{told} {more}" if more else told


def _onboarding(facts: Facts, today: date) -> str:
    return _("A new client: %(tasks)s.", tasks=_tasks(facts, today))


def _handoff(facts: Facts, today: date) -> str:
    due = datetime.fromisoformat(facts["due"])
    known = {"department": _(Department(facts["giver"]).label), "moment": moment(due)}
    if due.date() < today:
        return _("%(department)s offers this client; an answer was due by %(moment)s.", **known)
    return _("%(department)s offers this client; an answer is due by %(moment)s.", **known)


def _request(facts: Facts, today: date) -> str:
    return _("%(name)s asks: %(tasks)s.", name=facts["tasks"][0]["by"], tasks=_tasks(facts, today))


def _launch(facts: Facts, today: date) -> str:
    products = ", ".join(dict.fromkeys(f"“{task['product']}”" for task in facts["tasks"]))
    return _("Tell of the new product %(products)s: %(tasks)s.", products=products, tasks=_tasks(facts, today))


def _routine(facts: Facts, today: date) -> str:
    return _("Planned: %(tasks)s.", tasks=_tasks(facts, today))


def _tasks(facts: Facts, today: date) -> str:
    return "; ".join(f"{_(task['subject'])} ({day(_day(task))})" for task in facts["tasks"][:3])


SENTENCES: dict[Reason, Callable[[Facts, date], str]] = {
    Reason.BROKEN: _broken,
    Reason.OVERDUE: _overdue,
    Reason.RENEWAL: _renewal,
    Reason.ONBOARDING: _onboarding,
    Reason.HANDOFF: _handoff,
    Reason.REQUEST: _request,
    Reason.LAUNCH: _launch,
    Reason.ROUTINE: _routine,
}
