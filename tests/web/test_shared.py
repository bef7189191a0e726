"""The page that a client opens by a link: what it shows, to whom, and what hostile visitors achieve."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from socket import create_server, socket

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import line, make_client, make_deal
from tests.support.client import soup, StrictClient
from webapp.domain.contract import Contract
from webapp.domain.deal import DealStatus
from webapp.domain.event import Event
from webapp.domain.letter import Letter
from webapp.domain.proposal import Proposal, ProposalVersion
from webapp.domain.proposal_answer import AcceptanceRecord, ProposalAnswer
from webapp.domain.proposal_content import content
from webapp.domain.share_link import ShareLink
from webapp.nightly_proposals import remind_of_expiring
from webapp.printing import print_version
from webapp.web.clock import now

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36"}
TWICE = ("", "/document", "/file")


@pytest.fixture
def sent(app, session: Session, cast: Cast) -> ProposalVersion:
    return make_sent(app, session, cast, "Ромашка")


@pytest.fixture
def token(session: Session, cast: Cast, sent: ProposalVersion) -> str:
    return ShareLink.make(session, sent, sent.valid_until, by=cast.hunter, at=now())


@pytest.fixture
def stranger(client: StrictClient) -> StrictClient:
    client.environ_base |= {"HTTP_USER_AGENT": PHONE["User-Agent"], "REMOTE_ADDR": "192.0.2.7"}
    return client


def make_sent(app, session: Session, cast: Cast, name: str, language: str = "en") -> ProposalVersion:
    deal = make_deal(session, make_client(session, cast.hunter, name=name), line(1_220_00, name=f"For {name}"))
    version = Proposal.draft(session, deal, by=cast.hunter, at=now()).last
    version.language, version.text = language, "{{ 7*7 }} <script>alert(1)</script>"
    shown = content(version, cast.company, author=cast.hunter, at=now())
    session.add(version.send(shown, by=cast.hunter, at=now(), seen=version.version))
    session.commit()
    with app.app_context():
        print_version(version.id)
    session.rollback()
    return version


def told(session: Session, kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind)))


def say(browser: StrictClient, token: str, kind: str, **fields: object):
    return browser.submit(browser.get(f"/p/{token}"), f"#form-{kind}", **fields)


def test_the_owner_makes_a_link_that_is_shown_once_and_revokes_it(session, sign_in, cast, sent, stranger) -> None:
    owner = sign_in(cast.hunter)
    address = f"/proposals/{sent.proposal_id}?version=1"
    answer = owner.submit(owner.get(address), "form#share")
    link = soup(owner.get(answer.location)).select_one("#new-link")["value"]
    assert soup(owner.get(address)).select_one("#new-link") is None
    path = re.sub(r"^https?://[^/]+", "", link)
    assert stranger.get(path).status_code == 200
    (kept,) = session.scalars(select(ShareLink))
    assert path.rpartition("/")[2] not in kept.token_hash
    page = owner.get(address)
    assert "opened once" in soup(page).select_one("#links").get_text()
    owner.submit(page, "#links form[action*=revoked]")
    assert stranger.get(path).status_code == 404
    assert [event.actor_id for event in told(session, "proposal:unshared")] == [cast.hunter.id]


def test_only_those_who_may_make_and_revoke_links(session, sign_in, cast, sent, token) -> None:
    other = sign_in(cast.other_hunter)
    assert other.post(f"/proposals/versions/{sent.id}/links", data={"last_day": "2030-01-01"}).status_code == 403
    link = session.scalars(select(ShareLink)).one()
    assert other.post(f"/proposals/links/{link.id}/revoked").status_code == 403
    assert soup(other.get(f"/proposals/{sent.proposal_id}")).select_one("form#share") is None


def test_the_page_speaks_the_clients_language_keeps_its_address_secret_and_runs_nothing(
    app, session, cast, stranger
) -> None:
    version = make_sent(app, session, cast, "Вектор", "ru")
    token = ShareLink.make(session, version, version.valid_until, by=cast.hunter, at=now())
    page = stranger.get(f"/p/{token}", headers={"Accept-Language": "en"})
    assert soup(page).html["lang"] == "ru"
    assert soup(page).select("script") == []
    assert "<script>" not in stranger.get(f"/p/{token}/document").text
    assert "{{ 7*7 }}" in stranger.get(f"/p/{token}/document").text
    for part in TWICE:
        headers = stranger.get(f"/p/{token}{part}").headers
        assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")
        assert "noindex" in headers["X-Robots-Tag"]
    assert sha256(stranger.get(f"/p/{token}/file").data).hexdigest() == version.file.sha256


def test_a_damaged_file_is_not_handed_out(stranger, token, monkeypatch) -> None:
    monkeypatch.setattr("webapp.web.proposal_file.sha256", lambda stored: sha256(stored + b"x"))
    assert stranger.get(f"/p/{token}/file").status_code == 500


def test_unknown_ended_and_revoked_links_show_the_same(session, cast, sent, stranger) -> None:
    revoked = ShareLink.make(session, sent, sent.valid_until, by=cast.hunter, at=now())
    session.scalars(select(ShareLink)).one().revoked_at = now()
    ended = ShareLink.make(session, sent, sent.valid_until, by=cast.hunter, at=now() - timedelta(days=99))
    session.scalars(select(ShareLink).order_by(ShareLink.id.desc())).first().expires_at = now()
    pages = []
    for token in ("x" * 43, "x", revoked, ended):
        for part in (*TWICE, "/record"):
            answer = stranger.get(f"/p/{token}{part}")
            pages.append((answer.status_code, answer.text, answer.headers["Referrer-Policy"]))
        posted = stranger.post(f"/p/{token}/accepted", data={"name": "A", "agreed": "y"})
        pages.append((posted.status_code, posted.text, posted.headers["Referrer-Policy"]))
        assert token == "x" or token not in posted.text
    assert len(set(pages)) == 1
    assert pages[0][0] == 404


def test_a_token_never_leaks_another_document(app, session, cast, sent, token, stranger) -> None:
    other = make_sent(app, session, cast, "Secret Ltd")
    theirs = ShareLink.make(session, other, other.valid_until, by=cast.hunter, at=now())
    say(stranger, theirs, "accepted", name="Boris", agreed="y")
    for part in TWICE:
        answer = stranger.get(f"/p/{token}{part}?version=2&id={other.id}")
        assert b"Secret" not in answer.data
        assert other.proposal.label not in answer.text if answer.mimetype == "text/html" else True
    assert stranger.get(f"/p/{token}/record").status_code == 404
    assert stranger.get(f"/p/{theirs}/record").status_code == 200
    for path in (f"/proposals/versions/{sent.id}/file", f"/proposals/{sent.proposal_id}"):
        assert stranger.get(path).status_code == 302


def test_people_are_counted_once_a_sitting_and_programs_and_colleagues_never(
    session, sign_in, cast, token, stranger
) -> None:
    stranger.head(f"/p/{token}")
    stranger.get(f"/p/{token}", headers={"User-Agent": "TelegramBot (like TwitterBot)"})
    stranger.get(f"/p/{token}", headers={"Sec-Purpose": "prefetch"})
    colleague = sign_in(cast.clerk)
    assert "only the client can answer" in colleague.get(f"/p/{token}").text
    assert colleague.post(f"/p/{token}/accepted", data={"name": "Me", "agreed": "y"}).status_code == 403
    assert told(session, "proposal:opened") == []
    for part in TWICE:
        stranger.get(f"/p/{token}{part}")
    assert len(told(session, "proposal:opened")) == 1
    assert session.scalars(select(ShareLink.openings)).one() == 1


def test_a_client_accepts_and_everything_follows(session, sign_in, cast, sent, token, stranger) -> None:
    cast.company.mail_host, cast.company.mail_from = "127.0.0.1", "office@baton.test"
    cast.company.mail_port = 1
    missing = say(stranger, token, "accepted", name="Irina Boss")
    assert missing.status_code == 422
    assert "tick" in soup(missing).select_one("#accepted").get_text()
    page = stranger.get(f"/p/{token}")
    for _ in range(2):  # sent twice by an impatient thumb
        answer = stranger.submit(page, "#form-accepted", name="Irina Boss", agreed="y")
        assert answer.status_code == 303
    given = session.scalars(select(ProposalAnswer)).one()
    assert (given.name, given.address, given.agent) == ("Irina Boss", "192.0.2.7", PHONE["User-Agent"])
    assert given.sha256 == sent.file.sha256
    assert sent.proposal.deal.status is DealStatus.WON
    assert session.query(Contract).count() == 1
    assert session.scalars(select(Letter.address)).all() == [cast.hunter.email]
    thanks = soup(stranger.get(answer.location.partition("#")[0]))
    assert "Thank you" in thanks.select_one("#said").get_text()
    assert thanks.select("#form-accepted, #form-declined") == []
    assert stranger.get(f"/p/{token}/record").data == session.scalars(select(AcceptanceRecord)).one().file.content
    owner = sign_in(cast.hunter)
    assert "1" in soup(owner.get("/proposals/answered", htmx=True)).get_text()
    assert "Irina Boss" in soup(owner.get("/deals")).select_one("#answers").get_text()
    shown = soup(owner.get(f"/proposals/{sent.proposal_id}")).select_one("#answers")
    assert owner.get(shown.select_one("a[href*=records]")["href"]).data[:5] == b"%PDF-"
    assert (
        "Accepted by the client"
        in soup(owner.get(f"/deals/{sent.proposal.deal_id}")).select_one("#proposals").get_text()
    )
    assert "Accepted by the client" in owner.get(f"/clients/{sent.proposal.deal.client_id}").text
    assert owner.get("/proposals/records/1/file").headers["Cache-Control"] == "no-store"
    assert soup(sign_in(cast.clerk).get("/proposals/answered", htmx=True)).get_text().strip() == ""


HOSTILE = [
    "<script>alert(1)</script><img src=//evil.example/x>",
    "{{ config }} {% raise %} ${7*7} #{7*7}",
    "'; drop table proposal_answer; --",
    '=HYPERLINK("http://evil.example")',
    "a\u202eb\u0007c",
    "file:///etc/passwd http://169.254.169.254/",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(session, sign_in, cast, sent, token, stranger, words: str) -> None:
    assert say(stranger, token, "question", name=words[:100], words=words).status_code == 303
    say(stranger, token, "accepted", name=words[:100], words=words, agreed="y")
    question, accepted = session.scalars(select(ProposalAnswer).order_by(ProposalAnswer.id))
    assert question.words.replace(" ", "") == "".join(letter for letter in words if letter != "\a").replace(" ", "")
    assert accepted.record is not None
    browser = sign_in(cast.hunter)
    for path in (f"/proposals/{sent.proposal_id}", "/deals", f"/clients/{sent.proposal.deal.client_id}", "/"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "evil.example/x>" not in page.text


def test_what_is_too_large_or_unreadable_changes_nothing(session, token, stranger) -> None:
    page = stranger.get(f"/p/{token}")
    for words, status in (("x" * 10_000_000, 413), ("x" * 5001, 422), ("\0", 422), ("  ", 422)):
        answer = stranger.submit(page, "#form-question", name="A", words=words)
        assert answer.status_code == status, len(words)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert stranger.post(f"/p/{token}/question", data={"name": "A", "words": "B"}, csrf=False).status_code == 400
    assert session.query(ProposalAnswer).count() == 0


def test_over_tls_a_form_comes_from_our_own_page_without_a_referrer(session, token, stranger, sign_in, cast) -> None:
    def post(browser: StrictClient, path: str, **headers: str) -> int:
        data = {"name": "A", "words": f"{headers}", "language": "en"}
        return browser.post(path, base_url="https://localhost", data=data, headers=headers).status_code

    assert post(stranger, f"/p/{token}/question", **{"Sec-Fetch-Site": "cross-site"}) == 400
    assert post(stranger, f"/p/{token}/question", Referer="https://evil.example/") == 400
    assert post(stranger, f"/p/{token}/question", **{"Sec-Fetch-Site": "same-origin"}) == 303
    assert post(stranger, f"/p/{token}/question") == 303
    ours = sign_in(cast.hunter)
    assert post(ours, "/language") == 400
    assert post(ours, "/language", Referer="https://localhost/x") != 400


def test_answers_are_throttled(token, stranger) -> None:
    page = stranger.get(f"/p/{token}")
    codes = [stranger.submit(page, "#form-question", name="A", words=f"{n}").status_code for n in range(12)]
    assert codes[-1] == 429
    assert codes.count(303) == 10


def test_the_token_is_written_nowhere(session, app, token, stranger, caplog, monkeypatch) -> None:
    with caplog.at_level(logging.DEBUG):
        for part in (*TWICE, "/record"):
            stranger.get(f"/p/{token}{part}")
        say(stranger, token, "question", name="A", words="B")
        stranger.post(f"/p/{token}/question", csrf=False)
        for _ in range(12):
            stranger.post(f"/p/{token}/question")
    assert token not in caplog.text
    held = [str(event.details) for event in session.scalars(select(Event))]
    assert not any(token in text for text in held)
    assert token not in stranger.get("/login").text


def test_a_client_chooses_sees_what_it_comes_to_and_accepts_that(app, session, cast, stranger, sign_in) -> None:
    deal = make_deal(session, make_client(session, cast.hunter), line(1_000_00, name="Cable"), line(9_99, name="Care"))
    version = Proposal.draft(session, deal, by=cast.hunter, at=now()).last
    router = {"section": "Beside", "choice": "option", "name": "Router", "price_minor": 300_00}
    fibre = {"choice": "alternative", "name": "Fibre", "price_minor": 1_500_00}
    first, care = version.lines
    version.lines = [first, first | fibre, first | router, care]
    shown = content(version, cast.company, author=cast.hunter, at=now())
    assert shown["totals"]["one_off"]["total_minor"] == 1_009_99
    session.add(version.send(shown, by=cast.hunter, at=now(), seen=version.version))
    session.commit()
    with app.app_context():
        print_version(version.id)
    session.rollback()
    printed = " ".join(page.extract_text() for page in PdfReader(BytesIO(version.file.content)).pages)
    assert "instead of: Cable" in printed
    assert "Beside" in printed
    token = ShareLink.make(session, version, version.valid_until, by=cast.hunter, at=now())
    answer = say(stranger, token, "accepted", name="Irina", agreed="y", chosen=["1", "2"])
    assert answer.status_code == 422
    assert "1,809.99" in soup(answer).select_one("#accepted").get_text()
    forged = stranger.submit(answer, "#form-accepted", counted="one_off:1")
    assert forged.status_code == 422
    assert session.query(ProposalAnswer).count() == 0
    assert stranger.submit(forged, "#form-accepted").status_code == 303
    assert version.proposal.deal.one_off_minor == 1_809_99
    assert sum(minor for (minor,) in session.query(Contract.amount_minor)) == 1_809_99
    facts = soup(stranger.get(f"/p/{token}")).select_one(".offer-facts").get_text(" ", strip=True)
    assert "1,809.99" in facts
    assert "Fibre; Router" in facts
    answers = soup(sign_in(cast.hunter).get(f"/proposals/{version.proposal_id}")).select_one("#answers").get_text()
    assert "Fibre; Router" in answers
    record = stranger.get(f"/p/{token}/record").data
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(record)).pages).replace("\xa0", " ")
    assert "1,809.99" in text
    assert "Router" in text


def test_the_night_reminds_once_of_what_expires(app, session, sent) -> None:
    with app.app_context():
        counts = [remind_of_expiring(sent.valid_until)["expiring"] for _ in range(2)]
    session.rollback()
    assert counts == [1, 0]
    assert len(told(session, "proposal:expiring")) == len(told(session, "task:added")) == 1


@pytest.mark.one_database
@pytest.mark.parametrize("target", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"])
@pytest.mark.parametrize("kind", ["question", "declined", "accepted"])
def test_no_answer_leads_out_of_the_page(token: str, stranger: StrictClient, target: str, kind: str) -> None:
    stranger.environ_base |= {"HTTP_REFERER": target}
    page = stranger.get(f"/p/{token}", query_string={"next": target, "url": target})
    assert "evil.test" not in page.text
    assert page.status_code == 200
    form = f'form[action$="/{kind}"]'
    fields = {"name": "Irina Boss", "words": target, "next": target, "url": target, "back": target}
    answer = stranger.submit(page, form, agreed="y", **fields)
    assert (answer.status_code, answer.location) == (303, f"/p/{token}#said")


@pytest.fixture
def foreign() -> Iterator[socket]:
    """A server of somebody else's, which nobody has a reason to ask."""
    with create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.one_database
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "Referer"])
def test_a_forged_host_puts_no_link_into_a_page_or_a_letter_and_is_asked_for_nothing(
    session, cast, token, stranger, foreign: socket, header: str
) -> None:
    cast.company.mail_host, cast.company.mail_from = "localhost", "office@baton.test"
    host = f"127.0.0.1:{foreign.getsockname()[1]}"
    forged = {"Forwarded": f"host={host};proto=http", "Referer": f"http://{host}/", "X-Original-URL": f"http://{host}/"}
    headers = {header: forged.get(header, host)}

    def innocent(answer):
        assert host.encode() not in answer.data
        assert host not in str(answer.headers)
        return answer

    for kind in ("question", "accepted"):
        page = innocent(stranger.get(f"/p/{token}", headers=headers))
        said = {"csrf_token": soup(page).select_one("[name=csrf_token]")["value"], "agreed": "y"}
        fields = {"name": "Irina Boss", "words": "Soon", **said}
        answer = stranger.post(f"/p/{token}/{kind}", data=fields, headers=headers, csrf=False)
        assert innocent(answer).status_code == 303
        assert answer.location == f"/p/{token}#said"
        refused = stranger.post(f"/p/{token}/{kind}", data=said, headers=headers, csrf=False)
        assert innocent(refused).status_code == 422
    for part in (*TWICE, "/record"):
        assert innocent(stranger.get(f"/p/{token}{part}", headers=headers)).status_code == 200
    unknown = stranger.get("/p/guess", headers=headers)
    assert innocent(unknown).status_code == 404
    letters = session.scalars(select(Letter)).all()
    assert len(letters) == 2
    assert not any(host in letter.body for letter in letters)
    assert not any(host in str(event.details) for event in session.scalars(select(Event)))
    with pytest.raises(BlockingIOError):
        foreign.accept()


def test_a_link_names_the_address_that_is_configured_whatever_host_asks_for_it(
    session, world, sign_in, cast, sent, monkeypatch
) -> None:
    ours = "https://baton.example.com"
    monkeypatch.setitem(world.app.config, "BATON", replace(world.app.config["BATON"], public_url=ours))
    owner, address = sign_in(cast.hunter), f"/proposals/{sent.proposal_id}?version=1"
    made = owner.submit(owner.get(address), "form#share")
    owner.set_cookie("session", owner.get_cookie("session").value, domain="evil.test")
    page = owner.get(made.location, headers={"Host": "evil.test"})
    assert soup(page).select_one("#new-link")["value"].startswith(f"{ours}/p/")
    assert "evil.test" not in page.text
