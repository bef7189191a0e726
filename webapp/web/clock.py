"""The one place that asks the clock."""

from datetime import datetime, UTC


def now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)
