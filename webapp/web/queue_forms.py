"""The outcome forms beside a queue's item, and the rows of its list, as HTML.

They are the same for every item but for a few values, and rendering them anew took half the time of an answer. So each
block of queue.html is rendered once in each language, with a hole for every value, and Python fills the holes. Values
are escaped here.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import current_app, url_for
from flask_babel import get_locale, ngettext
from jinja2_fragments.flask import render_block
from markupsafe import escape, Markup

from webapp.domain.queue import Outcome, Reason
from webapp.queries.queue import QueuePage
from webapp.queries.queue_card import Card, Owed
from webapp.queries.telling import Tellable
from webapp.web.board_words import Hole
from webapp.web.i18n import money, translated
from webapp.web.once import once
from webapp.web.queue_form import OutcomeForm
from webapp.web.queue_words import choices, promise_fields, sums

Pairs = tuple[tuple[Any, str], ...]

TAPS = ("", "told", "interested", "refused")
"""How a client took a product; nothing: it was not told of it."""

SAFE = {Markup, int}
"""What stands in a page as it is."""


@cache
def pattern(block: str, locale: str, **shown: bool) -> str:
    """A block of the queue's template with holes, in one language. A percent sign of the words stays one."""
    html = str(render_block("queue.html", block, hole=Hole(), **shown)).strip()
    return re.sub(r"%(?!\(\w+\)s)", "%%", html)


def filled(html: str, values: Mapping[str, Any]) -> Markup:
    """A pattern with its holes filled. ``Markup % values`` does the same in thrice the time, and so would escaping what
    is safe already."""
    written = {name: value if type(value) in SAFE else escape(value) for name, value in values.items()}
    return Markup(html % written)  # noqa: S704 blocks of ours


class Colleagues(NamedTuple):
    """To whom an item may be given, and what is chosen before anybody chooses: the colleague and the reason."""

    people: Pairs
    chosen: str
    reason: str


class Setting(NamedTuple):
    """What the forms of an answer share: the moment it was asked for, whose queue it is, and the days to begin with."""

    opened: int
    clerk_id: int
    today: date
    tomorrow: date
    currency: str
    """The company's."""
    colleagues: Colleagues


def outcomes(card: Card | None, setting: Setting, form: OutcomeForm | None = None) -> Markup:
    """The forms for every outcome of the card's item; ``form`` is the one that was sent and refused, with what it
    holds."""
    locale = str(get_locale() or "en")
    if card is None or not card.may_work or card.item.first.reason is Reason.HANDOFF:
        return Markup("")
    typed = form.outcome.data if form else None
    sum_, currency = promise_fields(card, setting.currency)
    if form and typed is Outcome.PROMISED:
        sum_, currency = form.amount_minor._value(), form.currency.data or currency
    values: dict[str, Any] = {
        "action": url_for("queue.work", id=card.item.client_id),
        "csrf": current_app.jinja_env.globals["csrf"](),  # type: ignore[operator]
        "opened": setting.opened,
        "clerk": setting.clerk_id,
        "today": setting.today,
        "tomorrow": setting.tomorrow,
        "note": (form and form.note.data) or "",
        "amount": sum_,
        "due_on": (form and form.due_on.data) or setting.tomorrow,
        "back_on": (form and form.back_on.data) or setting.tomorrow,
        "results": _words("result", (form and form.result.data) or "agreed", locale),
        "currencies": _words("currency", currency, locale),
        **_whom(card, form, locale),
        "touches": _touches(card, locale),
        "told": _told(card, form, locale),
    }
    for outcome in Outcome:
        key = outcome.value
        values[f"once_{key}"] = once()
        values[f"open_{key}"] = Markup(" open") if outcome is typed else ""
        values[f"errors_{key}"] = _errors(form) if outcome is typed else ""
    disputable = [invoice for invoice in card.owed if not invoice.disputed]
    if disputable:
        values["disputes"] = _words("dispute", (form and form.dispute.data) or "sum", locale)
        values["invoices"] = _invoices(disputable, (form and form.invoice.data) or [], locale)
    hands = setting.colleagues
    if hands.people:
        handed = form if typed is Outcome.HANDED else None
        values["colleagues"] = _fixed(hands.people, str(handed.colleague_id.data) if handed else hands.chosen, locale)
        values["handings"] = _words("handing", (handed and handed.handing.data) or hands.reason, locale)
    html = pattern("outcomes", locale, disputes=bool(disputable), hands=bool(hands.people))
    return filled(html, values)


def rows(view: QueuePage, asked: str) -> Markup:
    """The list beside the card; ``asked`` says whose queue it is, as an address does: ``clerk=2``, or nothing."""
    locale = str(get_locale() or "en")
    row, here = pattern("row", locale), view.card.item.client_id if view.card else None
    return Markup("").join(
        filled(
            row,
            {
                "id": item.client_id,
                "and_clerk": asked and f"&{asked}",
                "of_clerk": asked and f"?{asked}",
                "current": Markup(' aria-current="true"') if item.client_id == here else "",
                "client": item.client,
                "rank": translated(item.first.rank.label),
                "sums": f" · {sums(item.first.facts['sums'])}" if "sums" in item.first.facts else "",
                "more": " · " + _more(len(item.whys) - 1) if len(item.whys) > 1 else "",
            },
        )
        for item in view.items
    )


def _more(count: int) -> str:
    return str(ngettext("and %(num)s more reason", "and %(num)s more reasons", count))


def options(pairs: Iterable[tuple[Any, str]], chosen: str, locale: str) -> Markup:
    """The options of a list; values are compared as text."""
    option = pattern("option", locale)
    return Markup("").join(
        filled(option, {"value": value, "chosen": " selected" if str(value) == chosen else "", "text": text})
        for value, text in pairs
    )


_fixed = lru_cache(256)(options)
"""The colleagues are the same for every item of a queue."""


@lru_cache(256)
def _words(name: str, chosen: str, locale: str) -> Markup:
    return options(choices()[name], chosen, locale)


def _whom(card: Card, form: OutcomeForm | None, locale: str) -> dict[str, Markup | str]:
    chosen = str(form.contact_id.data) if form else ""
    names = options(((row.id, row.name) for row in card.contacts), chosen, locale)
    return {
        f"whom_{key}": names and filled(pattern("whom", locale), {"id": f"contact-{key}", "names": names})
        for key in ("done", "promised")
    }


def _touches(card: Card, locale: str) -> Markup | str:
    boxes = [_box("task", task["id"], translated(task["subject"]), True, locale) for task in card.item.tasks]
    return filled(pattern("touches", locale), {"boxes": Markup("").join(boxes)}) if boxes else ""


def _told(card: Card, form: OutcomeForm | None, locale: str) -> Markup | str:
    said = form.told.data if form else {}
    rows = [_told_row(row, said.get(row.product_id, ""), locale) for row in card.tellable]
    if not rows:
        return ""
    begun = said or card.item.first.reason is Reason.LAUNCH  # nobody may write a launch's call and forget the telling
    return filled(pattern("told", locale), {"rows": Markup("").join(rows), "open_told": " open" if begun else ""})


@lru_cache(1024)
def _told_row(row: Tellable, said: str, locale: str) -> Markup:
    """A product, as it stands with many clients."""
    values = {f"on_{tap or 'no'}": " checked" if said == tap else "" for tap in TAPS}
    values |= {"id": row.product_id, "product": row.name, "state": translated(row.state.label)}
    return filled(pattern("told_row", locale), values)


def _invoices(owed: list[Owed], ticked: list[int], locale: str) -> Markup:
    return Markup("").join(
        _box(
            "invoice",
            invoice.id,
            f"{invoice.number}/{invoice.year} · {money(invoice.outstanding_minor, invoice.currency)}",
            len(owed) == 1 or invoice.id in ticked,
            locale,
        )
        for invoice in owed
    )


def _box(name: str, value: int, text: str, ticked: bool, locale: str) -> Markup:
    values = {"name": name, "value": value, "ticked": " checked" if ticked else "", "text": text}
    return filled(pattern("box", locale), values)


def _errors(form: OutcomeForm | None) -> Markup:
    errors = [error for messages in form.errors.values() for error in messages] if form else []
    return Markup(render_block("queue.html", "errors", errors=errors))  # noqa: S704 a block of ours, escaped by Jinja
