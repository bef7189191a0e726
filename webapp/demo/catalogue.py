"""The demo company's catalogue beside its goods: price lists with quantities, bundles, whom each product suits."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from webapp.demo.world import World
from webapp.domain.bundling import Part
from webapp.domain.eligibility import Eligibility
from webapp.domain.price_list import PriceList
from webapp.domain.pricing import Break
from webapp.domain.product import Billing, Product
from webapp.domain.product_family import ProductFamily
from webapp.domain.words import Department

BREAKS: dict[int, tuple[tuple[int, int], ...]] = {
    3: ((10, 93), (50, 86)),
    4: ((8, 92), (24, 85)),
    5: ((5, 90),),
    6: ((20, 94), (60, 88)),
    8: ((50, 92), (200, 84)),
    9: ((15, 90),),
}
"""Good -> from so many units, so much percent of its price."""
YEARS = ((-1, 94), (0, 100), (1, 106))
"""Lists of the last year, this and the next, and percents of the prices."""
OFFERED = (3, 4)
"""Goods of the list that holds for some weeks only."""
START = ((0, 1), (3, 10), (5, 1))
SHOP = ((0, 1), (2, 1), (4, 8))
"""Bundles: goods and how many of each."""


def furnish(world: World, *, at: datetime) -> None:
    """Heads keep the catalogue; the director is asked for nothing."""
    by, goods = world.users["head_of_sales"], [product for _good, product in world.products]
    day = by.today(at)
    for shift, percent in YEARS:
        year = day.year + shift
        ends = date(year, 12, 31) if shift < 0 else None
        name = world.texts.catalogue.yearly.format(year=year)
        _fill(world, name, date(year, 1, 1), ends, percent, range(len(goods)), at)
    offer = world.texts.catalogue.offer
    _fill(world, offer, day - timedelta(12), day + timedelta(33), 90, OFFERED, at)
    _bundle(world, goods, 0, START, 1000, at)
    _bundle(world, goods, 1, SHOP, None, at)
    _retire(world, at)
    _suit(world, goods, at)


def _fill(
    world: World, name: str, starts: date, ends: date | None, percent: int, goods: Sequence[int], at: datetime
) -> None:
    by, currency = world.users["head_of_sales"], world.company.currency
    listed = PriceList.add(world.session, name, currency, starts, ends, by=by, at=at)
    for index in goods:
        good, product = world.products[index]
        steps = ((0, 100), *BREAKS.get(index, ()))
        breaks = [Break(units * 1000, _round(good.price * percent * less // 100)) for units, less in steps]
        world.session.add(listed.price(product, breaks, by=by, at=at, seen=listed.version))
        world.session.flush()


def _round(minor: int) -> int:
    """A price as people make them."""
    step = 100 if minor >= 100_00 else 10
    return (minor + step // 2) // step * step


def _bundle(
    world: World, goods: list[Product], number: int, parts: Sequence[tuple[int, int]], off: int | None, at: datetime
) -> None:
    by, (name, description) = world.users["head_of_sales"], world.texts.catalogue.bundles[number]
    family = ProductFamily.named(world.session, world.texts.catalogue.family, by=by, at=at)
    alone = sum(world.products[index][0].price * count for index, count in parts)
    price = alone * 88 // 1000 * 1000  # a round price of its own, some twelve percent below
    told = {"family": family, "description": description, "billing": Billing.MONTHLY}
    made = Product.add(world.session, name, price, world.company.currency, by=by, at=at, **told)
    held = [Part(goods[index].id, count * 1000) for index, count in parts]
    world.session.add(made.bundle(world.session, held, off, by=by, at=at, seen=made.version))
    world.session.flush()


def _retire(world: World, at: datetime) -> None:
    """What nobody buys any more."""
    by, good = world.users["head_of_sales"], world.texts.catalogue.retired
    family = ProductFamily.named(world.session, good.family, by=by, at=at)
    told = {"family": family, "unit": good.unit, "description": good.description, "billing": Billing.MONTHLY}
    old = Product.add(world.session, good.name, good.price * 100, world.company.currency, by=by, at=at, **told)
    world.session.add(old.change(by=by, at=at, seen=old.version, retired_at=at))
    world.session.flush()


def _suit(world: World, goods: list[Product], at: datetime) -> None:
    by, lines, currency = world.users["head_of_sales"], frozenset({goods[0].id, goods[1].id}), world.company.currency
    industry, shops = (frozenset(world.texts.catalogue.sectors[name]) for name in ("industry", "shops"))
    rules = {
        1: Eligibility(currency=currency, monthly_from=goods[1].price_minor // 2),
        2: Eligibility(owns=lines, lacks=frozenset({goods[2].id})),
        3: Eligibility(lacks=frozenset({goods[3].id})),
        4: Eligibility(sectors=shops, lacks=frozenset({goods[4].id})),
        5: Eligibility(owns=lines, lanes=frozenset({Department.CLIENT, Department.VIP})),
        9: Eligibility(sectors=industry, currency=currency, monthly_from=goods[0].price_minor),
    }
    for index, rule in rules.items():
        product = goods[index]
        world.session.add(product.suit(rule.as_json(), by=by, at=at, seen=product.version))
    world.session.flush()
