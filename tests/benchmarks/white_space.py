"""Who buys what in the company of ``world``: 40 families of one product each, and eight things known of each client."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from tests.benchmarks.world import CLIENTS
from webapp.domain.awareness_state import AwarenessState
from webapp.domain.model import Awareness, ProductFamily

FAMILIES, FIRST = 40, 8
"""The world has the first eight already."""

KNOWN = (AwarenessState.OWNED,) * 4 + (
    AwarenessState.TOLD,
    AwarenessState.INTERESTED,
    AwarenessState.OFFERED,
    AwarenessState.SENT,
)


def build(session: Session, now: datetime) -> None:
    """Each product is a family of its own, and clients have one of ten industries."""
    session.execute(
        insert(ProductFamily), [{"name": f"Семейство товаров {n}", "position": n} for n in range(FIRST, FAMILIES)]
    )
    session.execute(text("UPDATE product SET family_id = id"))
    session.execute(text("UPDATE client SET sector = 'Отрасль ' || CAST(id % 10 AS varchar(2))"))
    rows = _known(now)
    while part := list(islice(rows, 5_000)):
        session.execute(insert(Awareness), part)
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()


def _known(now: datetime) -> Iterator[dict[str, Any]]:
    random = Random(40)
    for client in range(1, CLIENTS + 1):
        for product, state in zip(random.sample(range(1, FAMILIES + 1), len(KNOWN)), KNOWN, strict=True):
            yield {"client_id": client, "product_id": product, "state": state, "since": now, "reason": ""}
