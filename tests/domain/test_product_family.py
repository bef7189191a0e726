"""Families of products: one name each, an order, and none goes while something belongs to it."""

import pytest
from sqlalchemy import select

from tests.cast import AT
from tests.factories import make_product
from webapp.domain.errors import Refused, Stale
from webapp.domain.product_family import family_names, ProductFamily


def test_a_family_is_added_once_and_found_by_its_name(session, cast) -> None:
    cloud = ProductFamily.add(session, " Cloud ", by=cast.director, at=AT)
    assert ProductFamily.named(session, "Cloud", by=cast.director, at=AT) is cloud
    with pytest.raises(Refused):
        ProductFamily.add(session, "Cloud", by=cast.director, at=AT)


def test_families_stand_in_an_order_of_their_own(session, cast) -> None:
    first, second = (ProductFamily.add(session, name, by=cast.director, at=AT) for name in ("Zinc", "Amber"))
    assert list(family_names(session).values()) == ["Zinc", "Amber"]
    told = second.raise_above(session, by=cast.director, at=AT, seen=1)
    session.flush()
    assert (list(family_names(session)), told.details) == ([second.id, first.id], {"name": "Amber", "above": "Zinc"})
    with pytest.raises(Stale):
        first.change(session, "Tin", "", by=cast.director, at=AT, seen=1)


def test_a_family_with_products_stays(session, cast) -> None:
    family = ProductFamily.add(session, "Cloud", by=cast.director, at=AT)
    product = make_product(session, cast.head_of_sales, "Backup", family_id=family.id)
    with pytest.raises(Refused, match="has products"):
        family.remove(session, by=cast.director, at=AT, seen=1)
    product.change(by=cast.director, at=AT, seen=product.version, family_id=None)
    session.flush()
    session.add(family.remove(session, by=cast.director, at=AT, seen=1))
    session.flush()
    assert session.scalars(select(ProductFamily)).all() == []


def test_a_family_that_conditions_name_stays(session, cast) -> None:
    family = ProductFamily.add(session, "Cloud", by=cast.director, at=AT)
    product = make_product(session, cast.head_of_sales, "Backup")
    rule = {"any": [{"sectors": ["Trade"]}, {"lacks_families": [family.id]}]}
    session.add(product.suit(rule, by=cast.director, at=AT, seen=product.version))
    session.flush()
    with pytest.raises(Refused, match="conditions"):
        family.remove(session, by=cast.director, at=AT, seen=1)
    session.add(product.suit({}, by=cast.director, at=AT, seen=product.version))
    session.flush()
    session.add(family.remove(session, by=cast.director, at=AT, seen=1))
