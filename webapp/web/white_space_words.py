"""The matrix in words and as HTML: why a prize is what it is, and rows of cells, written without Jinja.

A window holds more than a thousand cells; rendering each by a template takes ten times as long. Everything that people
wrote is escaped here.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import escape, Markup

from webapp.domain.awareness_state import AwarenessState
from webapp.domain.likeness import LADDER, MIN_ALIKE, Prize, Trait
from webapp.domain.white_space import SHUT
from webapp.domain.words import N_
from webapp.queries.white_space import SpaceWindow
from webapp.web.i18n import money, whole_money

LOOKS: dict[AwarenessState, tuple[str, str]] = {
    AwarenessState.NOT_TOLD: ("ws-white", N_("white")),
    AwarenessState.SENT: ("ws-sent", N_("sent")),
    AwarenessState.TOLD: ("ws-told", N_("told")),
    AwarenessState.INTERESTED: ("ws-interested", N_("interest")),
    AwarenessState.OFFERED: ("ws-offered", N_("offered")),
    AwarenessState.OWNED: ("ws-owned", N_("owned")),
    AwarenessState.REFUSED: ("ws-refused", N_("refused")),
    AwarenessState.NOT_ELIGIBLE: ("ws-unsuited", N_("unsuited")),
}
"""A state in a cell: its class, and a word, for which there is room for eight letters."""

SHADES = ((5_000, " ws-4"), (3_000, " ws-3"), (1_500, " ws-2"), (0, ""))
"""From so many basis points on a cell is so dark."""


def like_this(prize: Prize, held: str) -> str:
    """What the clients that were compared have in common."""
    traits = [trait for trait in Trait if trait in LADDER[prize.rung]]
    return ", ".join(_(trait.label, family=held) if trait is Trait.HOLDING else _(trait.label) for trait in traits)


def why(prize: Prize | None) -> str:
    """A prize in one sentence."""
    if prize is None:
        return _("Fewer than %(least)s clients are like this one: nothing can be said.", least=MIN_ALIKE)
    counts: dict[str, Any] = {"owners": prize.owners, "alike": prize.alike}
    if not prize.owners:
        return _("None of %(alike)s clients like this owns it.", alike=prize.alike)
    if not prize.pays:
        return _("%(owners)s of %(alike)s clients like this own it; none pays for it monthly.", **counts)
    between = _("or")
    sums = f" {between} ".join(money(minor, currency, whole=True) for currency, (minor, _count) in prize.pays.items())
    counts |= {"sum": sums}
    return _("%(owners)s of %(alike)s clients like this own it; they pay %(sum)s a month in the middle.", **counts)


def rows(window: SpaceWindow) -> Markup:
    """The window's rows."""
    locale = str(get_locale() or "en")
    columns = [(number, str(number)) for number, _name in window.families]
    parts: list[str] = []
    add, white = parts.append, AwarenessState.NOT_TOLD
    for place, row in enumerate(window.rows, start=window.offset + 2):  # the head is the grid's first row
        states, rivals, marks = row.states.get, row.rivals.get, row.marks.get
        address = f"/clients/{row.client_id}"
        add(f'<tr aria-rowindex="{place}"><th scope="row"><a href="{address}">{escape(row.client)}</a></th>')
        for number, key in columns:
            kind, inner = _cell(states(number, white), marks(key, ""), rivals(number, ""), locale)
            add(f'<td class="{kind}"><a href="{address}/whitespace/{number}">{inner}</a></td>')
        add("</tr>")
    return Markup("".join(parts))  # noqa: S704 escaped above


@lru_cache(16_384)
def _cell(state: AwarenessState, mark: str, rival: str, locale: str) -> tuple[str, str]:
    """A cell's classes and what stands in it. Most cells are like another one."""
    words = _short(locale)
    score, share, minor, currency = mark.split(" ") if mark and state not in SHUT else ("0", "0", "0", "")
    shade = next(shade for least, shade in SHADES if int(score) >= least)
    kind = f"{LOOKS[state][0]}{' ws-rival' if rival else ''}{shade}"
    likely = f"{share} %" if int(score) else ""
    paid = compact(int(minor), currency, locale) if int(minor) else ""
    if rival:
        first, second = words["rival" if state is AwarenessState.NOT_TOLD else state], rival
    elif state is AwarenessState.NOT_TOLD:
        first, second = likely or words[state], paid
    else:
        first, second = words[state], f"{likely} {paid}".strip()
    return kind, f"<b>{escape(first)}</b><i>{escape(second)}</i>"


@cache
def _short(locale: str) -> dict[Any, str]:
    return {**{state: _(word) for state, (_class, word) in LOOKS.items()}, "rival": _("rival")}


@lru_cache(4096)
def compact(minor: int, currency: str, locale: str) -> str:
    """A sum in at most six letters: ``12k ₽``. Rounded down to what is shown."""
    units = minor // 100
    thousand, million = _("k"), _("m")
    for least, letter in ((1_000_000, million), (1_000, thousand)):
        if units >= least:
            whole, tenth = units // least, units % least * 10 // least
            number = f"{whole}.{tenth}" if whole < 10 and tenth else str(whole)
            if locale == "ru":
                number = number.replace(".", ",")
            return whole_money(0, currency, locale).replace("0", f"{number}{letter}", 1)
    return whole_money(units * 100, currency, locale)


def shares(prizes: Iterable[Prize]) -> list[tuple[Prize, str]]:
    """Prizes, each with its sentence."""
    return [(prize, why(prize)) for prize in prizes]
