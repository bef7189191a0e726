"""Importing in the browser: upload, preview, confirm, complete, undo, and what is refused."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.cast import AT
from tests.factories import make_client, make_contact
from tests.support.client import soup
from tests.support.export import make_export, ODD
from tests.support.upload import bring_in, numbers, upload
from webapp.domain import health_keeping
from webapp.domain.client import Client
from webapp.domain.deal import Deal
from webapp.domain.engagement import Engagement
from webapp.domain.health_kept import KeptHealth
from webapp.domain.held_row import HeldRow
from webapp.domain.importing import Import, ImportFile, ImportState
from webapp.domain.product import Product
from webapp.domain.words import Department
from webapp.web.clock import now
from webapp.web.import_jobs import apply_import, progress, tell


@pytest.fixture
def director(cast, sign_in):
    return sign_in(cast.director)


def test_what_is_confirmed_is_what_was_shown(director, session) -> None:
    export = make_export(4)
    url = upload(director, export.files()).location
    shown = director.get(url)
    before = numbers(shown)
    assert before["created-client"] == len(export.tables["accounts"])
    assert session.scalar(select(func.count(Client.id))) == 0
    assert director.submit(shown, "form#confirm-import").status_code == 303
    assert numbers(director.get(url)) == before
    held = len(export.rows(account=""))
    assert session.scalar(select(func.count(HeldRow.id))) == held == before["held_back-deal"]
    assert session.scalar(select(func.count(Deal.id))) == before["created-deal"]
    assert session.scalar(select(func.count(ImportFile.id))) == 0


def test_while_it_runs_a_bar_says_how_far_it_is(app, director, session) -> None:
    url = upload(director, make_export(4).files()).location
    run = session.get_one(Import, int(url.split("/")[-1]))
    run.confirm(at=AT)
    session.commit()

    with app.app_context():
        tell(run.id, 0, 0)
    waiting = soup(director.get(f"{url}/progress"))
    assert waiting.select_one("#import-state")["hx-get"] == f"{url}/progress"
    assert waiting.select_one("progress").get("value") is None, "nobody knows yet"
    with app.app_context():
        tell(run.id, 30, 120)
    bar = soup(director.get(f"{url}/progress")).select_one("progress")
    assert (bar["value"], bar["max"]) == ("30", "120")
    assert "30 of 120 records" in bar.find_parent(role="status").get_text()

    with app.app_context():
        apply_import(run.id)
        written, planned = progress(run.id)
    assert written == planned > 100
    done = soup(director.get(f"{url}/progress")).select_one("#import-state")
    assert done.get("hx-get") is None
    assert done.select_one("progress") is None


def test_a_sure_match_is_chosen_already_and_the_director_may_change_it(director, session) -> None:
    export = make_export(4)
    url = upload(director, export.files()).location
    shown = director.get(url)
    (match,) = soup(shown).select("select[name=match-0]")
    assert match.select_one("option[selected]").text == "GTX Pro"
    changed = director.submit(shown, "form#confirm-import", **{"match-0": ""})
    assert session.get(Import, int(url.split("/")[-1])).state is ImportState.PREVIEWED
    held = numbers(director.get(changed.location))["held_back-deal"]
    assert held == len(
        [row for row in export.tables["sales_pipeline"] if not row["account"] or row["product"] == "GTXPro"]
    )
    director.submit(director.get(url), "form#confirm-import")
    assert session.scalar(select(func.count(HeldRow.id))) == held


def test_the_same_files_change_nothing_and_say_so(director, session) -> None:
    export = make_export(4)
    bring_in(director, export.files())
    again = director.get(upload(director, export.files()).location)
    figures = numbers(again)
    assert {
        figures[f"{sort}-{kind}"] for sort in ("created", "updated", "held_back") for kind in ("client", "deal")
    } == {0}
    assert not soup(again).select("#import-this")
    listed = soup(director.get("/imports")).select(".rows .badge")
    assert [badge.get_text(strip=True) for badge in listed] == ["Changes nothing", "Applied"]


def test_an_import_is_undone_unless_work_hangs_on_it(director, session, cast) -> None:
    make_client(session, cast.hunter, name="Ours")
    url = upload(director, make_export(4).files()).location
    director.submit(director.get(url), "form#confirm-import")
    imported = session.scalars(select(Client).where(Client.name != "Ours").limit(1)).one()
    contact = make_contact(session, imported)
    refused = director.submit(director.get(url), "form#undo")
    assert refused.status_code == 422
    assert "contacts" in soup(refused).text
    assert session.scalar(select(func.count(Client.id))) > 1
    session.delete(contact)
    assert director.submit(director.get(url), "form#undo").status_code == 303
    assert [client.name for client in session.scalars(select(Client))] == ["Ours"]


def test_health_follows_an_import_and_its_undoing_at_once(director, session, cast) -> None:
    export = make_export(4)
    accounts = [row["account"] for row in export.tables["accounts"]]
    deal = next(row for row in export.rows(deal_stage="Engaging") if row["account"])
    talking, deal["engage_date"] = deal["account"], (now() - timedelta(days=9)).date().isoformat()
    client = make_client(session, cast.clerk, name=talking, at=AT)
    health_keeping.keep(session, [client.id], at=now())
    session.commit()

    def health() -> dict[str, tuple[int, int]]:
        session.expire_all()
        kept = select(Client.name, KeptHealth.level, KeptHealth.points).join(KeptHealth)
        return {name: (level, points) for name, level, points in session.execute(kept)}

    before = health()
    assert list(before) == [talking]
    url = upload(director, export.files()).location
    director.submit(director.get(url), "form#confirm-import")
    served = select(Client.name).join(Engagement).where(Engagement.department == Department.CLIENT)
    after = health()
    assert set(after) == set(session.scalars(served)) <= set(accounts)
    assert len(after) > 1
    assert after[talking] != before[talking], "a deal of theirs is open now"
    assert director.submit(director.get(url), "form#undo").status_code == 303
    assert health() == before


def test_names_that_attack_are_shown_as_text(director, session) -> None:
    export = make_export(4, odd=True)
    page = director.get(upload(director, export.files()).location)
    director.submit(page, "form#confirm-import")
    assert "<script>alert" not in page.get_data(as_text=True)
    assert set(ODD) <= set(session.scalars(select(Client.name)))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "at least one file"),
        ([("a.csv", b"")], "a.csv is empty"),
        ([("a.csv", b"account;sector\nx;y;z\n")], "line 2"),
        ([("a.csv", b"colour,shape\nred,round\n")], "not the columns"),
        ([("a.xlsx", b"PK\x03\x04")], "damaged"),
    ],
)
def test_files_that_cannot_be_read_are_refused_in_words(director, session, files, said) -> None:
    answer = upload(director, files)
    shown = answer if answer.status_code == 422 else director.get(answer.location)
    assert said in soup(shown).text
    assert session.scalar(select(func.count(Product.id))) == 0


def test_only_a_director_imports_and_heads_complete(cast, sign_in, session) -> None:
    director, head, hunter = sign_in(cast.director), sign_in(cast.head_of_sales), sign_in(cast.hunter)
    url = upload(director, make_export(4).files()).location
    for browser in (head, hunter):
        assert upload(browser, make_export(4).files()).status_code == 403
        assert browser.get(url).status_code == 403
        assert browser.post(f"{url}/confirm").status_code == 403
        assert browser.post(f"{url}/undo").status_code == 403
    assert head.get("/imports/held").status_code == 200
    assert hunter.get("/imports/held").status_code == 403
    assert session.scalars(select(Import.state)).one() is ImportState.PREVIEWED


def test_clerks_share_the_clients_evenly(director, session, cast) -> None:
    export = make_export(4, clients=12, deals=200)
    bring_in(director, export.files())
    owners = [client.open_engagements[0].owner_id for client in session.scalars(select(Client))]
    counts = {clerk.name: owners.count(clerk.id) for clerk in (cast.clerk, cast.other_clerk)}
    assert max(counts.values()) - min(counts.values()) <= 1
    assert cast.former.id not in owners


def test_a_preview_warns_while_nobody_works_in_the_client_department(director, session, cast) -> None:
    files, said = make_export(4, clients=12, deals=200).files(), "Nobody works in the Client department yet"
    assert said not in director.get(upload(director, files).location).text
    for user in (cast.clerk, cast.other_clerk, cast.head_of_client):
        user.deactivated_at = AT
    session.commit()
    shown = director.get(upload(director, files).location)
    count = shown.text.split(said)[1].split(" clients of its lane")[0].split()[-1]
    bring_in(director, files)
    assert int(count) == session.scalar(select(func.count(Engagement.id)).where(Engagement.department == "client")) > 0


def test_a_preview_that_is_out_of_date_is_shown_anew(director, session, app) -> None:
    first = upload(director, make_export(4).files()).location
    second = upload(director, make_export(4).files()).location
    director.submit(director.get(first), "form#confirm-import")
    director.submit(director.get(second), "form#confirm-import")
    assert "new preview" in soup(director.get(second)).text
    assert session.get(Import, int(second.split("/")[-1])).state is ImportState.PREVIEWED


def test_dropped_files_are_gone(director, session) -> None:
    url = upload(director, make_export(4).files()).location
    assert director.post(f"{url}/drop").status_code == 303
    assert session.scalar(select(func.count(ImportFile.id))) == 0
    assert director.post(f"{url}/confirm").status_code == 422


def test_the_list_costs_the_same_for_one_row_and_for_many(director, session, statements) -> None:
    bring_in(director, make_export(4, deals=40).files())
    costs = []
    for address in ("/imports", "/imports/held", "/imports/held?problem=no_client&page=2"):
        with statements() as seen:
            assert director.get(address).status_code == 200
        costs.append(len(seen))
    assert max(costs) <= 12, json.dumps(costs)


@pytest.mark.parametrize("address", ["/imports/999", "/imports/held/999", f"/imports/{2**70}"])
def test_what_does_not_exist_is_not_found(director, address) -> None:
    assert director.get(address).status_code == 404


def test_a_file_of_200_mb_is_refused_before_it_is_read(director) -> None:
    large = {"CONTENT_LENGTH": str(200 * 1024 * 1024)}
    answer = director.post(
        "/imports", data=b"x", content_type="multipart/form-data; boundary=x", environ_overrides=large
    )
    assert answer.status_code == 413
