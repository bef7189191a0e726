"""How the screens of the VIP list say quarters, reasons, and how full somebody is."""

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _

from webapp.domain.vip_rules import RULES
from webapp.queries.vip_load import Carried, filled
from webapp.web.i18n import translated


def quarter(first: date) -> str:
    """A quarter by its first day."""
    return _("Q%(number)s %(year)s", number=(first.month + 2) // 3, year=first.year)


def why(reasons: Iterable[str]) -> str:
    """The reasons of a proposal as one sentence."""
    return "; ".join(translated(RULES[key].label) for key in reasons if key in RULES)


def filled_share(carried: tuple[Carried, ...]) -> int:
    """Percent of what somebody can carry, rounded down."""
    return filled(carried) // 100
