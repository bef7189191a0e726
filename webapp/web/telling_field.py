"""The field of a form in which a person ticks of which products a client was told, and how it took each."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field
from wtforms.widgets import HiddenInput

from webapp.domain.awareness_state import Happening, TELLING
from webapp.queries.telling import Tellable


class ToldField(Field):
    """Rows of taps, ``told-7=interested``. ``data`` is how each product that was told of was taken, by its number."""

    widget = HiddenInput()

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.offered: Sequence[Tellable] = ()

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Only what can be read: a number of a product, and one of the taps."""
        self.process_errors, self.data = [], {}
        for key in formdata or ():
            number = key.removeprefix(f"{self.name}-")
            said = formdata.get(key)
            if number != key and number.isdecimal() and len(number) < 19 and said in set(TELLING):
                self.data[int(number)] = Happening(said)

    def offer(self, offered: Sequence[Tellable]) -> None:
        """Nothing else than what was offered may be told of."""
        self.offered = offered
        known = {row.product_id for row in offered}
        self.data = {number: said for number, said in self.data.items() if number in known}

    @property
    def rows(self) -> list[tuple[Tellable, str]]:
        """Each product with what was tapped, or nothing."""
        return [(row, self.data.get(row.product_id, "")) for row in self.offered]
