"""The company's settings, requisites and working hours."""

from datetime import date, datetime, time, timedelta, UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cast import AT, Cast
from webapp.domain.errors import Refused
from webapp.domain.requisites import check_bank, check_kpp
from webapp.domain.words import Department, Role
from webapp.domain.working_hours import WorkingHours

MINUTE = timedelta(minutes=1)
ZONES = ["UTC", "Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
AROUND = [
    datetime(2026, 3, 28, 12, tzinfo=UTC),  # Berlin springs forward in the following night
    datetime(2026, 10, 24, 12, tzinfo=UTC),  # and falls back
    datetime(2026, 3, 7, 12, tzinfo=UTC),  # New York
    datetime(2026, 4, 4, 2, tzinfo=UTC),  # Lord Howe, by half an hour
    datetime(2025, 12, 30, 20, tzinfo=UTC),
]

hours = st.builds(
    WorkingHours,
    starts=st.sampled_from([time(0), time(5), time(8, 30), time(9), time(12, 1)]),
    ends=st.sampled_from([time(13), time(18), time(18, 45), time(22, 30)]),
    weekdays=st.frozensets(st.integers(1, 7), min_size=1),
    holidays=st.frozensets(
        st.sampled_from([date(2026, 3, 30), date(2026, 10, 26), date(2026, 1, 1), date(2026, 1, 2)])
    ),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
moments = st.builds(
    lambda start, minutes: start + minutes * MINUTE, st.sampled_from(AROUND), st.integers(0, 3 * 24 * 60)
)


def works_at(hours: WorkingHours, minute: datetime) -> bool:
    """Whether the wall clock shows working time during that minute."""
    there = minute.astimezone(hours.zone)
    return (
        there.isoweekday() in hours.weekdays
        and there.date() not in hours.holidays
        and hours.starts <= there.time() < hours.ends
    )


@given(hours, moments, st.integers(0, 3 * 24 * 60))
@example(WorkingHours(time(0), time(22, 30), frozenset({7}), frozenset(), ZoneInfo("Europe/Berlin")), AROUND[0], 2880)
def test_the_working_time_between_two_moments_is_its_minutes_counted(
    hours: WorkingHours, start: datetime, minutes: int
) -> None:
    counted = sum(works_at(hours, start + minute * MINUTE) for minute in range(minutes))
    assert hours.between(start, start + minutes * MINUTE) == counted * MINUTE


@given(hours, moments, st.integers(1, 3000))
def test_the_deadline_is_the_first_moment_by_which_so_much_was_worked(
    hours: WorkingHours, start: datetime, worked: int
) -> None:
    due = hours.after(start, worked * MINUTE)
    assert hours.between(start, due) == worked * MINUTE
    assert works_at(hours, due - MINUTE), "the last of it was worked just before"


@given(hours, moments, moments)
def test_past_its_deadline_the_time_left_is_negative(hours: WorkingHours, one: datetime, other: datetime) -> None:
    assert hours.between(one, other) == -hours.between(other, one)


@given(hours, moments, st.integers(1, 600), st.sampled_from(ZONES).map(ZoneInfo))
def test_the_zone_in_which_a_moment_is_written_does_not_matter(
    hours: WorkingHours, start: datetime, worked: int, written: ZoneInfo
) -> None:
    assert hours.after(start.astimezone(written), worked * MINUTE) == hours.after(start, worked * MINUTE)


def test_a_week_without_working_time_is_refused() -> None:
    with pytest.raises(ValueError, match="working hour"):
        WorkingHours(time(9), time(9), frozenset({1}), frozenset(), ZoneInfo("UTC"))
    with pytest.raises(ValueError, match="working hour"):
        WorkingHours(time(9), time(18), frozenset(), frozenset(), ZoneInfo("UTC"))


def test_a_change_tells_the_fields_and_not_their_values(cast: Cast) -> None:
    told = cast.company.change(by=cast.director, at=AT, name="New", inn="7707083893", currency="RUB")
    assert (told.kind, told.details) == ("company:changed", {"fields": ["inn", "name"]})
    assert cast.company.inn == "7707083893"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"currency": "XXX"}, "currency"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"workday_starts": time(18), "workday_ends": time(9)}, "workday_ends"),
        ({"workdays": []}, "workdays"),
        ({"workdays": [0, 8]}, "workdays"),
        ({"handoff_hours": {"sales": 0, "client": 8, "vip": 8}}, None),
        ({"handoff_hours": {"sales": 501, "client": 8, "vip": 8}}, None),
        ({"kpp": "12"}, "kpp"),
        ({"bank_bic": "123456789"}, "bank_bic"),
        ({"bank_account": "1" * 20}, "bank_bic"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_their_field(cast: Cast, fields: dict, field: str | None) -> None:
    with pytest.raises(Refused) as refused:
        cast.company.change(by=cast.director, at=AT, **fields)
    assert refused.value.field == field


def test_who_must_use_a_second_factor_is_asked_by_role(cast: Cast) -> None:
    cast.company.change(by=cast.director, at=AT, second_factor_roles=[Role.DIRECTOR.value])
    assert cast.company.needs_second_factor(Role.DIRECTOR)
    assert not cast.company.needs_second_factor(Role.MEMBER)


def test_the_deadline_of_a_handoff_uses_the_companys_holidays(cast: Cast) -> None:
    cast.company.change(by=cast.director, at=AT, holidays=["2026-03-03"], handoff_hours=dict.fromkeys(Department, 8))
    due = cast.company.hours.after(AT, timedelta(hours=8))  # Monday noon: 6 h today, Tuesday off, 2 h on Wednesday
    assert due == datetime(2026, 3, 4, 8, 0, tzinfo=UTC)


SBERBANK = {"bic": "044525225", "correspondent_account": "30101810400000000225"}
"""As the bank publishes them."""


@pytest.mark.parametrize(
    ("bic", "correspondent_account"),
    [
        ("044525225", "30101810400000000225"),  # Sberbank, Moscow
        ("044525974", "30101810145250000974"),  # T-Bank
        ("044525593", "30101810200000000593"),  # Alfa-Bank
        ("044030653", "30101810500000000653"),  # Sberbank, north-west
        ("044525187", "30101810700000000187"),  # VTB
    ],
)
def test_published_correspondent_accounts_fit_their_bic(bic: str, correspondent_account: str) -> None:
    check_bank(bic, "", correspondent_account)


def test_a_mistyped_digit_of_an_account_is_found() -> None:
    number = SBERBANK["correspondent_account"]
    for place in range(20):
        wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        with pytest.raises(Refused) as refused:
            check_bank(SBERBANK["bic"], "", wrong)
        assert refused.value.field == "correspondent_account"


def test_a_settlement_account_is_checked_with_the_last_digits_of_its_bic() -> None:
    fitting = [key for key in range(10) if _fits("044525225", f"40702810{key}38000000001")]
    assert len(fitting) == 1, "exactly one check digit fits"
    assert not _fits("044525226", f"40702810{fitting[0]}38000000001")


@pytest.mark.parametrize("number", ["4070281", "4070281093800000000x", "４" * 20])
def test_an_account_has_twenty_digits(number: str) -> None:
    with pytest.raises(Refused, match="twenty"):
        check_bank("044525225", number, "")


def test_an_iban_is_checked_by_its_own_digits_and_needs_no_bic() -> None:
    check_bank("", "GB29NWBK60161331926819", "")  # the published example of ISO 13616
    with pytest.raises(Refused, match="IBAN"):
        check_bank("", "GB29NWBK60161331926810", "")


@pytest.mark.parametrize("kpp", ["", "773601001", "7736AZ001"])
def test_a_kpp_is_nine_characters(kpp: str) -> None:
    check_kpp(kpp)


@pytest.mark.parametrize("kpp", ["77360100", "7736010011", "abcdefghi", "٧٧٣٦٠١٠٠١"])
def test_what_cannot_be_a_kpp_is_refused(kpp: str) -> None:
    with pytest.raises(Refused):
        check_kpp(kpp)


def _fits(bic: str, account: str) -> bool:
    try:
        check_bank(bic, account, "")
    except Refused:
        return False
    return True
