"""What changed between two versions: nothing is missed, nothing is invented."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.product import Billing
from webapp.domain.proposal_diff import compare, FIELDS
from webapp.domain.proposal_lines import ProposalLine

LINES = st.lists(
    st.builds(
        ProposalLine, name=st.sampled_from("abcd"), quantity=st.integers(1, 3), unit=st.just(""),
        price_minor=st.integers(1, 3), discount=st.just(0), tax=st.just("none"), billing=st.sampled_from(Billing),
        product_id=st.sampled_from([None, 1, 2]),
    ),
    max_size=6,
)  # fmt: skip
VERSIONS = st.builds(
    lambda lines, title, terms: version([line.keep() for line in lines], title=title, terms="\n".join(terms)),
    LINES,
    st.sampled_from(["x", "y"]),
    st.lists(st.sampled_from(["pay", "deliver", "warrant"]), max_size=4),
)


def version(lines: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    return dict.fromkeys(FIELDS, 1) | {"text": "", "terms": "", "lines": lines} | fields


def rows(difference: Any, mark: str) -> list[str]:
    return [row for text in difference.texts for sign, row in text.rows if sign == mark]


@given(VERSIONS, VERSIONS)
def test_every_line_is_added_removed_changed_or_the_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    found, back = compare(before, after), compare(after, before)
    assert len(before["lines"]) - len(found.removed) == len(after["lines"]) - len(found.added)
    assert (len(back.added), len(back.removed)) == (len(found.removed), len(found.added))
    assert (found.fields != ()) == (before["title"] != after["title"])
    was, now = (Counter(each["terms"].splitlines()) for each in (before, after))
    assert now + Counter(rows(found, "-")) == was + Counter(rows(found, "+"))
    assert (rows(found, "+") + rows(found, "-") == []) == (before["terms"] == after["terms"])
    assert compare(after, after).is_empty


def test_a_moved_line_is_the_same_and_a_dearer_one_says_so() -> None:
    one, two = (ProposalLine(name, 1000, "pc", 100, 0, "standard", Billing.ONE_OFF).keep() for name in ("One", "Two"))
    found = compare(version([one, two]), version([two, one | {"price_minor": 120}]))
    assert (found.added, found.removed) == ((), ())
    assert [(each.line.name, each.changes) for each in found.changed] == [("One", (("price_minor", 100, 120),))]
    found = compare(version([one | {"product_id": 1}, two]), version([two, one | {"product_id": 1, "name": "Uno"}]))
    assert [(each.line.name, each.changes) for each in found.changed] == [("Uno", (("name", "One", "Uno"),))]
    assert compare(version([one, two]), version([one | {"product_id": 1}, two])).is_empty
    found = compare(version([], terms="Pay\nin ten\ndays"), version([], terms="Pay\nin five\ndays"))
    assert found.texts[0].rows == ((" ", "Pay"), ("-", "in ten"), ("+", "in five"), (" ", "days"))
