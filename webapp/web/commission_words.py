"""Lines of commission as sentences in the reader's language."""

from datetime import date
from functools import lru_cache

from babel.dates import format_skeleton
from flask_babel import get_locale

from webapp.domain.commission_ledger import REASONS
from webapp.domain.commission_terms import Portion
from webapp.pdf.words import percent
from webapp.queries.commission import EntryRow
from webapp.web.i18n import day, money
from webapp.web.i18n import translated as _


def rate(basis_points: int) -> str:
    """``2,5 %``."""
    return _rate(basis_points, str(get_locale() or "en"))


@lru_cache(512)
def _rate(basis_points: int, locale: str) -> str:
    """A statement says the same few percents many times, and Babel takes its time."""
    return percent(basis_points, locale)


def sentence(row: EntryRow) -> str:
    """Which rule gave which sum for which payment, and why this rate."""
    values = {
        "rate": rate(row.basis_points),
        "sum": money(row.base_minor, row.currency),
        "client": row.client,
        "day": day(row.received_on, "long"),
        "rule": row.rule or "",
        "version": row.number or 0,
    }
    if row.rule is None:
        told = _("Payment of %(sum)s by %(client)s of %(day)s: nothing") % values
    elif row.portion is Portion.INITIAL:
        told = (
            _(
                "%(rate)s of the initial payment of %(sum)s by %(client)s of %(day)s, by the rule “%(rule)s”, version "
                "%(version)s"
            )
            % values
        )
    else:
        told = (
            _(
                "%(rate)s of the current payment of %(sum)s by %(client)s of %(day)s, by the rule “%(rule)s”, version "
                "%(version)s"
            )
            % values
        )
    return _joined(told, _because(row))


def _because(row: EntryRow) -> list[str]:
    known, said = row.told, []
    if "parts" in known:
        said.append(_("the part of a bundle's payment that falls to %(parts)s") % {"parts": known["parts"]})
    if "why" in known:
        said.append(_(REASONS[known["why"]]))
    if "told_on" in known:
        days = {key: day(date.fromisoformat(known[key]), "long") for key in ("told_on", "sold_on")}
        said.append(_("told the client of the product in person on %(told_on)s, sold on %(sold_on)s") % days)
    if "clients" in known:
        said.append(
            _("%(count)s paying clients, tier %(tier)s") % {"count": known["clients"], "tier": known.get("tier", 0)}
        )
    if "step" in known:
        said.append(
            _("%(count)s months since the first payment, step %(step)s")
            % {"count": known["months"], "step": known["step"]}
        )
    if "share" in known:
        said.append(_("share of %(rate)s") % {"rate": rate(known["share"])})
    if row.corrects:
        said.append(_("corrects %(month)s") % {"month": month_name(row.corrects)})
    return said


def _joined(told: str, because: list[str]) -> str:
    return f"{told}: {', '.join(because)}" if because else told


def month_name(month: date) -> str:
    return format_skeleton("yMMMM", month, locale=get_locale())
