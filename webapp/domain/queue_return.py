"""When an item that was dealt with comes back: reckoned by the policy in ``queue``, in the company's working time."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta, UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.domain.company import Company
from webapp.domain.operation import Operation
from webapp.domain.queue import NO_ANSWER_HOURS, RANK_OF, Reason

if TYPE_CHECKING:
    from webapp.domain.queue_facts import Facts


def morning(company: Company, day: date) -> datetime:
    """The beginning of a day at the company's seat."""
    return datetime.combine(day, time(), ZoneInfo(company.timezone)).astimezone(UTC)


def after_working_days(company: Company, today: date, count: int) -> date:
    """The day that is worked, so many working days after today."""
    day, hours = today, company.hours
    while count:
        day += timedelta(days=1)
        count -= hours.works_on(day)
    return day


def back_when_done(company: Company, reasons: Sequence[Reason], at: datetime) -> datetime | None:
    """When what still stands then is spoken about again: the strongest reason says after how long."""
    if not reasons:
        return None
    return morning(company, after_working_days(company, company.today(at), RANK_OF[reasons[0]].returns))


def back_without_answer(company: Company, vain: int, at: datetime) -> datetime:
    """When to try again, after ``vain`` calls before this one that nobody answered."""
    hours = NO_ANSWER_HOURS[min(vain, len(NO_ANSWER_HOURS) - 1)]
    return company.hours.after(at, timedelta(hours=hours))


def let_rest(session: Session, known: Mapping[int, "Facts"], at: datetime) -> None:
    """What was dealt with rests until its time, unless new work came. One statement."""
    dealt = session.execute(
        select(Operation.client_id, Operation.reasons, Operation.back_at, Operation.at, Operation.done_on).where(
            Operation.client_id.in_(known), Operation.back_at > at
        )
    )
    for client, reasons, until, dealt_at, dealt_on in dealt:
        facts = known[client]
        for reason in map(Reason, reasons):
            if until is not None and not facts.has_newer(reason, dealt_at, dealt_on):
                facts.rests[reason] = max(until, facts.rests.get(reason, until))
