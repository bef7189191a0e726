"""Planned visits as an iCalendar file (RFC 5545), for any calendar that subscribes to an address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

PRODUCT = "-//Baton//Visits//EN"
LASTS = timedelta(hours=1)
"""A visit's place in the day; nobody plans how long it takes."""
REFRESH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Entry:
    """One visit. ``uid`` never changes; ``sequence`` grows with each change. Without a time it takes the whole day."""

    uid: str
    sequence: int
    changed_at: datetime
    on: date
    at: time | None
    summary: str
    description: str
    where: str
    url: str
    cancelled: bool
    confirmed: bool


def write(name: str, zone: str, entries: Iterable[Entry]) -> bytes:
    """The calendar of somebody in that time zone, as UTF-8, folded at 75 octets."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    place = ZoneInfo(zone)
    for entry in entries:
        calendar.add_component(_event(entry, place))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(entry: Entry, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    if entry.at is None:
        event.add("dtstart", entry.on)
        event.add("dtend", entry.on + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        begins = datetime.combine(entry.on, entry.at, zone)
        event.add("dtstart", begins)
        event.add("dtend", begins + LASTS)
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    if entry.where:
        event.add("location", entry.where)
    event.add("url", entry.url)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED" if entry.confirmed else "TENTATIVE")
    return event
