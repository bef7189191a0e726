"""The stages that a new company starts with. Heads change them."""

from webapp.domain.stage import Stage
from webapp.domain.words import Department, N_

DEFAULT_STAGES: dict[Department, tuple[tuple[str, int | None, tuple[str, ...]], ...]] = {
    Department.SALES: (
        (N_("Was found"), 14, ("contact",)),
        (N_("Talked to us"), 14, ("contact", "interaction")),
        (N_("Named the need"), 21, ("priced_deal",)),
        (N_("Got our proposal"), 21, ("sent_proposal",)),
        (N_("Agreed"), 14, ("won_deal",)),
        (N_("Made the first payment"), 7, ()),
    ),
    Department.CLIENT: (
        (N_("Came from Sales"), 7, ("interaction",)),
        (N_("Knows the clerk"), 30, ()),
        (N_("Pays on time"), None, ()),
        (N_("Pays late"), 30, ()),
        (N_("Wants to leave"), 14, ()),
    ),
    Department.VIP: (
        (N_("Entered the programme"), 14, ("contact",)),
        (N_("Met us in person"), 45, ("meeting",)),
        (N_("Shared the plans"), 60, ("decider",)),
        (N_("Tries the new"), 45, ("priced_deal",)),
        (N_("Buys more"), None, ()),
    ),
}
"""Name, limit in days, exit criteria. How likely deals are won from them nobody knows: no chance is shipped."""


def default_stages() -> list[Stage]:
    """New stages of all three lanes, in order."""
    return [
        Stage(department=department, position=position, name=name, limit_days=limit, criteria=[*criteria])
        for department, stages in DEFAULT_STAGES.items()
        for position, (name, limit, criteria) in enumerate(stages)
    ]
