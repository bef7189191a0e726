"""The section of the settings about the period of initial attraction."""

from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.domain.attraction import AttractionKind
from webapp.domain.company import Company
from webapp.web.forms import ChoiceField, WholeField
from webapp.web.settings_form import Section


class AttractionForm(Section):
    """When a client's payments stop being initial."""

    attraction_kind = ChoiceField(_l("Initial payments are"), AttractionKind)
    attraction_size = WholeField(_l("How many, how much, or how long"), least=0, most=10**9)

    @classmethod
    def of(cls, company: Company) -> "AttractionForm":
        size = company.attraction_size
        whole = size // 100 if company.attraction_kind is AttractionKind.AMOUNT else size
        return cls(formdata=None, data={"attraction_kind": company.attraction_kind, "attraction_size": whole})

    def said(self) -> dict[str, Any]:
        """A sum is written in whole units of the company's currency."""
        kind, size = self.attraction_kind.data, self.attraction_size.data
        return {"attraction_kind": kind, "attraction_size": size * 100 if kind is AttractionKind.AMOUNT else size}
