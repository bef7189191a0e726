"""Launches on their pages: from a draft to its funnel; who may; what goes wrong; and the work, spread once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client, make_contact, make_contract, make_engagement, make_product
from tests.support.apps import World
from tests.support.client import soup, StrictClient
from tests.support.mail import Post, PostOffice
from webapp import launching
from webapp.db import db, transaction
from webapp.domain import launch_audience
from webapp.domain.awareness import Awareness
from webapp.domain.awareness_state import Happening
from webapp.domain.client import Client
from webapp.domain.company import Company
from webapp.domain.contact import Contact
from webapp.domain.event import Event
from webapp.domain.interaction import Interaction, InteractionKind
from webapp.domain.invoice import Invoice
from webapp.domain.invoice_content import invoice_content
from webapp.domain.invoicing import write_due
from webapp.domain.launch import Launch
from webapp.domain.launch_audience import AudienceRule
from webapp.domain.launch_spreading import plan
from webapp.domain.launch_state import Channel, LaunchState, TouchState
from webapp.domain.launch_touch import LaunchClient, LaunchTouch
from webapp.domain.letter import Letter
from webapp.domain.letter_state import LetterKind
from webapp.domain.mail_settings import MailSecurity
from webapp.domain.mailing_link import MailingLink
from webapp.domain.product import Product
from webapp.domain.task import Task, TaskKind
from webapp.domain.user import User
from webapp.domain.visit import Visit
from webapp.domain.visit_state import Purpose, VisitOutcome, VisitState
from webapp.invoice_printing import print_invoice
from webapp.launching import look_after_launches, spread_launch
from webapp.posting import post_letters
from webapp.settings import Settings
from webapp.web.address import outside, site
from webapp.web.clock import now

SignIn = Callable[[User], StrictClient]
EVERY = {Channel.VISIT: (1500_00, 0), Channel.CALL: (100_00, 0), Channel.EMAIL: (1_00, 0), Channel.LEAFLET: (5_00, 0)}


@pytest.fixture
def product(session: Session, cast: Cast) -> Product:
    return make_product(session, cast.director, "Cameras")


@pytest.fixture
def post(cast: Cast) -> Iterator[Post]:
    """A real mail server, and the company set up to use it."""
    office = PostOffice()
    office.start()
    company = cast.company
    company.mail_host, company.mail_port, company.mail_from = "127.0.0.1", office.port, "office@baton.test"
    company.mail_security = MailSecurity.NONE
    yield office.post
    office.close()


@pytest.fixture
def work(world: World, session: Session) -> Callable[..., None]:
    """Does what a worker does, once."""

    def run(job: Callable[..., None], *args: Any) -> None:
        session.commit()
        with world.app.app_context():
            job(*args)
            db.session.remove()
        session.expire_all()

    return run


def running(session: Session, cast: Cast, product: Product, **fields: Any) -> Launch:
    """A launch for every client that there is, started a moment ago."""
    at, today = now(), cast.company.today(now())
    given = {
        "product": product,
        "name": "Tell of the cameras",
        "owner": cast.head_of_vip,
        "starts_on": today,
        "ends_on": today + timedelta(days=60),
        "message": "You see {every} <shop>.",
        "leaflet": "**See** every <script>shop</script>.",
        "currency": "RUB",
    }
    launch = Launch.draft(session, fields.pop("channels", EVERY), by=cast.head_of_vip, at=at, **given | fields)
    size = launch_audience.freeze(session, launch, AudienceRule(), at=at)
    session.add(launch.freeze(size, by=cast.head_of_vip, at=at, seen=launch.version))
    session.flush()
    session.add(launch.start("https://baton.test", by=cast.head_of_vip, at=at, today=today, seen=launch.version))
    session.commit()
    return launch


def tell(client_id: int, product_id: int, user_id: int) -> None:
    """Somebody calls the client and tells it of the product."""
    with transaction() as session:
        by, client = session.get_one(User, user_id), session.get_one(Client, client_id)
        talk = Interaction.record(session, client, InteractionKind.CALL, "Told", by=by, at=now())
        Awareness.note_all(session, client.id, [product_id], "tell", interaction=talk, by=by, at=now())


def visit(client_id: int, product_id: int, user_id: int) -> None:
    """Somebody visits the client, who is interested."""
    with transaction() as session:
        by, client = session.get_one(User, user_id), session.get_one(Client, client_id)
        (lane,), company = client.open_engagements, session.get_one(Company, 1)
        then = Task.plan(session, lane, TaskKind.CALL, "Next", company.today(now()), by=by, at=now())
        held = Visit.unplanned(session, client, Purpose.PRODUCT)
        said = {"company": company, "then": then, "product": session.get_one(Product, product_id)}
        session.add(held.hold(session, VisitOutcome.INTERESTED, "Shown", by=by, at=now(), **said))


def touch_of(session: Session, client: Client, channel: Channel) -> LaunchTouch:
    session.expire_all()
    found = select(LaunchTouch).where(LaunchTouch.client_id == client.id, LaunchTouch.channel == channel)
    return session.scalars(found).one()


def form(product: Product, today: Any, **fields: Any) -> dict[str, Any]:
    return {
        "product_id": product.id,
        "name": "Tell of the cameras",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=30)).isoformat(),
        "currency": "RUB",
        "use_call": "y",
        "cost_call": "100",
        "week_call": "5",
        "told_goal": "2",
    } | fields


def test_a_head_takes_a_launch_from_a_draft_to_its_funnel(session, cast, product, sign_in: SignIn, work) -> None:
    called = make_client(session, cast.clerk, name="Romashka", sector="Trade")
    make_client(session, cast.clerk, name="Sokol", sector="Building")
    browser, today = sign_in(cast.head_of_vip), cast.company.today(now())
    drafted = browser.post("/launches/new", data=form(product, today, owner_id=cast.head_of_vip.id))
    launch = session.scalars(select(Launch)).one()
    assert drafted.location.endswith(f"/launches/{launch.id}/audience")
    shown = browser.get(f"/launches/{launch.id}/audience?tried=1&sectors=Trade").text
    assert "Romashka" in shown
    assert "Sokol" not in shown.split('id="sample"')[1]
    browser.post(f"/launches/{launch.id}/audience", data={"version": launch.version, "sectors": "Trade"})
    session.refresh(launch)
    assert (launch.size, launch.rule) == (1, {"suits": {"sectors": ["Trade"]}})
    browser.post(f"/launches/{launch.id}/started", data={"version": launch.version})
    session.expire_all()
    assert launch.state is LaunchState.RUNNING
    task = session.scalars(select(Task)).one()
    assert (task.client, task.owner, task.subject) == (called, cast.clerk, "Tell of the cameras")
    queue = sign_in(cast.clerk).get("/queue").text
    assert "Cameras" in queue
    assert "We have something new: Cameras." in queue
    work(tell, called.id, product.id, cast.clerk.id)
    assert session.execute(select(LaunchClient.heard, LaunchClient.step)).all() == [("call", 1)]
    page = browser.get(f"/launches/{launch.id}").text
    funnel = " ".join(BeautifulSoup(page, "html.parser").select_one(".funnel-told").text.split())
    assert funnel == "Told in person 1 100 %"
    for path in ("/launches", f"/launches/{launch.id}"):
        assert sign_in(cast.clerk).get(path).status_code == 200


def test_terms_that_cannot_be_are_refused_in_words(session, cast, product, sign_in: SignIn) -> None:
    browser, today = sign_in(cast.head_of_vip), cast.company.today(now())
    typed = form(product, today, owner_id=cast.head_of_vip.id)
    browser.post("/launches/new", data=typed)
    launch = session.scalars(select(Launch)).one()
    before = {"version": launch.version, "ends_on": (today - timedelta(days=1)).isoformat()}
    refused = browser.post(f"/launches/{launch.id}/edit", data=typed | before)
    assert refused.status_code == 422
    assert "It ends before it begins" in refused.text


def test_an_ended_launch_says_until_when_it_counts_while_it_does(session, cast, product, sign_in: SignIn) -> None:
    make_client(session, cast.clerk)
    launch, browser = running(session, cast, product), sign_in(cast.clerk)
    session.add(launch.end(by=cast.director, at=now()))
    session.commit()
    assert "still count" in browser.get(f"/launches/{launch.id}").text
    launch.counts_until = now() - timedelta(minutes=1)
    session.commit()
    assert "still count" not in browser.get(f"/launches/{launch.id}").text


def test_only_heads_and_the_director_run_launches(session, cast: Cast, product, sign_in: SignIn) -> None:
    make_client(session, cast.clerk)
    launch = running(session, cast, product, channels={Channel.LEAFLET: (0, 0)})
    for who in (cast.clerk, cast.vip, cast.hunter, cast.administrator):
        browser = sign_in(who)
        assert browser.get("/launches/new").status_code == 403
        for verb in ("started", "paused", "resumed", "ended", "audience", "audience/opened"):
            assert browser.post(f"/launches/{launch.id}/{verb}").status_code == 403
    session.refresh(launch)
    assert launch.state is LaunchState.RUNNING
    assert sign_in(cast.administrator).get(f"/launches/{launch.id}").status_code == 403


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Please fill this in"),
        ({"ends_on": "2020-01-01"}, "It ends before it begins"),
        ({"use_email": "y"}, "What does the e-mail say?"),
        ({"use_leaflet": "y"}, "What does the leaflet say?"),
        ({"cost_call": "a lot"}, "not a sum"),
        ({"week_call": "-1"}, "Between 0 and 1000"),
        ({"product_id": "999"}, "Not a valid choice"),
    ],
)
def test_a_launch_that_cannot_be_is_not_written(session, cast: Cast, product, sign_in: SignIn, wrong, said) -> None:
    today = cast.company.today(now())
    data = form(product, today, owner_id=cast.director.id) | wrong
    answer = sign_in(cast.director).post("/launches/new", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert session.scalars(select(Launch)).all() == []


def test_an_old_page_changes_nothing(session, cast: Cast, product, sign_in: SignIn) -> None:
    make_client(session, cast.clerk)
    launch = running(session, cast, product)
    browser = sign_in(cast.director)
    browser.post(f"/launches/{launch.id}/paused", data={"version": launch.version - 1})
    session.refresh(launch)
    assert launch.state is LaunchState.RUNNING
    browser.post(f"/launches/{launch.id}/paused", data={"version": launch.version})
    session.refresh(launch)
    assert launch.state is LaunchState.PAUSED
    assert browser.get(f"/launches/{launch.id}/audience").status_code == 303


def test_mails_go_out_once_to_those_who_want_them_and_tell_nobody(session, cast: Cast, product, post, work) -> None:
    wanting, refusing = make_client(session, cast.clerk, name="Romashka"), make_client(session, cast.clerk)
    make_contact(session, wanting)
    make_contact(session, refusing, no_mailings=True, email="no@client.test")
    launch = running(session, cast, product)
    for _ in range(3):
        work(spread_launch, launch.id)
        work(post_letters)
    ((_, to, _content),) = post.taken
    assert to == ["ivan@client.test"]
    body = post.letters[0].get_body(("plain",)).get_content()
    assert "You see {every} <shop>." in body
    assert body.count("https://baton.test/m/") == 2
    assert touch_of(session, wanting, Channel.EMAIL).state is TouchState.DONE
    assert touch_of(session, refusing, Channel.EMAIL).missed == "opted_out"
    known = session.scalars(select(Awareness)).one()
    assert (known.client, known.state, known.told_at) == (wanting, "sent", None)
    assert session.scalars(select(LaunchClient.step)).all() == [0, 0]


def test_whom_nobody_mails_any_more_is_counted_with_the_reason(
    session, cast: Cast, product, post, work, sign_in
) -> None:
    wants, refuses = (make_client(session, cast.clerk) for _ in range(2))
    for client in (wants, refuses):
        make_contact(session, client, email=f"boss{client.id}@baton.test")
    launch = running(session, cast, product, channels={Channel.EMAIL: (0, 0)})
    plan(session, launch, at=now(), most=9)
    Awareness.of(session, refuses.id, product.id, at=now()).answer(Happening.REFUSED, at=now())
    work(spread_launch, launch.id)
    assert session.scalars(select(Letter.client_id)).all() == [wants.id]
    said = soup(sign_in(cast.clerk).get(f"/launches/{launch.id}")).select_one(".launch-missed")
    assert " ".join(said.get_text(" ", strip=True).split()) == "1 not possible 1 They refused it meanwhile"


def test_nobody_is_told_of_what_went_off_sale(session, cast, product, sign_in: SignIn, work) -> None:
    make_client(session, cast.clerk)
    launch, browser = running(session, cast, product), sign_in(cast.head_of_vip)
    session.add(product.change(by=cast.director, at=now(), seen=product.version, retired_at=now()))
    work(look_after_launches)
    assert launch.state is LaunchState.PAUSED
    assert "This product is off sale" in browser.get(f"/launches/{launch.id}").text
    browser.post(f"/launches/{launch.id}/resumed", data={"version": launch.version})
    session.expire_all()
    assert launch.state is LaunchState.PAUSED
    session.add(product.change(by=cast.director, at=now(), seen=product.version, retired_at=None))
    session.commit()
    browser.post(f"/launches/{launch.id}/resumed", data={"version": launch.version})
    session.expire_all()
    assert launch.state is LaunchState.RUNNING


def test_a_killed_worker_loses_nothing_and_repeats_nothing(
    session, cast: Cast, product, post, work, monkeypatch
) -> None:
    for number in range(6):
        make_contact(session, make_client(session, cast.clerk), email=f"c{number}@client.test")
    launch = running(session, cast, product)
    monkeypatch.setattr(launching, "PLANNED_AT_ONCE", 2)
    monkeypatch.setattr(launching, "GIVEN_AT_ONCE", 2)
    written = Letter.write
    calls = []

    def killed(*args: Any, **fields: Any) -> Letter:
        calls.append(fields["purpose"])
        letter = written(*args, **fields)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return letter

    monkeypatch.setattr(Letter, "write", killed)
    session.commit()
    with pytest.raises(KeyboardInterrupt):
        work(spread_launch, launch.id)
    work(look_after_launches)
    work(look_after_launches)
    work(post_letters)
    assert session.scalar(select(func.count(Task.id))) == 6
    assert session.scalar(select(func.count(Letter.id)).where(Letter.kind == LetterKind.LAUNCH)) == 6
    assert sorted(to for _, (to,), _ in post.taken) == [f"c{number}@client.test" for number in range(6)]
    assert session.scalar(select(func.count(MailingLink.id))) == 6


def test_a_tick_on_the_contact_form_stops_what_still_waits(
    session, cast, product, post, work, sign_in, monkeypatch
) -> None:
    contact = make_contact(session, make_client(session, cast.clerk))
    launch = running(session, cast, product, channels={Channel.EMAIL: (0, 0)})
    monkeypatch.setattr(launching, "later", lambda *job: None)
    work(spread_launch, launch.id)
    data = {"name": contact.name, "email": contact.email, "version": contact.version, "no_mailings": "y"}
    words = {"decision_role": "unknown", "influence": "unknown", "attitude": "unknown"}
    assert sign_in(cast.clerk).post(f"/contacts/{contact.id}", data=data | words).status_code == 303
    work(post_letters)
    session.refresh(contact)
    assert contact.no_mailings
    assert post.taken == []
    assert touch_of(session, contact.client, Channel.EMAIL).missed == "failed"
    assert session.scalars(select(Awareness)).all() == []


@pytest.fixture
def link(session: Session, cast: Cast, product, post, work) -> str:
    """The path of the link in the e-mail that one contact got."""
    make_contact(session, make_client(session, cast.clerk, name="Romashka"))
    launch = running(session, cast, product, channels={Channel.EMAIL: (1_00, 0)})
    work(spread_launch, launch.id)
    work(post_letters)
    body = post.letters[0].get_body(("plain",)).get_content()
    return str(body.split("https://baton.test")[1].split()[0])


def test_colleagues_read_the_mail_without_what_opens_the_clients_page(session, sign_in, cast, link: str) -> None:
    letter = session.scalars(select(Letter)).one()
    assert link in letter.body
    shown = sign_in(cast.clerk).get(f"/letters/{letter.id}").text
    assert link.rsplit("/", 1)[1] not in shown
    assert "https://baton.test/m/…" in shown
    assert "https://baton.test/m/…/stop" in shown


def test_a_forged_host_puts_no_foreign_address_into_mails(session, cast, product, sign_in, world, monkeypatch) -> None:
    with world.app.test_request_context("/", base_url="http://evil.test"):
        assert site() == "http://evil.test"  # nobody said where Baton is
    address = "https://baton.example.com"
    monkeypatch.setitem(world.app.config, "BATON", replace(world.app.config["BATON"], public_url=address))
    with world.app.test_request_context("/", base_url="http://evil.test"):
        assert (site(), outside("launches.show", id=1)) == (address, f"{address}/launches/1")
    make_client(session, cast.clerk)
    launch = running(session, cast, product)
    launch.state, launch.started_at = LaunchState.DRAFT, None
    session.commit()
    sign_in(cast.head_of_vip).post(f"/launches/{launch.id}/started", data={"version": launch.version})
    session.refresh(launch)
    assert launch.site == address
    for wrong in ("baton.example.com", "https://baton.example.com/path", "https://a b"):
        with pytest.raises(SystemExit):
            Settings.from_environment({"PUBLIC_URL": wrong})
    assert Settings.from_environment({"PUBLIC_URL": f"{address}/"}).public_url == address


def test_a_client_stops_the_mailings_by_one_click_and_a_confirmation(session, client, link: str, product, cast) -> None:
    assert "Send me no more" in client.get(f"{link}/stop").text
    contact = session.scalars(select(Contact)).one()
    session.refresh(contact)
    assert not contact.no_mailings
    client.post(f"{link}/stop")
    session.refresh(contact)
    assert contact.no_mailings
    assert "we send you no more" in client.get(f"{link}/stop").text
    told = session.scalars(select(Event).where(Event.kind == "contact:unsubscribed")).one()
    assert (told.actor_id, told.subject_id) == (None, contact.id)
    client.post(f"{link}/stop")
    assert len(session.scalars(select(Event).where(Event.kind == "contact:unsubscribed")).all()) == 1


def test_a_mail_program_stops_the_mailings_by_itself(session, client, link: str, post) -> None:
    """It knows no token of a form, follows no redirection, and asks from the address of many clients (RFC 8058)."""
    assert post.letters[0]["List-Unsubscribe"] == f"<https://baton.test{link}/stop>"
    asked = {"List-Unsubscribe": "One-Click"}
    assert client.post("/m/guess/stop", data=asked, csrf=False).status_code == 404
    assert client.post(f"{link}/stop", data=asked, csrf=False).status_code == 200
    assert session.scalars(select(Contact.no_mailings)).all() == [True]
    assert client.post(f"{link}/stop", data=asked, csrf=False).status_code == 200
    assert client.post(f"{link}/interested", csrf=False).status_code == 400


def test_the_header_names_a_domain_of_another_alphabet_in_ascii(session, cast, product, post, work) -> None:
    make_contact(session, make_client(session, cast.clerk, name="Romashka"))
    launch = running(session, cast, product, channels={Channel.EMAIL: (1_00, 0)})
    launch.site = "https://батон.рф"
    work(spread_launch, launch.id)
    work(post_letters)
    assert post.letters[0]["List-Unsubscribe"].startswith("<https://xn--80ab1bdt.xn--p1ai/m/")


@pytest.mark.parametrize("site", ["none", "cross-site"])
def test_a_mail_program_that_is_a_browser_stops_the_mailings_over_tls(session, client, link: str, site: str) -> None:
    there = {"base_url": "https://localhost", "headers": {"Sec-Fetch-Site": site}, "csrf": False}
    assert client.post(f"{link}/stop", data={"List-Unsubscribe": "One-Click"}, **there).status_code == 200
    assert client.post(f"{link}/interested", **there).status_code == 400
    assert session.scalars(select(Contact.no_mailings)).all() == [True]


def test_a_client_that_answers_by_itself_counts_for_the_mail(session, client, link: str, product) -> None:
    shown = client.get(link)
    assert "You see {every} &lt;shop&gt;." in shown.text
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    client.post(f"{link}/interested")
    client.post(f"{link}/interested")
    session.expire_all()
    known = session.scalars(select(Awareness)).one()
    assert (known.state, known.told_by_id) == ("interested", None)
    row = session.scalars(select(LaunchClient)).one()
    assert (row.heard, row.step) == ("email", 2)
    assert session.scalars(select(Task.subject)).all() == ["Call back: they are interested in our e-mail"]


def test_a_link_of_long_ago_shows_the_way_out_and_nothing_else(session, client, link: str) -> None:
    session.scalars(select(MailingLink)).one().answers_until = now()
    session.commit()
    shown = client.get(link).text
    assert "You see" not in shown
    assert "takes no answer any more" in shown
    assert not soup(client.get(link)).select("form")
    assert client.post(f"{link}/interested").status_code == 422
    client.post(f"{link}/stop")
    assert session.scalars(select(Contact.no_mailings)).all() == [True]


def test_a_guessed_link_opens_nothing_and_one_of_ours_answers_for_nobody(session, client, sign_in, cast, link) -> None:
    for path in ("/m/guess", "/m/guess/stop"):
        assert client.get(path).status_code == 404
    for path in ("/m/guess/stop", "/m/guess/interested"):
        assert client.post(path).status_code == 404
    ours = sign_in(cast.clerk)
    assert ours.post(f"{link}/interested").status_code == 403
    assert ours.post(f"{link}/stop").status_code == 403
    assert session.scalars(select(Awareness.told_at)).all() == [None]


def test_the_next_invoice_carries_the_leaflet_and_older_ones_do_not(session, cast: Cast, product, work, world) -> None:
    first = make_client(session, cast.clerk)
    make_engagement(session, first, cast.vip)
    today = cast.company.today(now()).replace(day=1)
    contract = make_contract(session, first, starts_on=today)
    write_due(session, today, at=now(), most=10)
    old = session.scalars(select(Invoice)).one()
    running(session, cast, product, starts_on=today, channels={Channel.LEAFLET: (5_00, 0)})
    launch = session.scalars(select(Launch)).one()
    work(spread_launch, launch.id)
    contract.next_invoice_on = today + timedelta(days=31)
    session.flush()
    write_due(session, launch.ends_on, at=now(), most=10)
    new = session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(1)).one()
    assert invoice_content(session, old)["leaflet"] is None
    carried = [each for each in session.scalars(select(Invoice)) if invoice_content(session, each)["leaflet"]]
    assert len(carried) == 1
    assert carried[0].id != old.id
    assert new.id >= carried[0].id
    work(print_invoice, carried[0].id)
    assert touch_of(session, first, Channel.LEAFLET).state is TouchState.DONE
    known = session.scalars(select(Awareness).where(Awareness.product_id == product.id)).one()
    assert (known.state, known.told_at) == ("sent", None)


def test_no_leaflet_lies_with_the_invoice_of_who_owns_the_product(session, cast: Cast, product, work) -> None:
    client, today = make_client(session, cast.clerk), cast.company.today(now()).replace(day=1)
    make_contract(session, client, starts_on=today)
    running(session, cast, product, starts_on=today, channels={Channel.LEAFLET: (5_00, 0)})
    launch = session.scalars(select(Launch)).one()
    work(spread_launch, launch.id)
    before = now() - timedelta(days=60)
    Awareness.of(session, client.id, product.id, at=now()).buy(by=None, at=now(), since=before)
    write_due(session, launch.ends_on, at=now(), most=10)
    assert touch_of(session, client, Channel.LEAFLET).state is TouchState.PLANNED


def test_a_visit_counts_when_it_was_held_and_the_planner_suggests_it(session, cast, product, work, sign_in) -> None:
    key = make_client(session, cast.vip, name="Romashka")
    launch = running(session, cast, product)
    work(spread_launch, launch.id)
    page = sign_in(cast.vip).get("/visits").text
    due = page.split(f'id="due-{key.id}"')[1]
    assert 'data-purpose="product"' in due
    assert "Tell of: Cameras" in due
    assert touch_of(session, key, Channel.VISIT).state is TouchState.GIVEN
    work(visit, key.id, product.id, cast.vip.id)
    assert touch_of(session, key, Channel.VISIT).state is TouchState.DONE
    assert session.execute(select(LaunchClient.heard, LaunchClient.step)).all() == [("visit", 2)]


def test_the_planner_names_every_product_that_launches_ask_to_tell_of_and_each_once(
    session, cast, product, work, sign_in
) -> None:
    due, planned = make_client(session, cast.vip), make_client(session, cast.vip)
    cast.company.contacts_a_week = 9
    visits = {Channel.VISIT: (0, 0)}
    for each in (make_product(session, cast.director, "Storage"), product, product):
        work(spread_launch, running(session, cast, each, channels=visits).id)
    vip = sign_in(cast.vip)
    told = soup(vip.get("/visits")).select_one(f"#due-{due.id} .visit-tell")
    assert told.get_text(strip=True) == "Tell of: Cameras, Storage"
    (lane,) = planned.open_engagements
    task = Task.plan(session, lane, TaskKind.MEETING, "Visit", cast.company.today(now()), by=cast.vip, at=now())
    session.add(Visit(client=planned, task=task, purpose=Purpose.PRODUCT, state=VisitState.PLANNED))
    told = soup(vip.get("/visits")).select_one(f"[data-task='{task.id}'] .visit-tell")
    assert told.get_text(strip=True) == "Tell of: Cameras, Storage"


def test_a_visit_of_the_same_week_before_the_launch_began_is_none_of_its_own(
    session, cast, product, post, work
) -> None:
    key = make_client(session, cast.vip)
    make_contact(session, key)
    session.commit()
    other = make_product(session, cast.director, "Access")
    work(visit, key.id, other.id, cast.vip.id)
    cast.company.contacts_a_week = 9
    launch = running(session, cast, product)
    work(spread_launch, launch.id)
    work(post_letters)
    assert touch_of(session, key, Channel.EMAIL).state is TouchState.DONE, "it makes the launch look what happened"
    assert touch_of(session, key, Channel.VISIT).state is TouchState.GIVEN
    work(visit, key.id, product.id, cast.vip.id)
    assert touch_of(session, key, Channel.VISIT).state is TouchState.DONE


def test_the_page_costs_the_same_for_one_client_and_for_thirty(
    session, cast, product, sign_in, statements, work
) -> None:
    make_client(session, cast.clerk)
    launch = running(session, cast, product)
    work(spread_launch, launch.id)
    other = make_product(session, cast.director)
    for _ in range(30):
        make_client(session, cast.clerk)
    large = running(session, cast, other)
    work(spread_launch, large.id)
    browser, counted = sign_in(cast.director), []
    for path in (f"/launches/{launch.id}", f"/launches/{large.id}"):
        browser.get(path)
        with statements() as seen:
            browser.get(path)
        counted.append(len(seen))
    assert counted[0] == counted[1]


def test_a_launch_ends_by_itself_and_takes_its_calls_back(session, cast: Cast, product, work) -> None:
    make_client(session, cast.clerk)
    launch = running(session, cast, product, channels={Channel.CALL: (0, 0)})
    work(spread_launch, launch.id)
    launch.starts_on = launch.ends_on = cast.company.today(now()) - timedelta(days=1)
    work(look_after_launches)
    work(look_after_launches)
    session.refresh(launch)
    assert launch.state is LaunchState.ENDED
    assert session.scalars(select(Task.outcome)).all() == ["cancelled"]
    assert session.scalars(select(LaunchTouch.missed)).all() == ["ended"]
