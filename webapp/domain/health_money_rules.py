"""What payments and growth say of a client: rules as in ``health_rules``, read off its invoices.

Lateness is judged against the client's own: who always pays on the twentieth is not late on the twentieth.
"""

from datetime import timedelta

from webapp.domain.health_facts import Bill, Facts, Source
from webapp.domain.health_rules import Finding, Rule
from webapp.domain.words import N_

EXCESS: tuple[tuple[int, int], ...] = ((3, 65), (7, 20), (14, -10), (30, -35))
"""Days later than usual, up to which so many percent are given."""
WORST = -55

ONE_SLIP = -15
"""A single late payment that came in the end weighs no more: a first-time delay is not a chronic one."""

GRACE = 3
"""Days beyond the usual after which an unpaid invoice is overdue for us."""

PLEDGED = 60
"""Days for which a broken promise to pay weighs."""

WINDOW, BEFORE = 62, 182
"""Days: what was invoiced in the window, against the same window so many days earlier."""

MORE, LESS = 110, 80
"""Percent of what was invoiced before, from which on it grew, and up to which it shrank."""

TALKING = 180
"""Days for which an open deal counts as talks."""

BEHIND, AHEAD = 30, 90
"""Days: a contract that ended lately, or ends soon."""


def _late(facts: Facts, bill: Bill) -> int:
    return max(0, ((bill.paid_on or facts.day) - bill.due_on).days)


def in_time(facts: Facts) -> Finding | None:
    due = facts.due_lately
    if not due:
        return None
    usual = facts.usual_lateness
    worst = max(due, key=lambda bill: (_late(facts, bill), bill.id))
    late = _late(facts, worst)
    percent = next((worth for limit, worth in EXCESS if late - usual <= limit), WORST)
    if percent < ONE_SLIP and worst.paid_on is not None:
        slips = sum(_late(facts, bill) - usual > GRACE for bill in due)
        percent = ONE_SLIP if slips == 1 else percent
    text = N_("Paid %(late)s days late at worst in three months; usual for this client are %(usual)s")
    values = {"late": late, "usual": usual}
    return Finding("in_time", percent, text, values, worst.paid_on or worst.due_on, Source("invoice", worst.id))


def overdue(facts: Facts) -> Finding | None:
    usual, unpaid = facts.usual_lateness, [bill for bill in facts.bills if bill.paid_on is None]
    owed = [bill for bill in unpaid if facts.ago(bill.due_on) > usual + GRACE and bill.id not in facts.disputed]
    if owed:
        oldest = min(owed, key=lambda bill: (bill.due_on, bill.id))
        days = facts.ago(oldest.due_on)
        text = N_("Unpaid for longer than usual: %(count)s, the oldest for %(days)s days")
        percent = -20 if days - usual <= 14 else -35
        values = {"count": len(owed), "days": days}
        return Finding("overdue", percent, text, values, oldest.due_on, Source("invoice", oldest.id))
    covered = [(bill.paid_on, bill.id) for bill in facts.due_lately if bill.paid_on is not None]
    if not covered:
        return None
    on, number = max(covered)
    text = N_("Nothing is unpaid for longer than usual")
    return Finding("overdue", 35, text, {}, on, Source("invoice", number))


def pledges(facts: Facts) -> Finding | None:
    lately = [(on, number) for on, number in facts.pledges_broken if facts.ago(on) < PLEDGED]
    if not lately:
        return None
    text = N_("The client broke a promise to pay")
    return Finding("pledges", -10, text, {}, max(lately)[0], Source("client", facts.client_id))


def _in_use(facts: Facts, ago: int) -> list[Bill]:
    last = facts.day - timedelta(days=ago)
    first = last - timedelta(days=WINDOW)
    return [bill for bill in facts.bills if first < bill.issued_on <= last and bill.monthly]


def products(facts: Facts) -> Finding | None:
    now, before = _in_use(facts, 0), _in_use(facts, BEFORE)
    if not now and not before:
        return None
    ours, theirs = len({bill.product for bill in now}), len({bill.product for bill in before})
    newest = max(now or before, key=lambda bill: (bill.issued_on, bill.id))
    values = {"now": ours, "before": theirs}
    text = N_("Products invoiced now: %(now)s; half a year ago: %(before)s")
    percent = 40 if ours > theirs else -50 if ours < theirs else 10 if ours > 1 else 0
    return Finding("products", percent, text, values, newest.issued_on, Source("invoice", newest.id))


def turnover(facts: Facts) -> Finding | None:
    now, before = _in_use(facts, 0), _in_use(facts, BEFORE)
    if not now or not before or len({bill.currency for bill in (*now, *before)}) > 1:
        return None
    percent_of = sum(bill.minor for bill in now) * 100 // sum(bill.minor for bill in before)
    if LESS < percent_of < MORE:
        return None
    newest = max(now, key=lambda bill: (bill.issued_on, bill.id))
    text = N_("Invoiced against half a year ago: %(percent)s percent")
    worth = 20 if percent_of >= MORE else -20
    return Finding("turnover", worth, text, {"percent": percent_of}, newest.issued_on, Source("invoice", newest.id))


def talks(facts: Facts) -> Finding | None:
    lately = [(on, number) for on, number in facts.talks if 0 <= facts.ago(on) < TALKING]
    if not lately:
        return None
    on, number = max(lately)
    return Finding("talks", 40, N_("We talk about a further sale"), {}, on, Source("deal", number))


def notice(facts: Facts) -> Finding | None:
    soon = [each for each in facts.notices if -AHEAD <= facts.ago(each.ends_on) <= BEHIND]
    if not soon:
        return None
    last = max(soon, key=lambda each: (each.given_on, each.contract_id))
    text = N_("A contract ends on %(day)s")
    return Finding("notice", -30, text, {"day": last.ends_on}, last.given_on, Source("contract", last.contract_id))


PAYMENTS = (
    Rule("in_time", WORST, 65, in_time, N_("Agree on a day of payment, and hold to it")),
    Rule("overdue", -35, 35, overdue, N_("Collect what is unpaid")),
    Rule("pledges", -10, 0, pledges, N_("Have the next promise to pay kept")),
)
GROWTH = (
    Rule("products", -50, 40, products, N_("Sell a product that the client does not have yet")),
    Rule("turnover", -20, 20, turnover, N_("Win back the volume")),
    Rule("talks", 0, 40, talks, N_("Begin to talk about a further sale")),
    Rule("notice", -30, 0, notice, N_("Win the contract back before it ends")),
)
