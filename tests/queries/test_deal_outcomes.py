"""How deals end, in figures that were reckoned by hand: win rate and days by product, department and person, and why
deals are lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.cast import AT, Cast, TODAY
from tests.factories import make_client, make_deal, make_product
from tests.support.client import soup, StrictClient
from webapp.domain.deal import Deal, Line
from webapp.domain.product import Billing
from webapp.domain.share import Share
from webapp.domain.user import User
from webapp.domain.words import Department
from webapp.queries.deal_outcomes import deal_outcomes, Loss, Outcomes, Sums, Tally

SINCE, UNTIL = TODAY + timedelta(days=2), TODAY + timedelta(days=21)
Ends = Callable[..., Deal]


@pytest.fixture
def ends(session: Session, cast: Cast) -> Ends:
    """``ends(owner, days, "Fibre")`` is a deal with that product that is won after so many days, or lost with a
    reason."""
    products = {name: make_product(session, cast.director, name).id for name in ("Fibre", "Cloud")}
    lines = {
        "Fibre": Line("Fibre line", 1000, 1_000_00, Billing.ONE_OFF, products["Fibre"]),
        "Cloud": Line("Space", 1000, 70_00, Billing.MONTHLY, products["Cloud"]),
        "Advice": Line("Advice", 1000, 500_00, Billing.ONE_OFF),
    }

    def end(owner: User, days: int, *sold: str, reason: str = "", to: str = "", currency: str = "RUB") -> Deal:
        deal = make_deal(session, make_client(session, owner), *(lines[name] for name in sold), currency=currency)
        said = {"by": owner, "at": AT + timedelta(days=days), "seen": deal.version}
        session.add(deal.lose(reason, **said, competitor=to) if reason else deal.win(**said))
        session.flush()
        return deal

    return end


@pytest.fixture
def found(session: Session, cast: Cast, ends: Ends) -> Outcomes:
    """Ten deals from the second day to the twenty-first, and three that are none of them."""
    for days, *sold in ((2, "Fibre"), (4, "Fibre"), (9, "Fibre", "Cloud"), (21, "Fibre", "Fibre")):
        ends(cast.hunter, days, *sold)
    ends(cast.hunter, 5, "Cloud", reason="price", to="North")
    ends(cast.hunter, 6, "Cloud", reason="price")
    ends(cast.clerk, 3, "Cloud", currency="USD")
    ends(cast.clerk, 8, "Cloud", reason="no_answer")
    ends(cast.vip, 10, "Advice", reason="competitor", to="North")
    imported = ends(cast.hunter, 7, "Fibre")
    imported.engagement, imported.opened_on = None, None
    ends(cast.hunter, 1, "Fibre")
    ends(cast.hunter, 22, "Fibre", reason="other")
    make_deal(session, make_client(session, cast.hunter))
    session.flush()
    return deal_outcomes(session, cast.director.actor, SINCE, UNTIL)


def test_the_whole_is_six_of_ten_with_the_middle_of_the_days_that_are_known(found: Outcomes) -> None:
    """2, 3, 4, 9 and 21 days: the third is the median, the second and the fourth bound the middle half."""
    won = (Sums("RUB", 5, 6_000_00, 70_00), Sums("USD", 1, 0, 70_00))
    assert found.whole == Tally(Share(6, 10), won, 4, (3, 9), 5)
    assert (found.whole.rate.percent, found.whole.rate.interval) == (60, (31, 83))
    assert not found.left_out


def test_a_deal_counts_once_with_every_product_that_it_holds(found: Outcomes) -> None:
    """Fibre took 2, 4, 9 and 21 days: quarters of the way lie at 3.5 and 12. Cloud took 3 and 9."""
    assert dict(found.products) == {
        "Cloud": Tally(Share(2, 5), (Sums("RUB", 1, 1_000_00, 70_00), Sums("USD", 1, 0, 70_00)), 6, None, 2),
        "Fibre": Tally(Share(5, 5), (Sums("RUB", 5, 6_000_00, 70_00),), 6.5, (4, 12), 4),
        "": Tally(Share(0, 1), (), None, None, 0),
    }
    assert [name for name, _ in found.products] == ["Cloud", "Fibre", ""]


def test_each_department_and_person_has_its_own_rate_days_and_sums(found: Outcomes) -> None:
    roubles, dollars = (Sums("RUB", 4, 5_000_00, 70_00),), (Sums("USD", 1, 0, 70_00),)
    assert found.departments == (
        (Department.SALES, Tally(Share(4, 6), roubles, 6.5, (4, 12), 4)),
        (Department.CLIENT, Tally(Share(1, 2), dollars, 3, None, 1)),
        (Department.VIP, Tally(Share(0, 1), (), None, None, 0)),
        (None, Tally(Share(1, 1), (Sums("RUB", 1, 1_000_00, 0),), None, None, 0)),
    )
    assert [(name, of) for _, name, of in found.people] == [
        ("Harry Hunter", Tally(Share(5, 7), (Sums("RUB", 5, 6_000_00, 70_00),), 6.5, (4, 12), 4)),
        ("Clara Clerk", Tally(Share(1, 2), dollars, 3, None, 1)),
        ("Victor Vip", Tally(Share(0, 1), (), None, None, 0)),
    ]


def test_lost_deals_are_counted_by_reason_and_by_rival_with_what_was_lost(found: Outcomes) -> None:
    assert found.reasons == (
        Loss("price", 2, (Sums("RUB", 2, 0, 140_00),)),
        Loss("competitor", 1, (Sums("RUB", 1, 500_00, 0),)),
        Loss("no_answer", 1, (Sums("RUB", 1, 0, 70_00),)),
    )
    assert found.rivals == (Loss("North", 2, (Sums("RUB", 2, 500_00, 70_00),)),)


def test_the_page_shows_the_rate_of_few_as_a_count_and_days_rounded_half_up(
    found: Outcomes, cast: Cast, sign_in: Callable[[User], StrictClient]
) -> None:
    page = soup(sign_in(cast.head_of_sales).get(f"/deals/outcomes?from={SINCE}&to={UNTIL}"))

    def rows(panel: str) -> dict[str, list[str]]:
        return {
            row.th.get_text(strip=True): [" ".join(cell.get_text(" ", strip=True).split()) for cell in row("td")[:3]]
            for row in page.select(f"#{panel} tbody tr")
        }

    assert rows("products") == {
        "Cloud": ["5", "2 of 5 too few", "6"],
        "Fibre": ["5", "5 of 5 too few", "7 4–12"],
        "Outside the catalogue": ["1", "0 of 1 too few", "–"],
    }
    assert rows("departments")["Not known"] == ["1", "1 of 1 too few", "–"]
    assert rows("people")["Harry Hunter"] == ["7", "5 of 7 too few", "7 4–12"]
    assert "60 %" in page.get_text()
