"""The company's settings, section by section."""

from collections.abc import Callable
from datetime import time

import pytest
from sqlalchemy import select

from tests.cast import Cast
from tests.support.client import soup, StrictClient
from webapp.domain.event import Event

SignIn = Callable[..., StrictClient]


@pytest.fixture
def office(cast: Cast, sign_in: SignIn) -> StrictClient:
    return sign_in(cast.administrator)


def save(office: StrictClient, section: str, **fields):
    return office.submit(office.get("/settings"), f"#{section}-form", **fields)


def test_requisites_are_kept_as_proposals_print_them(office, cast: Cast, session) -> None:
    answer = save(
        office,
        "requisites",
        name="Ромашка",
        inn="7707 083 893",
        kpp="773601001",
        ogrn="1027700132195",
        phone="8 (495) 500-55-50",
        bank_bic="044525225",
        correspondent_account="3010 1810 4000 0000 0225",
    )
    assert answer.status_code == 303
    company = cast.company
    session.expire_all()
    assert (company.name, company.inn, company.ogrn) == ("Ромашка", "7707083893", "1027700132195")
    assert (company.phone, company.correspondent_account) == ("+74955005550", "30101810400000000225")
    (told,) = session.scalars(select(Event).where(Event.kind == "company:changed"))
    assert told.actor_id == cast.administrator.id
    assert set(told.details["fields"]) == {"name", "inn", "kpp", "ogrn", "phone", "bank_bic", "correspondent_account"}


@pytest.mark.parametrize(
    ("section", "fields", "field"),
    [
        ("requisites", {"name": ""}, "name"),
        ("requisites", {"inn": "7707083894"}, "inn"),
        ("requisites", {"ogrn": "1027700132196"}, "ogrn"),
        ("requisites", {"kpp": "12"}, "kpp"),
        ("requisites", {"bank_bic": "123456789"}, "bank_bic"),
        (
            "requisites",
            {"bank_bic": "044525225", "correspondent_account": "30101810400000000226"},
            "correspondent_account",
        ),
        ("requisites", {"phone": "call me"}, "phone"),
        ("requisites", {"email": "nobody"}, "email"),
        ("region", {"currency": "XXX"}, "currency"),
        ("region", {"timezone": "Mars"}, "timezone"),
        ("region", {"language": "xx"}, "language"),
        ("hours", {"workday_starts": "18:00", "workday_ends": "09:00"}, "workday_ends"),
        ("hours", {"workday_starts": "25:00"}, "workday_starts"),
        ("hours", {"workdays": None}, "workdays"),
        ("hours", {"workdays": "9"}, "workdays"),
        ("hours", {"holidays": "2026-02-30"}, "holidays"),
        ("hours", {"holidays": "tomorrow"}, "holidays"),
        ("hours", {"holidays": "31.06.2026"}, "holidays"),
        ("handoffs", {"sales": "0"}, "sales"),
        ("handoffs", {"vip": "-8"}, "vip"),
        ("handoffs", {"client": "99999999999999999999"}, "client"),
        ("handoffs", {"client": "1e3"}, "client"),
        ("safety", {"second_factor_roles": "king"}, "second_factor_roles"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_changes(
    office, cast: Cast, session, section: str, fields: dict, field: str
) -> None:
    before = {column: getattr(cast.company, column) for column in cast.company.__table__.columns.keys()}  # noqa: SIM118
    answer = save(office, section, **fields)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    session.expire_all()
    assert {column: getattr(cast.company, column) for column in before} == before


def test_working_time_and_holidays(office, cast: Cast, session) -> None:
    answer = save(
        office,
        "hours",
        workday_starts="08:30",
        workday_ends="17:15",
        workdays=["1", "6"],
        holidays="09.05.2026, 2026-01-01\n2026-01-01",
    )
    assert answer.status_code == 303
    session.expire_all()
    assert (cast.company.workday_starts, cast.company.workday_ends) == (time(8, 30), time(17, 15))
    assert cast.company.workdays == [1, 6]
    assert cast.company.holidays == ["2026-01-01", "2026-05-09"]


def test_public_holidays_are_filled_in_to_look_over_and_not_yet_saved(office, cast: Cast, session) -> None:
    cast.company.holidays = ["2026-07-07"]
    answer = save(office, "hours", country="RU", year="2026", fill="1")
    assert answer.status_code == 200
    listed = soup(answer).select_one("#holidays").get_text().split()
    assert {"2026-01-01", "2026-05-09", "2026-07-07"} <= set(listed)
    assert listed == sorted(listed)
    session.expire_all()
    assert cast.company.holidays == ["2026-07-07"]
    assert office.submit(answer, "#hours-form").status_code == 303
    session.expire_all()
    assert cast.company.holidays == listed


def test_hand_off_hours_per_department(office, cast: Cast, session) -> None:
    assert save(office, "handoffs", sales="4", client="12", vip="40").status_code == 303
    session.expire_all()
    assert cast.company.handoff_hours == {"sales": 4, "client": 12, "vip": 40}


def test_masks_and_second_factor_by_role(office, cast: Cast, session) -> None:
    assert save(office, "safety", mask_contacts=None, second_factor_roles=["director", "head"]).status_code == 303
    session.expire_all()
    assert not cast.company.mask_contacts
    assert cast.company.second_factor_roles == ["director", "head"]


def test_a_section_leaves_the_others_alone(office, cast: Cast, session) -> None:
    cast.company.inn = "7707083893"
    save(office, "region", currency="EUR", language="ru", timezone="Berlin")
    session.expire_all()
    company = cast.company
    assert (company.inn, company.currency, company.language, company.timezone) == (
        "7707083893",
        "EUR",
        "ru",
        "Europe/Berlin",
    )


def test_there_is_no_other_section(office) -> None:
    assert office.post("/settings/secrets").status_code == 404


@pytest.mark.parametrize("part", ["hunter", "clerk", "vip", "head_of_sales"])
def test_only_the_office_changes_settings(cast: Cast, sign_in: SignIn, session, part: str) -> None:
    browser = sign_in(cast.users[part])
    assert browser.get("/settings").status_code == 403
    assert browser.post("/settings/requisites", data={"name": "Mine"}).status_code == 403
    session.expire_all()
    assert cast.company.name == "Baton Ltd"


def test_names_with_marks_of_other_languages_are_text(office, cast: Cast, session) -> None:
    name = "<b>{{ 7*7 }}</b> =cmd() שלום 🎉"
    save(office, "requisites", name=f"\x00{name}")
    session.expire_all()
    assert cast.company.name == name
    assert soup(office.get("/settings")).select_one("#name")["value"] == name
