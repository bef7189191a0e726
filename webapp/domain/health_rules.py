"""What speaks for and against a client, rule by rule: relationship, promises and complaints, rivals, people lost.

A rule looks at the facts of one day and finds something, or nothing where nothing is known. What it found is worth so
many percent of its part's weight, between ``least`` and ``most``; a part's rules never sum beyond -100 and +100.
The steps are ours: no source gives them. (Payments and growth stand in ``health_money_rules``.)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from webapp.domain.attack_state import Severity
from webapp.domain.coverage import cover
from webapp.domain.health_facts import Facts, Leaver, Source
from webapp.domain.visit_state import VisitOutcome
from webapp.domain.words import N_


class Finding(NamedTuple):
    """What a rule found: a sentence with its values, its worth in percent of the part, since when it is so, and where
    that is written. What is missing has a date and a source too: the last time, or that nothing is recorded since."""

    rule: str
    percent: int
    text: str
    values: dict[str, Any]
    on: date
    source: Source


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look at. ``advice`` says what would lift it, up to ``most``."""

    key: str
    least: int
    most: int
    judge: Callable[[Facts], Finding | None]
    advice: str


FRESHNESS: tuple[tuple[int, int], ...] = ((30, 20), (60, 10), (90, 0))
"""Days since the client last took part, below which so many percent are given (the published 30, 60 and 90 days)."""

HALF_A_YEAR = 180
"""Days for which a promise, kept or broken, and a defended attack are remembered."""

A_YEAR = 365
"""Days for which a lost attack and a person who left without a successor weigh."""

LATELY = 90
"""Days for which a settled dispute still weighs, and what was said at the last visit."""

SAID = {
    VisitOutcome.LEAVING: (-50, N_("At the last visit they said that they think of leaving")),
    VisitOutcome.COMPLAINED: (-35, N_("At the last visit they complained")),
}
"""What a visit's end weighs, until another visit ends otherwise."""

DEPARTURE = {"decided": -100, "champion": -60, "other": -20}
"""What a person who left weighs until somebody takes their place with us; several weigh together."""

RAID = {Severity.LOW: -50, Severity.MEDIUM: -75, Severity.HIGH: -100}


def silence(facts: Facts) -> tuple[date, Source]:
    """Since when nobody of theirs took part, and where that is written."""
    if facts.last_contact is None:
        return facts.watched_from, Source("nothing", facts.client_id)
    on, user = facts.last_contact
    return on, Source("user", user)


def contacts(facts: Facts) -> Finding:
    live = facts.live
    covered = cover(((each.user_id, each.head) for each in live), key=facts.key)
    newest = max(live, key=lambda each: (each.on, each.contact_id), default=None)
    values = {"ours": len(covered.ours), "needed": covered.needed}
    if newest is None:
        text = N_("Nobody of ours is in live contact, %(needed)s are needed")
        return Finding("contacts", -35, text, values, *silence(facts))
    on, source = newest.on, Source("contact", newest.contact_id)
    if not covered.blind:
        text = N_("%(ours)s of ours are in live contact, %(needed)s are needed")
        return Finding("contacts", 35, text, values, on, source)
    if len(covered.ours) >= covered.needed:
        return Finding("contacts", 0, N_("No head is in live contact with this key client"), values, on, source)
    text = N_("Only %(ours)s of ours in live contact, %(needed)s are needed")
    return Finding("contacts", 0, text, values, on, source)


def decider(facts: Facts) -> Finding | None:
    met = max((each for each in facts.live if each.decides), key=lambda each: (each.on, each.contact_id), default=None)
    if met is not None:
        text = N_("We are in live contact with somebody who decides")
        return Finding("decider", 20, text, {}, met.on, Source("contact", met.contact_id))
    if facts.last_contact is None:
        return None
    spoken = [(each.on, each.contact_id) for each in facts.threads if each.decides]
    spoken += [(each.left_on, each.contact_id) for each in facts.leavers if each.decided]
    on, source = facts.watched_from, Source("nothing", facts.client_id)
    if spoken:
        on, contact = max(spoken)
        source = Source("contact", contact)
    return Finding("decider", -20, N_("We are in live contact with nobody who decides"), {}, on, source)


def freshness(facts: Facts) -> Finding | None:
    if facts.last_contact is None:
        return None
    on, source = silence(facts)
    days = facts.ago(on)
    percent = next((worth for limit, worth in FRESHNESS if days < limit), -20)
    text = N_("The client last took part in a contact %(days)s days ago")
    return Finding("freshness", percent, text, {"days": days}, on, source)


def visits(facts: Facts) -> Finding | None:
    norm = facts.visit_norm
    if norm is None:
        return None
    if facts.last_visit is None:
        if facts.programme_since is None or facts.ago(facts.programme_since) <= norm:
            return None
        text = N_("No visit is known; the norm is a visit every %(norm)s days")
        since = max(facts.programme_since, facts.watched_from)
        return Finding("visits", -25, text, {"norm": norm}, since, Source("nothing", facts.client_id))
    on, user = facts.last_visit
    days = facts.ago(on)
    percent = 25 if days <= norm else 0 if 2 * days <= 3 * norm else -25
    text = N_("Last visited %(days)s days ago; the norm is a visit every %(norm)s days")
    return Finding("visits", percent, text, {"days": days, "norm": norm}, on, Source("user", user))


def promises(facts: Facts) -> Finding | None:
    failed: list[tuple[date, int]] = []
    kept: list[tuple[date, int]] = []
    for vow in facts.promises:
        open_ = vow.kept_on is None and vow.broken_on is None
        over = vow.broken_on or (vow.due_on if open_ and vow.due_on is not None and vow.due_on < facts.day else None)
        if over is not None and facts.ago(over) < HALF_A_YEAR:
            failed.append((over, vow.id))
        elif vow.kept_on is not None and facts.ago(vow.kept_on) < HALF_A_YEAR:
            kept.append((vow.kept_on, vow.id))
    if failed:
        on, number = max(failed)
        text = N_("Promises of ours that are broken or overdue: %(count)s")
        values = {"count": len(failed)}
        return Finding("promises", -25 * min(len(failed), 2), text, values, on, Source("promise", number))
    if kept:
        on, number = max(kept)
        text = N_("Promises of ours that we kept: %(count)s")
        return Finding("promises", 25 * min(len(kept), 2), text, {"count": len(kept)}, on, Source("promise", number))
    return None


def complaints(facts: Facts) -> Finding | None:
    open_ = [each for each in facts.disputes if each.ended_on is None]
    if open_:
        first = min(open_, key=lambda each: (each.began_on, each.invoice_id))
        text = N_("Invoices the client disputes: %(count)s")
        source = Source("invoice", first.invoice_id)
        return Finding("complaints", -50, text, {"count": len(open_)}, first.began_on, source)
    if facts.last_word is not None:
        on, number, outcome = facts.last_word
        if outcome in SAID and facts.ago(on) < LATELY:
            percent, text = SAID[outcome]
            return Finding("complaints", percent, text, {}, on, Source("visit", number))
    lately = [
        (each.ended_on, each.invoice_id)
        for each in facts.disputes
        if each.ended_on is not None and facts.ago(each.ended_on) < LATELY
    ]
    if lately:
        on, number = max(lately)
        text = N_("A dispute over an invoice was settled lately")
        return Finding("complaints", -20, text, {}, on, Source("invoice", number))
    return None


def rivals(facts: Facts) -> Finding | None:
    running = [each for each in facts.attacks if each.ended_on is None]
    if running:
        worst = min(running, key=lambda each: (RAID[each.severity], each.raised_on, each.id))
        text = N_("A competitor is after the client: %(severity)s")
        values = {"severity": worst.severity}
        return Finding("rivals", RAID[worst.severity], text, values, worst.raised_on, Source("attack", worst.id))
    ended = sorted(
        ((each.ended_on, each.id, each) for each in facts.attacks if each.ended_on is not None), reverse=True
    )
    for on, number, each in ended:
        if each.lost and facts.ago(on) < A_YEAR:
            text = N_("A competitor won something from us")
            return Finding("rivals", -60, text, {}, on, Source("attack", number))
    for on, number, each in ended:
        if each.defended and facts.ago(on) < HALF_A_YEAR and _visited_since(facts, each.raised_on):
            text = N_("An attack was defended: the client stayed")
            return Finding("rivals", 30, text, {}, on, Source("attack", number))
    return None


def _visited_since(facts: Facts, day: date) -> bool:
    """A defence that nobody went out for says nothing of the client; saying so must not pay."""
    return facts.last_visit is not None and facts.last_visit[0] >= day


def people(facts: Facts) -> Finding | None:
    """Says the gravest of those who left; they weigh together."""
    gone = missed(facts)
    if not gone:
        return None
    worst = min(gone, key=lambda each: (weighs(each), -each.left_on.toordinal(), -each.contact_id))
    if worst.decided:
        text = N_("Somebody who decided left the client, and nobody took their place with us")
    elif len(gone) > 1:
        text = N_("People who left the client, and whose place with us nobody took: %(count)s")
    elif worst.champion:
        text = N_("Somebody who spoke for us left the client, and nobody took their place with us")
    else:
        text = N_("Somebody left the client, and nobody took their place with us")
    percent, values = max(-100, sum(weighs(each) for each in gone)), {"count": len(gone)}
    return Finding("people", percent, text, values, worst.left_on, Source("contact", worst.contact_id))


def missed(facts: Facts) -> list[Leaver]:
    """Who left within a year, and whose place nobody took who is in live contact with us."""
    return [
        each
        for each in facts.leavers
        if facts.ago(each.left_on) < A_YEAR and not any(each.replaced_by(touch) for touch in facts.live)
    ]


def weighs(gone: Leaver) -> int:
    return DEPARTURE["decided" if gone.decided else "champion" if gone.champion else "other"]


RELATIONSHIP = (
    Rule("contacts", -35, 35, contacts, N_("Bring a second of ours into live contact; with a key client a head")),
    Rule("decider", -20, 20, decider, N_("Speak with somebody who decides")),
    Rule("freshness", -20, 20, freshness, N_("Get in contact, so that the client takes part")),
    Rule("visits", -25, 25, visits, N_("Visit the client, with a purpose")),
)
PROMISES = (
    Rule("promises", -50, 50, promises, N_("Keep what was promised, and say so")),
    Rule("complaints", -50, 0, complaints, N_("Settle what they complain of")),
)
RIVALS = (Rule("rivals", -100, 30, rivals, N_("Defend the client in person")),)
PEOPLE = (Rule("people", -100, 0, people, N_("Find who takes their place, and meet them")),)
