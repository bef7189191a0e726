"""How the reader's language writes what stands on the board, and cards as HTML, hundreds at a time.

The HTML of a card stands in board.html, in blocks. Rendering them for each card took most of the time of a board, so
each block is rendered once, with a hole for every value, and Python fills the holes. Values are escaped here.
"""

from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from babel.dates import format_skeleton
from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from jinja2_fragments.flask import render_block
from markupsafe import escape, Markup

from webapp.domain.handoff_state import HandOffState
from webapp.domain.health_kept import drawn
from webapp.domain.health_terms import Band
from webapp.domain.proposal_state import Standing
from webapp.domain.words import Department
from webapp.queries.board import Column
from webapp.queries.board_heads import Sum
from webapp.queries.card_proposals import CardProposal
from webapp.web.i18n import number, translated, whole_money
from webapp.web.templating import line_points

TONES = {"healthy": " health-good", "at_risk": " health-warn", "critical": " health-bad", "too_early": " health-early"}
NO_BREAK = "\N{NO-BREAK SPACE}"
OVERDUE, TODAY, NONE, LATER = " bad", " warn", " faint", ""


class Hole:
    """In place of a value: ``hole.client`` becomes ``%(client)s``."""

    def __getattr__(self, name: str) -> Markup:
        return Markup("%({})s").format(name)


@cache
def pattern(block: str) -> str:
    """A block of the board with holes. It holds no words, so that it is the same in every language."""
    return str(render_block("board.html", block, hole=Hole())).strip()


@lru_cache(8192)
def sparkline(line: str, on: date, today: date) -> str:
    """How a client's health went, as the block ``card_line`` says; nothing where there is no week before this one."""
    levels = drawn(line, on, today)
    return pattern("card_line") % {"points": line_points(levels, 0, 100)} if len(levels) > 1 else ""


class Touch(NamedTuple):
    """The next touch: its text, a word for those who do not see the colour, and the colour's class."""

    text: str
    remark: str
    tone: str


class BoardWords:
    """One answer's worth of words; ``today`` is the reader's. What many cards share is written once."""

    def __init__(self, today: date) -> None:
        macros: dict[str, Any] = current_app.jinja_env.globals
        self.today, self.badge, self.mark = today, macros["badge"], macros["department_mark"]
        self.owner = cache(macros["person"])
        self.touch, self.stay, self.lanes = cache(self._touch), cache(self._stay), cache(self._lanes)
        self.told, self.longer, self.health = cache(self._told), cache(self._longer), cache(self._health)
        self.proposed = cache(self._proposed)
        self.locale = str(get_locale() or "en")
        self.monthly, self.days, self.in_stage = _("%(sum)s/mo"), _("%(days)d d"), str(escape(_("in this stage")))

    def count(self, column: Column) -> Markup:
        """How many stand in the column, as the block ``count`` says."""
        return Markup(pattern("count")) % {"count": number(column.count)}  # noqa: S704 a block of ours

    def head(self, column: Column) -> Markup:
        """The column's head, as the block ``head`` says."""
        values = {"name": translated(column.name), "count": self.count(column), "money": self.sums(column.money)}
        return Markup(pattern("head")) % values  # noqa: S704 a block of ours; Markup escapes what it is filled with

    def cards(self, column: Column, place: str = "") -> Markup:
        """The column's cards, each as the block ``card`` says; with its ``place`` for one that comes alone."""
        card, menu, worth = pattern("card"), pattern("card_menu"), pattern("card_money")
        written = [
            card
            % {
                "id": id_,
                "version": version,
                "client_id": client_id,
                "client": escape(client),
                "draggable": " data-draggable" if movable else "",
                "place": Markup(' data-place="{}"').format(place) if place else "",
                "menu": menu % {"id": id_} if movable else "",
                "badges": self.badges(attacked, waiting, ripe, proposal),
                "touch": self.touch(next_touch_on),
                "line": sparkline(line, line_on, self.today) if line and line_on else "",
                "money": worth % {"sums": escape(self.sums(money))} if money else "",
                "owner": self.owner(owner),
                "health": self.health(level, band) % client_id if band else "",
                "lanes": self.lanes(lanes) if lanes else "",
                "stay": self.stay(days, column.limit_days if over_limit else None),
            }
            for (id_, version, client_id, client, _owner_id, owner, next_touch_on, days, over_limit, waiting, lanes,
                 money, movable, attacked, ripe, level, band, line, line_on, proposal) in column.cards
        ]  # fmt: skip
        return Markup("".join(written))  # noqa: S704 blocks of ours, filled with numbers and with escaped text

    def sums(self, found: tuple[Sum, ...]) -> str:
        """Every currency by itself, one-off and monthly apart: ``1 200 000 ₽ · 30 000 ₽/mo``."""
        written = []
        for currency, one_off, monthly in found:
            if one_off or not monthly:
                written.append(whole_money(one_off, currency, self.locale))
            if monthly:
                written.append(self.monthly % {"sum": whole_money(monthly, currency, self.locale)})
        return " · ".join(written)

    def _touch(self, day: date | None) -> str:
        text, remark, tone = self._when(day)
        heard = pattern("card_remark") % {"text": escape(remark)} if remark else ""
        return pattern("card_touch") % {"tone": tone, "text": escape(text), "remark": heard}

    def _when(self, day: date | None) -> Touch:
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

    def _stay(self, days: int, exceeded: int | None) -> str:
        remark, tone = (self.in_stage, "") if exceeded is None else (self.longer(exceeded), " bad")
        return pattern("card_stay") % {"tone": tone, "days": escape(self.days % {"days": days}), "remark": remark}

    def _health(self, level: int, band: str) -> str:
        """With a hole for the client: the mark leads to why."""
        shown = "–" if band == Band.TOO_EARLY else level
        text = escape(_("Health: %(band)s", band=_(Band(band).label)) + f", {shown}")
        return pattern("card_health") % {"tone": TONES[band], "text": text, "client": "%d", "level": shown}

    def _longer(self, limit: int) -> str:
        return str(escape(_("in this stage, longer than its limit of %(limit)d", limit=limit)))

    def _lanes(self, lanes: tuple[Department, ...]) -> str:
        return pattern("card_lanes") % {"lanes": Markup("").join(self.mark(lane.value, bare=True) for lane in lanes)}

    def badges(
        self, attacked: bool, waits: tuple[HandOffState, Department] | None, ripe: bool, proposal: CardProposal | None
    ) -> str:
        """What is said in words, as the block ``card_badges`` says; nothing where there is nothing to say."""
        said = self.told(attacked, waits, ripe)
        if proposal is not None:
            said += self.proposed(proposal.standing, proposal.ends_on) % proposal.id
        return pattern("card_badges") % {"badges": said} if said else ""

    def _told(self, attacked: bool, waits: tuple[HandOffState, Department] | None, ripe: bool) -> str:
        told = [self.badge(_("Under attack"), "bad", "alert-circle")] if attacked else []
        if waits is not None:
            told.append(self._waiting(*waits))
        if ripe:
            told.append(self.badge(_("To be handed off"), "accent", "arrows-exchange"))
        return "".join(told)

    def _proposed(self, standing: Standing, ends_on: date | None) -> str:
        """With a hole for the proposal: the badge leads to it."""
        said, tone = _(standing.label), standing.tone
        if ends_on is not None:
            day, tone = self._date(ends_on).replace(" ", NO_BREAK), "warn"
            said = _("%(standing)s, until %(day)s", standing=said, day=day)
        badge = str(self.badge(said, tone, "file-text")).replace("%", "%%")
        return pattern("card_proposal") % {"id": "%d", "remark": escape(_("Proposal:")), "badge": badge}

    def _waiting(self, state: HandOffState, receiver: Department) -> Markup:
        if state is HandOffState.OFFERED:
            said = _("Offered to %(department)s", department=_(receiver.label)), "accent", "arrows-exchange"
        else:
            said = _("Returned by %(department)s", department=_(receiver.label)), "warn", "arrow-back-up"
        return Markup(self.badge(*said))  # noqa: S704 a macro of ours
