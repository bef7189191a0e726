"""The routes a client is handed along, and the checklist of each: policy as data."""

from dataclasses import dataclass

from webapp.domain.task import TaskKind
from webapp.domain.words import Department, N_

EVERY_TASK = frozenset(TaskKind)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist: what the next owner must know. ``hint`` says what a good answer holds."""

    key: str
    label: str
    hint: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """From one department to another: whether the giver goes on serving, which open tasks move, and the checklist."""

    key: str
    giver: Department
    receiver: Department
    giver_stays: bool
    tasks: frozenset[TaskKind]
    checklist: tuple[Item, ...]

    @property
    def required(self) -> tuple[Item, ...]:
        return tuple(item for item in self.checklist if item.required)


WHY_BOUGHT = Item("why_bought", N_("Why they bought"), N_("The need in the client's own words, and what tipped it"))
WHO_DECIDES = Item("who_decides", N_("Who decides"), N_("Name and position; who signs"))
WHO_BLOCKS = Item("who_blocks", N_("Who blocks"), N_("Who was against, and why"), required=False)
PROMISES = Item("promises", N_("Promises outside the contract"), N_("Each one with its date; “none” if there are none"))
PAYMENT = Item("payment_terms", N_("Payment terms and who pays"), N_("Day, delay, who approves the payment"))
PROBLEMS = Item("open_problems", N_("Open problems"), N_("What is not settled; “none” if nothing"))
DISCOUNT = Item("why_discount", N_("Why the discount"), N_("What it was given for, until when"), required=False)
MOOD = Item("mood", N_("Mood of the negotiation"), N_("How we stand with each other"), required=False)
USES = Item("what_they_use", N_("What they use"), N_("Products, volumes, who uses them"))
PAYS = Item("how_they_pay", N_("How they pay"), N_("On time or late, and the reason"))
WHY_VIP = Item("why_vip", N_("Why personal visits"), N_("Size, growth, a rival near, a chance to sell"))
RIVAL = Item("rival", N_("Rivals seen"), N_("Who came, with what"), required=False)
DONE = Item("what_was_done", N_("What was done"), N_("Visits held, what was agreed, what was sold"))
WHY_BACK = Item("why_back", N_("Why it goes back"), N_("What changed at the client or with us"))

ROUTES: dict[tuple[Department, Department], Route] = {
    (route.giver, route.receiver): route
    for route in (
        Route(
            "sales_client",
            Department.SALES,
            Department.CLIENT,
            False,
            EVERY_TASK,
            (WHY_BOUGHT, WHO_DECIDES, PROMISES, PAYMENT, PROBLEMS, WHO_BLOCKS, DISCOUNT, MOOD),
        ),
        Route(
            "client_vip",
            Department.CLIENT,
            Department.VIP,
            True,
            frozenset({TaskKind.MEETING}),
            (WHY_VIP, WHO_DECIDES, USES, PAYS, PROMISES, PROBLEMS, RIVAL, WHO_BLOCKS),
        ),
        Route(
            "vip_client",
            Department.VIP,
            Department.CLIENT,
            False,
            EVERY_TASK,
            (WHY_BACK, DONE, WHO_DECIDES, PROMISES, PROBLEMS, RIVAL),
        ),
        Route(
            "client_sales",
            Department.CLIENT,
            Department.SALES,
            False,
            EVERY_TASK,
            (WHY_BACK, USES, WHO_DECIDES, PROMISES, PROBLEMS, PAYS, RIVAL),
        ),
        Route(
            "vip_sales",
            Department.VIP,
            Department.SALES,
            False,
            EVERY_TASK,
            (WHY_BACK, DONE, WHO_DECIDES, PROMISES, PROBLEMS, RIVAL),
        ),
    )
}
"""Every way between departments. Entering the VIP programme leaves the Client department serving, with its calls."""

FIRST_MEETING_DAYS = 2
"""Calendar days within which the new owner is to introduce themselves (usual in the trade: booked within 48 h)."""
