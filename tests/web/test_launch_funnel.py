"""The funnel of a launch in figures that were reckoned by hand: what each channel reached, told, sold and cost."""

from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_interaction, make_product
from tests.support.client import soup, StrictClient
from webapp.domain import launch_audience
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.client import Client
from webapp.domain.interaction import InteractionKind
from webapp.domain.launch import Launch
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.launch_figures import keep_figures
from webapp.domain.launch_keeping import keep_clients
from webapp.domain.launch_state import Channel, Missed, Step, TouchState
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.queries.launch_page import launch_page, LaunchPage, Way

SignIn = Callable[[User], StrictClient]
MEETING, CALL = InteractionKind.MEETING, InteractionKind.CALL
TOLD, INTERESTED, REFUSED = Happening.TOLD, Happening.INTERESTED, Happening.REFUSED
COSTS = {Channel.VISIT: 1500_00, Channel.CALL: 100_00, Channel.EMAIL: 1_00, Channel.LEAFLET: 5_00}
STEPS = (Step.TOLD, Step.INTERESTED, Step.OFFERED, Step.BOUGHT)


class Story:
    """A launch for every client that there is, and what became of it, told by the verbs that people's work calls."""

    def __init__(self, session: Session, cast: Cast, product: Product, *channels: Channel) -> None:
        self.session, self.cast, self.product = session, cast, product
        chosen = {channel: (COSTS[channel], 0) for channel in channels}
        self.launch = Launch.draft(
            session, chosen, by=cast.director, at=AT, product=product, name="Tell of the cameras", owner=cast.director,
            starts_on=TODAY, ends_on=TODAY, message="Look!", leaflet="Look!", currency="RUB",
        )  # fmt: skip
        size = launch_audience.freeze(session, self.launch, AudienceRule(), at=AT)
        session.add(self.launch.freeze(size, by=cast.director, at=AT, seen=self.launch.version))
        session.flush()
        seen = self.launch.version
        session.add(self.launch.start("https://baton.test", by=cast.director, at=AT, today=TODAY, seen=seen))
        self.audience = {row.client_id: row for row in session.scalars(select(LaunchClient))}

    def contact(self, channel: Channel, clients: Iterable[Client], became: TouchState = TouchState.DONE) -> None:
        """The launch has these clients called, visited or written to; that by itself tells nobody."""
        for client in clients:
            touch = LaunchTouch(launch=self.launch, launch_client_id=self.audience[client.id].id, client=client)
            touch.channel, touch.state = channel, TouchState.PLANNED
            if became is not TouchState.PLANNED:
                touch.give()
            if became is TouchState.DONE:
                touch.carry_out(at=AT)
            elif became is TouchState.MISSED:
                touch.miss(Missed.CANCELLED)
            self.session.add(touch)

    def tell(self, kind: InteractionKind, clients: Iterable[Client], said: Happening = TOLD) -> None:
        for client in clients:
            talk = make_interaction(self.session, client, kind)
            self.known(client).tell(talk, said, by=self.cast.clerk, at=AT)

    def offer(self, clients: Iterable[Client]) -> None:
        for client in clients:
            self.known(client).offer(by=self.cast.clerk, at=AT)

    def sell(self, clients: Iterable[Client]) -> None:
        for client in clients:
            self.known(client).buy(by=self.cast.clerk, at=AT)

    def known(self, client: Client) -> Awareness:
        return Awareness.of(self.session, client.id, self.product.id, at=AT)

    def counted(self) -> LaunchPage:
        self.session.flush()
        keep_clients(self.session, list(self.audience), at=AT)
        keep_figures(self.session, [self.launch.id])
        return launch_page(self.session, self.cast.director.actor, self.launch)


@pytest.fixture
def product(session: Session, cast: Cast) -> Product:
    return make_product(session, cast.director, "Cameras")


@pytest.fixture
def clients(session: Session, cast: Cast) -> list[Client]:
    return [make_client(session, cast.clerk) for _ in range(40)]


@pytest.fixture
def story(session: Session, cast: Cast, product: Product, clients: list[Client]) -> Story:
    """Of 40 clients 12 are visited and 28 are to be called, and all are written to twice."""
    story = Story(session, cast, product, *Channel)
    visited, called = clients[:12], clients[12:]
    story.contact(Channel.VISIT, visited)
    story.contact(Channel.CALL, called[:20])
    story.contact(Channel.CALL, called[20:23], TouchState.GIVEN)
    story.contact(Channel.CALL, called[23:26], TouchState.PLANNED)
    story.contact(Channel.CALL, called[26:], TouchState.MISSED)
    for channel in (Channel.EMAIL, Channel.LEAFLET):
        story.contact(channel, clients)
    for client in clients:
        story.known(client).send(by=None, at=AT)
    # visits: 9 told, of them 6 interested, of them 4 offered, of them 2 bought
    story.tell(MEETING, visited[:3])
    story.tell(MEETING, visited[3:9], INTERESTED)
    story.offer(visited[5:9])
    story.sell(visited[7:9])
    # calls: 7 told, of whom one refused; 6 interested, 5 offered, 3 bought
    story.tell(CALL, called[:1], REFUSED)
    story.tell(CALL, called[1:7], INTERESTED)
    story.offer(called[2:7])
    story.sell(called[4:7])
    # one answers the e-mail by itself; one bought, and one got an offer, whom nobody told
    story.session.flush()
    story.known(called[7]).answer(INTERESTED, at=AT)
    story.sell(called[8:9])
    story.offer(called[9:10])
    return story


def way_of(view: LaunchPage, channel: Channel | None) -> Way:
    (found,) = (way for way in view.ways if way.channel == channel)
    return found


def test_each_channel_counts_whom_it_reached_and_how_far_those_came_who_heard_through_it(story: Story) -> None:
    view = story.counted()
    found = {way.channel: (way.reached, *map(way.came_to, STEPS)) for way in view.ways}
    assert found == {
        Channel.VISIT: (12, 9, 6, 4, 2),
        Channel.CALL: (20, 7, 6, 5, 3),
        Channel.EMAIL: (40, 1, 1, 0, 0),
        Channel.LEAFLET: (40, 0, 0, 0, 0),
        None: (0, 1, 1, 1, 1),
    }
    assert tuple(map(view.came_to, STEPS)) == (18, 14, 10, 6)
    assert (view.in_person, view.refused, view.offered, view.offered_untold) == (16, 1, 11, 1)
    calls = way_of(view, Channel.CALL)
    assert (calls.to_come, calls.impossible, calls.missed) == (6, 2, {Missed.CANCELLED: 2})


def test_a_share_is_of_those_reached_and_is_set_against_the_tenth_that_mailings_reach(story: Story) -> None:
    """Wilson's band by hand, with z = 1.96: of 9 in 12 the middle is 0.6894 and the half 0.2217; of 7 in 20 they are
    0.3742 and 0.1930, of 1 in 40 0.0666 and 0.0622, and of none in 40 both are 0.0438."""
    shares = {way.channel: (way.share.percent, way.share.interval, way.against_usual) for way in story.counted().ways}
    assert shares == {
        Channel.VISIT: (75, (47, 91), "above"),
        Channel.CALL: (35, (18, 57), "above"),
        Channel.EMAIL: (3, (0, 13), "like"),
        Channel.LEAFLET: (0, (0, 9), "below"),
        None: (None, None, ""),
    }


def test_a_sale_costs_what_its_channel_spent_on_all_whom_it_reached(story: Story) -> None:
    view = story.counted()
    costs = {way.channel: (way.spent_minor, way.a_sale_minor) for way in view.ways if way.channel}
    assert costs == {
        Channel.VISIT: (18_000_00, 9_000_00),
        Channel.CALL: (2_000_00, 666_67),
        Channel.EMAIL: (40_00, None),
        Channel.LEAFLET: (200_00, None),
    }


def test_the_page_shows_the_figures_and_says_nothing_of_a_sale_that_was_not_made(
    story: Story, cast: Cast, sign_in: SignIn
) -> None:
    story.counted()
    shown = soup(sign_in(cast.director).get(f"/launches/{story.launch.id}"))
    bars = [" ".join(bar.get_text(" ", strip=True).split()) for bar in shown.select(".funnel .funnel-number")]
    assert bars == ["40", "40 100 %", "40 100 %", "16 40 %", "2 5 %", "14 35 %", "11 28 %", "6 15 %"]
    rows = {}
    for row in shown.select("#channels tbody tr"):
        name, *cells = (" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("th, td"))
        rows[name] = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in cells]
    assert rows == {
        "Visit": ["12", "9 · 75 % 47–91 % more than mailings reach", "6", "4", "2", "RUB 18,000", "RUB 9,000"],
        "Call 6 to come 2 not possible 2 The task was cancelled": [
            "20", "7 · 35 % 18–57 % more than mailings reach", "6", "5", "3", "RUB 2,000", "RUB 666.67"
        ],
        "E-mail": [
            "40", "1 · 3 % 0–13 % answered by themselves as mailings usually do", "1", "0", "0", "RUB 40", "–"
        ],
        "Leaflet with the invoice": [
            "40", "0 · 0 % 0–9 % answered by themselves less than mailings usually reach", "0", "0", "0", "RUB 200", "–"
        ],
        "Otherwise knew before, at an event, or bought untold": ["–", "1", "1", "1", "1", "–", "–"],
    }  # fmt: skip


def test_a_launch_that_sold_nothing_has_no_cost_of_a_sale_and_one_of_few_no_percent(
    session: Session, cast: Cast, product: Product
) -> None:
    few = [make_client(session, cast.clerk) for _ in range(9)]
    story = Story(session, cast, product, Channel.CALL, Channel.EMAIL)
    for channel in (Channel.CALL, Channel.EMAIL):
        story.contact(channel, few)
    story.tell(CALL, few[:5], INTERESTED)
    ways = story.counted().ways
    assert [(way.channel, way.reached, way.told, way.spent_minor, way.a_sale_minor) for way in ways] == [
        (Channel.CALL, 9, 5, 900_00, None),
        (Channel.EMAIL, 9, 0, 9_00, None),
    ]
    assert [(way.share.percent, way.share.interval, way.against_usual) for way in ways] == [
        (None, (27, 81), ""),
        (None, (0, 30), ""),
    ]


def test_who_is_told_in_person_counts_though_the_launch_asked_nobody_to_call_or_visit(
    session: Session, cast: Cast, product: Product, sign_in: SignIn
) -> None:
    met, phoned, _ = (make_client(session, cast.clerk) for _ in range(3))
    story = Story(session, cast, product, Channel.EMAIL)
    story.contact(Channel.EMAIL, [met, phoned])
    story.tell(MEETING, [met])
    story.tell(CALL, [phoned], INTERESTED)
    story.sell([phoned])
    view = story.counted()
    assert [(way.channel, way.reached, way.told, way.a_sale_minor) for way in view.ways] == [
        (Channel.VISIT, 0, 1, None),
        (Channel.CALL, 0, 1, None),
        (Channel.EMAIL, 2, 0, None),
    ]
    assert view.in_person == 2
    shown = soup(sign_in(cast.director).get(f"/launches/{story.launch.id}"))
    assert " ".join(shown.select_one(".funnel-told").get_text(" ", strip=True).split()) == "Told in person 2 67 %"
