"""The page of roles is the permission table, read aloud."""

import pytest

from tests.cast import Cast
from tests.support.client import soup
from webapp.domain.permissions import LABELS


@pytest.mark.parametrize("part", ["head_of_sales", "director", "administrator"])
def test_heads_and_the_office_read_who_may_do_what(cast: Cast, sign_in, part: str) -> None:
    page = soup(sign_in(cast.users[part]).get("/roles"))
    rows = {
        row.select_one("b").get_text(): row.select_one("ul").get_text(" ", strip=True)
        for row in page.select("#roles tbody tr")
    }
    assert list(rows) == list(LABELS.values())
    assert rows["Import and undo an import"] == "is a director"
    assert (
        "is the head of a department and works in the department that answers for it"
        in rows["Give a client to another owner"]
    )


def test_members_do_not(cast: Cast, sign_in) -> None:
    assert sign_in(cast.hunter).get("/roles").status_code == 403
