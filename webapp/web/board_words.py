"""How the reader's language writes what stands on the board. Cards repeat each other: each thing is written once."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

from babel.dates import format_skeleton
from flask import current_app, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.domain.handoff_state import HandOffState
from webapp.domain.words import Department
from webapp.queries.board_cards import Sum
from webapp.web.i18n import money

TONES = {"overdue": " bad", "today": " warn", "none": " faint", "later": ""}


class BoardWords:
    """One answer's worth of words; ``today`` is the reader's."""

    def __init__(self, today: date) -> None:
        macros: dict[str, Any] = current_app.jinja_env.globals
        self.today, self.badge = today, macros["badge"]
        self.client_url = url_for("clients.show", id=0).removesuffix("0")
        self.icon: Callable[[str], Markup] = cache(macros["icon"])
        self.face = cache(lambda name: macros["avatar"](name, "sm"))
        self.lane = cache(lambda department: macros["department_mark"](department.value, bare=True))
        self.touch = cache(self._touch)
        self.days = cache(self._days)
        self.waiting = cache(self._waiting)

    def sums(self, found: tuple[Sum, ...]) -> str:
        """Every currency by itself, one-off and monthly apart: ``1 200 000 ₽ · 30 000 ₽/mo``."""
        return " · ".join(
            written
            for currency, one_off, monthly in found
            for written in (
                money(one_off, currency, whole=True) if one_off or not monthly else "",
                _("%(sum)s/mo", sum=money(monthly, currency, whole=True)) if monthly else "",
            )
            if written
        )

    def _touch(self, day: date | None) -> tuple[str, str, str]:
        """The next touch: its text, what to add for those who do not see the colour, and the tone."""
        if day is None:
            return _("No next touch"), "", TONES["none"]
        if day < self.today:
            return self._date(day), _("overdue"), TONES["overdue"]
        if day == self.today:
            return _("Today"), "", TONES["today"]
        if day == self.today + timedelta(days=1):
            return _("Tomorrow"), "", TONES["later"]
        return self._date(day), "", TONES["later"]

    def _date(self, day: date) -> str:
        skeleton = "MMMd" if day.year == self.today.year else "yMMMd"
        return str(format_skeleton(skeleton, day, locale=get_locale()))

    def _days(self, days: int, limit: int | None) -> tuple[str, str]:
        """Days in the stage in short, and in full."""
        full = ngettext("%(num)d day in this stage", "%(num)d days in this stage", days)
        if limit is not None:
            full = _("%(days)s, the limit is %(limit)d", days=full, limit=limit)
        return _("%(days)d d", days=days), full

    def _waiting(self, waits: tuple[HandOffState, Department]) -> Markup:
        state, receiver = waits
        if state is HandOffState.OFFERED:
            return self.badge(_("Offered to %(department)s", department=_(receiver.label)), "accent", "arrows-exchange")
        return self.badge(_("Returned by %(department)s", department=_(receiver.label)), "warn", "arrow-back-up")
