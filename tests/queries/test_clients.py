"""Finding clients: by ИНН, by name in any case, by who answers; and the duplicates somebody is about to add."""

import pytest

from tests.cast import TODAY
from tests.factories import line, make_client, make_contact, make_deal, make_engagement, make_task
from webapp.domain.words import Department
from webapp.queries import clients
from webapp.queries.clients import list_clients, search, Wanted
from webapp.queries.duplicates import duplicates, SAME_CONTACT, SAME_INN, SAME_NAME, SIMILAR_NAME

INN = "7707083893"


@pytest.fixture
def firms(session, cast):
    for name in ("ООО «Северный Ветер»", "Южный ветер", "ЁЖ и Ко", "Acme Trading Ltd", "100% Хлопок"):
        make_client(session, cast.hunter, name=name)
    make_client(session, cast.clerk, name="Bank", inn=INN)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("северный", ["ООО «Северный Ветер»"]),
        ("СЕВЕРНЫЙ ВЕТ", ["ООО «Северный Ветер»"]),
        ("ветер", ["ООО «Северный Ветер»", "Южный ветер"]),
        ("ёж", ["ЁЖ и Ко"]),
        ("еж", ["ЁЖ и Ко"]),
        ("trad", ["Acme Trading Ltd"]),
        ("770708", ["Bank"]),
        (" 7707 083893 ", ["Bank"]),
        ("100%", ["100% Хлопок"]),
        ("%", []),
        ("_", []),
        ("'; drop table client", []),
        ("", []),
        ("🌿", []),
    ],
)
def test_search_finds_what_one_types(session, cast, firms, typed, found):
    assert sorted(row.name for row in search(session, cast.vip.actor, typed)) == sorted(found)


def test_names_that_begin_so_come_first_and_there_are_few(session, cast):
    for number in range(12):
        make_client(session, cast.hunter, name=f"Old Rose {number}")
    make_client(session, cast.hunter, name="Rose")
    rows = search(session, cast.vip.actor, "rose")
    assert rows[0].name == "Rose"
    assert len(rows) == clients.FOUND
    assert rows[0].lanes[0].owner == cast.hunter.name


def test_the_list_is_narrowed_by_department_owner_and_stage(session, cast):
    mine, other = make_client(session, cast.clerk), make_client(session, cast.other_clerk, stage=2)
    both = make_client(session, cast.hunter)
    make_engagement(session, both, cast.clerk)

    def ids(**wanted):
        return {row.id for row in list_clients(session, cast.vip.actor, Wanted(**wanted)).rows}

    assert ids(department=Department.CLIENT) == {mine.id, other.id, both.id}
    assert ids(department=Department.SALES) == {both.id}
    assert ids(owner_id=cast.clerk.id) == {mine.id, both.id}
    assert ids(stage_id=other.open_engagements[0].stage_id) == {other.id}
    assert ids(owner_id=cast.clerk.id, department=Department.SALES) == set()


@pytest.mark.parametrize("sort", ["name", "new", "touch"])
def test_every_client_stands_on_exactly_one_page(session, cast, monkeypatch, sort):
    monkeypatch.setattr(clients, "PAGE", 3)
    made = [make_client(session, cast.hunter, name="Same" if number % 2 else f"N{number}") for number in range(8)]
    for number, client in enumerate(made[:5]):
        make_task(session, client, TODAY.replace(day=1 + number % 2))
    make_engagement(session, made[0], cast.clerk)
    read, after = [], ""
    for _ in range(5):
        page = list_clients(session, cast.vip.actor, Wanted(sort=sort, after=after))
        read += [row.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert sorted(read) == [client.id for client in made]
    if sort == "touch":
        assert read[:5] == [made[number].id for number in (0, 2, 4, 1, 3)]


def test_totals_are_over_everything_that_matches_per_currency(session, cast, monkeypatch):
    monkeypatch.setattr(clients, "PAGE", 1)
    for _ in range(3):
        client = make_client(session, cast.hunter)
        make_deal(session, client, line(100))
        make_deal(session, client, line(7), currency="USD")
    make_deal(session, make_client(session, cast.clerk), line(10_000))
    found = list_clients(session, cast.vip.actor, Wanted(owner_id=cast.hunter.id))
    assert (found.count, found.sums, len(found.rows)) == (3, (("RUB", 300, 0), ("USD", 21, 0)), 1)


@pytest.mark.parametrize("after", ["x~y", "~", "~9999999999999999999999", "\U0010ffff~1", "2026-99-99~3"])
@pytest.mark.parametrize("sort", ["name", "new", "touch"])
def test_a_cursor_that_nobody_gave_out_does_no_harm(session, cast, firms, sort, after):
    list_clients(session, cast.vip.actor, Wanted(sort=sort, after=after))


@pytest.mark.parametrize(
    ("typed", "because"),
    [
        ({"inn": INN}, SAME_INN),
        ({"name": "ветер северный, ООО"}, SAME_NAME),
        ({"name": "«СЕВЕРНЫЙ ВЕТЕР»"}, SAME_NAME),
        ({"name": "Севернй ветер"}, SIMILAR_NAME),
        ({"name": "Acme Treding"}, SIMILAR_NAME),
        ({"name": "Южгый ветер"}, SIMILAR_NAME),
        ({"phone": "+79161234567"}, SAME_CONTACT),
        ({"email": "IVAN@client.test"}, SAME_CONTACT),
        ({"name": "Северсталь"}, None),
        ({"name": "Ветер перемен"}, None),
        ({"name": ""}, None),
    ],
)
def test_duplicates_are_named_with_the_reason(session, cast, firms, typed, because):
    make_contact(session, make_client(session, cast.clerk, name="Contacted"))
    found = duplicates(session, cast.hunter.actor, **typed)
    assert [duplicate.because for duplicate in found] == ([because] if because else [])


def test_a_duplicate_shows_its_lanes_in_all_departments(session, cast):
    client = make_client(session, cast.clerk, name="Lily of the valley")
    make_engagement(session, client, cast.vip)
    (found,) = duplicates(session, cast.hunter.actor, name="Lily of the valey")
    assert found.lanes == ((Department.CLIENT, "Clara Clerk"), (Department.VIP, "Victor Vip"))
    assert duplicates(session, cast.hunter.actor, name="Lily of the valey", but=client.id) == ()


def test_a_removed_contact_betrays_nobody(session, cast):
    contact = make_contact(session, make_client(session, cast.clerk))
    phone = contact.phone
    session.add(contact.remove(by=cast.clerk, at=contact.client.added_at))
    session.flush()
    assert duplicates(session, cast.hunter.actor, phone=phone) == ()
