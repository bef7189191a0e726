"""Rules 1 to 4 hold whatever people do, in whatever order."""

from contextlib import ExitStack
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, RuleBasedStateMachine
from sqlalchemy import select

from tests.cast import AT, Cast, stages, TODAY
from tests.factories import make_client, make_deal, make_promise
from tests.support.memory import in_memory
from webapp.domain.engagement import can_own, Engagement
from webapp.domain.errors import Refused
from webapp.domain.event import Event
from webapp.domain.handoff import HandOff
from webapp.domain.route import ROUTES
from webapp.domain.task import Task, TaskKind
from webapp.domain.words import Department

PEOPLE = ("hunter", "other_hunter", "clerk", "other_clerk", "vip", "head_of_sales", "head_of_client", "head_of_vip")
SOMEBODY = st.sampled_from(PEOPLE)
DEPARTMENT = st.sampled_from(Department)


class Relay(RuleBasedStateMachine):
    """Two clients and everything that people may try with them, sensible or not."""

    def __init__(self) -> None:
        super().__init__()
        self.held = ExitStack()
        self.session = self.held.enter_context(in_memory(Cast.gather))
        self.cast = Cast.found(self.session)
        self.clients = [make_client(self.session, self.cast.hunter), make_client(self.session, self.cast.clerk)]
        for client in self.clients:
            client.attracted_by = self.cast.hunter
            make_deal(self.session, client)
            make_promise(self.session, client)
        self.session.commit()
        self.attracted = {client.id: self.cast.hunter.id for client in self.clients}

    def teardown(self) -> None:
        self.held.close()

    def attempt(self, verb: Any) -> None:
        """What a person tries is done and told, or refused and leaves nothing."""
        try:
            told = verb()
            if isinstance(told, Event):
                self.session.add(told)
            self.session.commit()
        except Refused:
            self.session.rollback()

    def pending(self, client: int) -> HandOff | None:
        return HandOff.pending(self.session, self.clients[client])

    @rule(client=st.integers(0, 1), giver=DEPARTMENT, receiver=DEPARTMENT, by=SOMEBODY)
    def draft(self, client: int, giver: Department, receiver: Department, by: str) -> None:
        given = self.clients[client].open_engagement(giver)
        if given is not None:
            self.attempt(lambda: HandOff.draft(self.session, given, receiver, by=self.cast.users[by], at=AT) and None)

    @rule(client=st.integers(0, 1), full=st.booleans(), by=SOMEBODY)
    def offer(self, client: int, full: bool, by: str) -> None:
        handoff, user = self.pending(client), self.cast.users[by]
        if handoff is None:
            return
        if full:
            answers = {item.key: "known" for item in handoff.route.checklist}
            self.attempt(lambda: handoff.fill(answers, by=user, at=AT, seen=handoff.version))
        self.attempt(lambda: handoff.offer(by=user, at=AT, company=self.cast.company, seen=handoff.version))

    @rule(client=st.integers(0, 1), owner=SOMEBODY, by=SOMEBODY, late=st.booleans())
    def accept(self, client: int, owner: str, by: str, late: bool) -> None:
        handoff = self.pending(client)
        if handoff is None:
            return
        first, users = stages(self.session, handoff.receiver)[0], self.cast.users
        seen = handoff.version - late
        self.attempt(lambda: handoff.accept(self.session, users[owner], first, by=users[by], at=AT, seen=seen) and None)

    @rule(client=st.integers(0, 1), which=st.integers(0, 9), owner=st.integers(0, 2))
    def pass_on(self, client: int, which: int, owner: int) -> None:
        """The whole way, as people do it on a good day."""
        ways = [
            (e, to) for e in self.clients[client].open_engagements for to in Department if (e.department, to) in ROUTES
        ]
        given, receiver = ways[which % len(ways)]
        by, cast = given.owner, self.cast
        takers = [user for user in cast.users.values() if can_own(user, receiver)]
        taker = takers[owner % len(takers)]

        def verb() -> None:
            handoff = HandOff.draft(self.session, given, receiver, by=by, at=AT)
            answers = {item.key: "known" for item in handoff.route.checklist}
            self.session.add(handoff.fill(answers, by=by, at=AT, seen=handoff.version))
            self.session.flush()
            self.session.add(handoff.offer(by=by, at=AT, company=cast.company, seen=handoff.version))
            self.session.flush()
            first = stages(self.session, receiver)[0]
            handoff.accept(self.session, taker, first, by=taker, at=AT, seen=handoff.version)

        self.attempt(verb)

    @rule(client=st.integers(0, 1), back=st.booleans(), by=SOMEBODY)
    def refuse(self, client: int, back: bool, by: str) -> None:
        handoff, user = self.pending(client), self.cast.users[by]
        if handoff is not None and back:
            self.attempt(lambda: handoff.send_back(["who_decides"], "", by=user, at=AT, seen=handoff.version))
        elif handoff is not None:
            self.attempt(lambda: handoff.withdraw(by=user, at=AT, seen=handoff.version))

    @rule(client=st.integers(0, 1), lane=DEPARTMENT, owner=SOMEBODY, by=SOMEBODY, why=st.sampled_from(["", "Leave"]))
    def reassign(self, client: int, lane: Department, owner: str, by: str, why: str) -> None:
        engagement, users = self.clients[client].open_engagement(lane), self.cast.users
        if engagement is not None:
            self.attempt(
                lambda: engagement.reassign(users[owner], by=users[by], at=AT, reason=why, seen=engagement.version)
            )

    @rule(client=st.integers(0, 1), lane=DEPARTMENT, by=SOMEBODY)
    def close(self, client: int, lane: Department, by: str) -> None:
        engagement = self.clients[client].open_engagement(lane)
        if engagement is not None:
            self.attempt(lambda: engagement.close(by=self.cast.users[by], at=AT, reason="Over"))

    @rule(client=st.integers(0, 1), lane=DEPARTMENT, owner=SOMEBODY)
    def enter(self, client: int, lane: Department, owner: str) -> None:
        user, first = self.cast.users[owner], stages(self.session, lane)[0]
        if can_own(user, lane):
            self.attempt(
                lambda: Engagement.open(self.session, self.clients[client], first, user, by=user, at=AT) and None
            )

    @rule(client=st.integers(0, 1), lane=DEPARTMENT, kind=st.sampled_from(TaskKind))
    def plan(self, client: int, lane: Department, kind: TaskKind) -> None:
        engagement = self.clients[client].open_engagement(lane)
        if engagement is not None:
            self.attempt(
                lambda: Task.plan(self.session, engagement, kind, "Do it", TODAY, by=engagement.owner, at=AT) and None
            )

    @rule(client=st.integers(0, 1), hunter=SOMEBODY, by=st.sampled_from(("director", *PEOPLE)))
    def attract(self, client: int, hunter: str, by: str) -> None:
        it, users = self.clients[client], self.cast.users
        self.attempt(lambda: it.attract(users[hunter], by=users[by], at=AT, reason="It was so"))
        if by == "director":
            self.attracted[it.id] = users[hunter].id

    @invariant()
    def every_client_has_somebody(self) -> None:
        for client in self.clients:
            self.session.refresh(client)
            assert client.open_engagements
            assert all(can_own(e.owner, e.department) for e in client.open_engagements)
            assert len({e.department for e in client.open_engagements}) == len(client.open_engagements)

    @invariant()
    def only_a_director_changes_who_attracted(self) -> None:
        assert {client.id: client.attracted_by_id for client in self.clients} == self.attracted

    @invariant()
    def nothing_open_stays_behind(self) -> None:
        """Unless somebody closed a further department's work by hand, which is no hand-off."""
        for engagement in self.session.scalars(select(Engagement).where(Engagement.closed_reason == "Hand-off")):
            assert not [task for task in engagement.tasks if task.is_open]
            assert not [deal for deal in engagement.deals if deal.is_open]

    @invariant()
    def the_next_touch_is_the_earliest_task(self) -> None:
        for client in self.clients:
            for engagement in client.open_engagements:
                due = [task.due_on for task in engagement.tasks if task.is_open]
                assert engagement.next_touch_on == min(due, default=None)

    @invariant()
    def an_owner_changes_only_by_hand_off_or_reassignment(self) -> None:
        """The owner of each engagement is the one its last event names."""
        for engagement in self.session.scalars(select(Engagement)):
            told = self.session.scalars(
                select(Event)
                .where(
                    Event.subject_id == engagement.id, Event.kind.in_(("engagement:opened", "engagement:reassigned"))
                )
                .order_by(Event.id.desc())
            ).first()
            if told is not None:
                assert engagement.owner.name == told.details.get("to", told.details.get("owner"))


TestRelay = Relay.TestCase
TestRelay.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
