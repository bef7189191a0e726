"""How the reader's language writes what stands on the board. Cards repeat each other: each thing is written once."""

from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from babel.dates import format_skeleton
from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.domain.handoff_state import HandOffState
from webapp.domain.words import Department
from webapp.queries.board_heads import Sum
from webapp.web.i18n import whole_money

OVERDUE, TODAY, NONE, LATER = " bad", " warn", " faint", ""


class Touch(NamedTuple):
    """The next touch: its text, a word for those who do not see the colour, and the colour's class."""

    text: str
    remark: str
    tone: str


class BoardWords:
    """One answer's worth of words; ``today`` is the reader's."""

    def __init__(self, today: date) -> None:
        macros: dict[str, Any] = current_app.jinja_env.globals
        self.today, self.badge = today, macros["badge"]
        self.dots, self.calendar, self.coin = macros["icon"]("dots"), macros["icon"]("calendar"), macros["icon"]("coin")
        self.person = cache(macros["person"])
        self.lanes = cache(
            lambda lanes: Markup("").join(macros["department_mark"](lane.value, bare=True) for lane in lanes)
        )
        self.touch, self.over, self.waiting = cache(self._touch), cache(self._over), cache(self._waiting)
        self.locale = str(get_locale() or "en")
        self.monthly, self.days, self.in_stage = _("%(sum)s/mo"), _("%(days)d d"), _("in this stage")

    def sums(self, found: tuple[Sum, ...]) -> str:
        """Every currency by itself, one-off and monthly apart: ``1 200 000 ₽ · 30 000 ₽/mo``."""
        written = []
        for currency, one_off, monthly in found:
            if one_off or not monthly:
                written.append(whole_money(one_off, currency, self.locale))
            if monthly:
                written.append(self.monthly % {"sum": whole_money(monthly, currency, self.locale)})
        return " · ".join(written)

    def _touch(self, day: date | None) -> Touch:
        if day is None:
            return Touch(_("No next touch"), "", NONE)
        if day < self.today:
            return Touch(self._date(day), _("overdue"), OVERDUE)
        if day == self.today:
            return Touch(_("Today"), "", TODAY)
        if day == self.today + timedelta(days=1):
            return Touch(_("Tomorrow"), "", LATER)
        return Touch(self._date(day), "", LATER)

    def _date(self, day: date) -> str:
        skeleton = "MMMd" if day.year == self.today.year else "yMMMd"
        return str(format_skeleton(skeleton, day, locale=self.locale))

    def _over(self, limit: int) -> str:
        return _("in this stage, longer than its limit of %(limit)d", limit=limit)

    def _waiting(self, waits: tuple[HandOffState, Department]) -> Markup:
        state, receiver = waits
        if state is HandOffState.OFFERED:
            return self.badge(_("Offered to %(department)s", department=_(receiver.label)), "accent", "arrows-exchange")
        return self.badge(_("Returned by %(department)s", department=_(receiver.label)), "warn", "arrow-back-up")
