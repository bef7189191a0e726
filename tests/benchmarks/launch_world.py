"""A launch that runs for every client of ``world``: each is called or visited, mailed, and gets a leaflet."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from tests.benchmarks.world import CLIENTS
from webapp.domain.base import Moment
from webapp.domain.launch_figures import keep_figures

LAUNCH = """
INSERT INTO launch (id, product_id, name, owner_id, state, starts_on, ends_on, message, leaflet, told_goal,
  interested_goal, sold_goal, currency, rule, size, site, started_at, version)
SELECT 1, 1, 'Запуск', max(id), 'running', :first, :last, 'Коротко о новом', 'Коротко о новом', 5000, 1500, 400, 'RUB',
  '{}', :clients, '', :at, 1 FROM "user"
"""

CHANNEL = "INSERT INTO launch_channel (launch_id, channel, cost_minor, a_week) VALUES (1, :channel, :cost, 0)"

CLIENT = """
INSERT INTO launch_client (id, launch_id, client_id, planned_at, heard, step, refused, offered)
SELECT id, 1, id, :at, CASE id % 10 WHEN 1 THEN 'call' WHEN 2 THEN 'call' WHEN 3 THEN 'visit' WHEN 4 THEN
  CASE id % 3 WHEN 0 THEN 'email' END END,
  CASE WHEN id % 10 IN (1, 2, 3) THEN 1 + id % 4 WHEN id % 10 = 4 AND id % 3 = 0 THEN 1 ELSE 0 END, id % 17 = 0,
  id % 10 IN (1, 2, 3) AND id % 4 >= 2
FROM client
"""

TOUCH = """
INSERT INTO launch_touch (launch_id, launch_client_id, client_id, channel, state, week, late, person_id, done_at,
  missed)
SELECT 1, id, id, CASE WHEN :channel <> 'person' THEN :channel WHEN id % 5 = 3 THEN 'visit' ELSE 'call' END,
  CASE id % 5 WHEN 0 THEN 'planned' WHEN 1 THEN 'given' WHEN 4 THEN 'missed' ELSE 'done' END, :week, id % 7 = 0,
  CASE WHEN :channel = 'person' THEN id % 40 + 1 END, CASE WHEN id % 5 IN (2, 3) THEN :at END,
  CASE WHEN id % 5 = 4 THEN 'no_room' END
FROM client
"""


def build(session: Session, now: datetime) -> None:
    """Written by the database itself, the same each time."""
    day = now.date() - timedelta(days=now.weekday())
    told = {"first": day, "last": day + timedelta(days=60), "clients": CLIENTS, "at": now}
    connection, moment = session.connection(), bindparam("at", type_=Moment)
    connection.execute(text(LAUNCH).bindparams(moment), told)
    for channel, cost in (("visit", 150000), ("call", 10000), ("email", 100), ("leaflet", 500)):
        connection.execute(text(CHANNEL), {"channel": channel, "cost": cost})
    connection.execute(text(CLIENT).bindparams(moment), told)
    for channel in ("person", "email", "leaflet"):
        connection.execute(text(TOUCH).bindparams(moment), {"channel": channel, "week": day, "at": now})
    keep_figures(session, [1])
    session.commit()
