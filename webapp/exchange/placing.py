"""Where new clients begin: with a won deal in the Client lane, else in Sales, each with somebody who answers for it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from webapp.domain.words import Department
from webapp.exchange.planned import Creation, New, Placement, Plan, Update


def has_sellers(plan: Plan) -> bool:
    """Whether anybody could answer for a new client: somebody works in Sales, or comes in with this import."""
    return bool(plan.knowledge.load.get(Department.SALES) or plan.creations["user"])


def place(plan: Plan) -> None:
    """Give each new client its lane and owner, and credit whoever won the first deal of a client nobody attracted."""
    deals: dict[Any, list[dict[str, Any]]] = {}
    for creation in plan.creations["deal"]:
        deals.setdefault(creation.values["client_id"], []).append(creation.values)
    for record_id, update in plan.updates["deal"].items():
        facts = {**plan.knowledge.facts["deal"][record_id], **update.changed}
        deals.setdefault(facts["client_id"], []).append(facts)
    choose = _Choice(plan)
    for creation in plan.creations["client"]:
        client = New("client", creation.incoming.key)
        creation.values |= _attraction(deals.get(client, ()))
        plan.placements.append(_placement(client, creation, deals.get(client, []), choose))
    for client, sold in deals.items():
        if isinstance(client, int) and plan.knowledge.facts["client"][client]["attracted_by_id"] is None:
            _credit(plan, client, _attraction(sold))


def _attraction(deals: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Who attracted the client and when: the owner of the earliest won deal."""
    won = sorted((deal for deal in deals if deal["status"] == "won"), key=lambda deal: str(deal["closed_on"]))
    return {"attracted_by_id": won[0]["owner_id"], "attracted_at": won[0]["closed_on"]} if won else {}


def _credit(plan: Plan, client: int, attraction: dict[str, Any]) -> None:
    if not attraction:
        return
    facts = plan.knowledge.facts["client"][client]
    update = plan.updates["client"].get(client)
    if update is None:
        met = next((each for each in plan.recognised if (each.kind, each.record_id) == ("client", client)), None)
        update = met or Update("client", facts["name"], client, {})
        plan.recognised = [each for each in plan.recognised if each is not met]
        plan.unchanged["client"].discard(client)
        plan.updates["client"][client] = update
    update.changed |= attraction
    update.before |= {"attracted_by_id": None, "attracted_at": facts["attracted_at"]}


def _placement(client: New, creation: Creation, deals: list[dict[str, Any]], choose: "_Choice") -> Placement:
    stands = Counter(deal["status"] for deal in deals)
    if stands["won"]:
        department = Department.CLIENT
        owner = choose.clerk() or choose.able(creation.values["attracted_by_id"])
    else:
        department = Department.SALES
        latest = max(deals, key=lambda deal: (deal["status"] == "open", deal["opened_on"] or ""), default=None)
        owner = choose.able(latest["owner_id"]) if latest else choose.hunter()
    return Placement(client, department, owner, stands["won"], stands["lost"], stands["open"])


class _Choice:
    """Who answers for a client when its history does not say: the one with the fewest, so that the load stays even."""

    def __init__(self, plan: Plan) -> None:
        load = plan.knowledge.load
        self.users = plan.knowledge.facts["user"]
        self.clerks: dict[Any, int] = dict(load.get(Department.CLIENT, {}))
        self.hunters: dict[Any, int] = dict(load.get(Department.SALES, {}))
        newcomers = plan.creations["user"]
        members = [each for each in newcomers if each.incoming.values["role"] == "member"]
        self.hunters |= {New("user", each.incoming.key): 0 for each in members or newcomers}

    def clerk(self) -> Any:
        """The least loaded of the Client department; None while it is empty, and then the hunter goes on."""
        return _least(self.clerks)

    def hunter(self) -> Any:
        return _least(self.hunters)

    def able(self, owner: Any) -> Any:
        """The owner that the history names, unless they left."""
        left = isinstance(owner, int) and self.users[owner]["deactivated_at"] is not None
        return self.hunter() if left else owner


def _least(load: dict[Any, int]) -> Any:
    if not load:
        return None
    chosen = min(load, key=lambda user: load[user])
    load[chosen] += 1
    return chosen
