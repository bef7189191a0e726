"""Refusals of the domain. Each carries an English sentence (a translation key) and the values that fill it."""

from collections.abc import Sequence
from typing import Any

from webapp.domain.words import N_


class Refused(Exception):
    """The trade's rules forbid the change. Nothing was written.

    ``message`` is an English sentence with %(name)s placeholders, ``values`` fill them, and ``field`` names
    the input at fault, where one is.
    """

    def __init__(self, message: str, *, field: str | None = None, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values
        self.field = field


class Stale(Refused):
    """Somebody else changed the entity after this person saw it."""

    def __init__(self) -> None:
        super().__init__(
            N_("Somebody changed this a moment ago, so your change was not made. Look at how it is now, and repeat it.")
        )


class Incomplete(Refused):
    """Something required is missing; ``gaps`` are the sentences that name each missing thing."""

    def __init__(self, message: str, gaps: Sequence[str], **values: Any) -> None:
        super().__init__(message, **values)
        self.gaps = tuple(gaps)
