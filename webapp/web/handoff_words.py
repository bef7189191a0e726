"""Hand-offs in words: working time, and what may stand on a checklist's lines before a person confirms it."""

from collections.abc import Iterable
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.domain.contact import DecisionRole
from webapp.domain.money import Money
from webapp.queries.handoff_facts import Facts
from webapp.web.access import actor
from webapp.web.i18n import day, money

HOUR = timedelta(hours=1)


def working_time(left: timedelta) -> str:
    """“5 working hours left”, “20 working minutes past”."""
    time = worked(abs(left))
    return _("%(time)s past", time=time) if left < timedelta() else _("%(time)s left", time=time)


def worked(length: timedelta) -> str:
    """“5 working hours”, “20 working minutes”; rounded down."""
    if length >= HOUR:
        return ngettext("%(num)s working hour", "%(num)s working hours", length // HOUR)
    return ngettext("%(num)s working minute", "%(num)s working minutes", length // timedelta(minutes=1))


def suggestions(facts: Facts) -> dict[str, str]:
    """A text for each line of which something is known, by its key. Empty where nothing is."""
    known = {
        "who_decides": _people(facts, DecisionRole.DECIDES, DecisionRole.PAYS),
        "who_blocks": _people(facts, DecisionRole.BLOCKS),
        "promises": "\n".join(_dated(text, day(due)) for text, due in facts.promises),
        "what_they_use": "\n".join(facts.products),
        "what_was_done": "\n".join(_dated(outcome, day(actor().today(at))) for at, outcome in facts.meetings),
        "rival": "\n".join(facts.rivals),
    }
    return {**facts.earlier, **{key: text for key, text in known.items() if text}}


def _people(facts: Facts, *parts: DecisionRole) -> str:
    found = [(name, position, part) for part in parts for name, position in facts.people.get(part, ())]
    return "\n".join(", ".join(filter(None, (name, position, _(part.label).lower()))) for name, position, part in found)


def _dated(text: str, when: str) -> str:
    return f"{when}: {text}" if when else text


def sums(one_off: Iterable[Money], monthly: Iterable[Money]) -> str:
    """“120 000 ₽ · 5 000 ₽ a month”; empty where there is nothing."""
    once = [money(each.minor, each.currency, whole=True) for each in one_off]
    by_month = [_("%(sum)s a month", sum=money(each.minor, each.currency, whole=True)) for each in monthly]
    return "\N{NO-BREAK SPACE}· ".join([*once, *by_month])
