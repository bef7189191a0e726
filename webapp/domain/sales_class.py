"""The ABC of sales: who together brings the first half of what clients pay, who the next part, and everybody else."""

from enum import StrEnum

from webapp.domain.words import N_


class SalesClass(StrEnum):
    """A client's class by what it paid, in one currency."""

    A = "a"
    B = "b"
    C = "c"

    @property
    def label(self) -> str:
        return {"a": N_("Class A"), "b": N_("Class B"), "c": N_("Class C")}[self.value]
