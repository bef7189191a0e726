"""One at a time: whoever writes what is kept of a client waits for whoever does the same now."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Integer

from webapp.domain.base import alone

BUCKETS = 1024
"""Clients share so many locks: a night that keeps thousands must not fill the server's table of locks."""

THREADS, HEALTH = 1, 2
"""What is kept."""


def hold(session: Session, what: int, clients: Iterable[int]) -> None:
    """Wait until nobody else keeps ``what`` of these clients; until the transaction ends nobody else does.

    These locks are PostgreSQL's own, apart from rows. A verb locks rows in the order of its story and keeps last; a
    row of the client, locked last, would deadlock with a verb that begins with it.
    """
    buckets = sorted({client % BUCKETS for client in clients})
    if alone(session) or not buckets:
        return
    bucket = func.unnest(bindparam("buckets", buckets, ARRAY(BigInteger))).column_valued("bucket")
    session.execute(select(func.pg_advisory_xact_lock(what, bucket.cast(Integer))))
