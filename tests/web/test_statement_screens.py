"""The statement's screens: a preview before anything is written, refusals at the form, and the way back."""

from io import BytesIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cast import Cast
from tests.factories import make_client, make_invoice
from tests.support.bank import Document, OUR_INN, Statement
from tests.support.client import soup
from webapp.domain.invoice import Invoice
from webapp.domain.payment import Payment
from webapp.domain.statement import Statement as Kept
from webapp.domain.statement import StatementState

DOCUMENTS = (
    Document(100_000, "Оплата по счету 1", number="11"),
    Document(30_000, "Неизвестно за что", number="12", inn="7736050003", name="ООО Третье лицо"),
)


@pytest.fixture
def clerk(session: Session, cast: Cast, sign_in):
    cast.company.inn = OUR_INN
    make_invoice(session, make_client(session, cast.clerk, name="Romashka", inn="7728168971"))
    session.commit()
    return sign_in(cast.clerk)


def upload(browser, content: bytes, name: str = "kl_to_1c.txt", **fields: str):
    data = {"file": (BytesIO(content), name), **fields}
    return browser.post("/statements", data=data, content_type="multipart/form-data")


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Payment)) or 0


def test_while_it_runs_the_page_looks_again_by_itself(clerk, session) -> None:
    url = upload(clerk, Statement.of(DOCUMENTS).bytes()).location
    statement = session.scalars(select(Kept)).one()
    for state, asks in ((StatementState.RUNNING, True), (StatementState.UNDOING, True), (StatementState.READ, False)):
        statement.state = state
        session.commit()
        shown = soup(clerk.get(f"{url}/progress")).select_one("#statement-state")
        assert (shown.get("hx-get") == f"{url}/progress") is asks
        assert bool(shown.select_one("[role=status] progress")) is asks


def test_what_is_shown_is_what_is_imported_and_it_can_be_undone(clerk, session) -> None:
    url = upload(clerk, Statement.of(DOCUMENTS).bytes()).location
    shown = clerk.get(url)
    assert count(session) == 0
    text = " ".join(soup(shown).select_one("#statement-state").get_text(" ").split())
    assert "Romashka · 1/2026" in text
    assert "The invoice's number is in the purpose, and the client pays" in text
    assert "ООО Третье лицо" in text
    assert clerk.submit(shown, "form#confirm-statement").status_code == 303
    assert count(session) == 2
    assert session.scalars(select(Invoice.outstanding_minor)).one() == 0
    done = clerk.get(url)
    assert soup(done).select_one("a[href='/payments']"), "the way to what is left"
    assert clerk.submit(done, "form#undo-statement").status_code == 303
    session.rollback()
    assert session.scalars(select(Invoice.outstanding_minor)).one() == 100_000
    assert session.scalars(select(Kept.state)).one() is StatementState.UNDONE


def test_a_page_tells_what_came_of_the_import_and_not_what_was_foreseen(clerk, session) -> None:
    more = (*DOCUMENTS, Document(5_000, "Ещё", number="13", inn="7736050003"))
    urls = [upload(clerk, Statement.of(documents).bytes()).location for documents in (DOCUMENTS, more)]
    for url in urls:
        clerk.submit(clerk.get(url), "form#confirm-statement")
    assert count(session) == 3
    whole, rest = session.scalars(select(Kept).order_by(Kept.id)).all()
    names = ("new", "known", "matched", "left", "sums")
    told = [[kept.counts[name] for name in names] for kept in (whole, rest)]
    assert told == [
        [2, 0, 1, 1, {"matched": {"RUB": 100_000}, "left": {"RUB": 30_000}}],
        [1, 2, 0, 1, {"left": {"RUB": 5_000}}],
    ]
    assert [tile.get_text(strip=True) for tile in soup(clerk.get(urls[1])).select(".tile-value")][:3] == ["1", "0", "1"]


def test_a_file_that_changes_nothing_offers_nothing(clerk) -> None:
    content = Statement.of(DOCUMENTS).bytes()
    clerk.submit(clerk.get(upload(clerk, content).location), "form#confirm-statement")
    again = clerk.get(upload(clerk, content).location)
    assert "changes nothing" in again.text
    assert not soup(again).select("form#confirm-statement")


def test_a_confirmed_file_is_not_dropped_and_a_dropped_one_not_imported(clerk, session) -> None:
    shown = clerk.get(upload(clerk, Statement.of(DOCUMENTS).bytes()).location)
    assert clerk.submit(shown, "form#drop-statement").status_code == 303
    assert clerk.submit(shown, "form#confirm-statement").status_code == 422
    assert count(session) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (Statement.of(DOCUMENTS).bytes()[:-30], "breaks off"),
        (Statement.of(DOCUMENTS, our_inn="7736050003", account="40702810500000000009").bytes(), "another company"),
        (b"", "is empty"),
        (b"\x00\x01\x02", "kl_to_1c.txt"),
        (b"%PDF-1.7", "no bank statement"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_in_words(clerk, session, content: bytes, said: str) -> None:
    answer = upload(clerk, content)
    assert answer.status_code == 422
    assert said in soup(answer).select_one("#upload").get_text()
    assert (count(session), session.scalar(select(func.count()).select_from(Kept))) == (0, 0)


def test_no_file_is_refused(clerk) -> None:
    assert clerk.post("/statements", data={}).status_code == 422


def test_a_person_says_what_the_columns_of_an_odd_table_mean(clerk, session) -> None:
    table = "Когда;Сколько;Зачем\n02.03.2026;1000,00;счет 1\n".encode("cp1251")
    asked = upload(clerk, table, "bank.csv")
    assert asked.status_code == 422
    options = [option.text for option in soup(asked).select("select[name=column-amount] option")]
    assert options[1:] == ["Когда", "Сколько", "Зачем"]
    said = {"column-booked_on": "Когда", "column-amount": "Сколько", "column-purpose": "Зачем"}
    clerk.submit(clerk.get(upload(clerk, table, "bank.csv", **said).location), "form#confirm-statement")
    assert session.scalars(select(Payment.amount_minor)).one() == 100_000


def test_only_the_client_department_and_the_director_import_statements(session, cast: Cast, clerk, sign_in) -> None:
    url = upload(clerk, Statement.of(DOCUMENTS).bytes()).location
    for user in (cast.hunter, cast.vip, cast.head_of_sales, cast.administrator):
        browser = sign_in(user)
        assert browser.get("/statements").status_code == 403
        assert browser.get(url).status_code == 403
        assert browser.post(f"{url}/confirm").status_code == 403
        assert upload(browser, b"").status_code == 403
    assert sign_in(cast.director).get(url).status_code == 200
    assert count(session) == 0
