"""Products: what we sell, with a price."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, exists, ForeignKey, Index, JSON, or_, select, String, Text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session
from sqlalchemy.orm.attributes import flag_modified

from webapp.domain.attraction import Attraction, AttractionKind
from webapp.domain.base import Base, Choice
from webapp.domain.bundling import Part
from webapp.domain.client import name_key
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.money import WHOLE
from webapp.domain.product_family import ProductFamily
from webapp.domain.tax import own_tax, rates_on, settled, tax_of, TAX_RATES
from webapp.domain.user import User
from webapp.domain.words import N_

MOST_PARTS = 40
MOST_TAX_CHANGES = 40
LARGEST_PART = 10**9
"""In thousandths: a million units."""


class Billing(StrEnum):
    """How a price recurs."""

    ONE_OFF = "one_off"
    MONTHLY = "monthly"

    @property
    def label(self) -> str:
        return {"one_off": N_("One-off"), "monthly": N_("Monthly")}[self.value]


class Product(Base):
    """A product or service of the catalogue. Retired ones stay on old deals and are offered no more."""

    __tablename__ = "product"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    name_key: Mapped[str] = mapped_column(String(200), index=True)
    family_id: Mapped[int | None] = mapped_column(ForeignKey("product_family.id"), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(20), default="")
    billing: Mapped[Billing] = mapped_column(Choice(Billing), default=Billing.ONE_OFF)
    price_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    tax: Mapped[str] = mapped_column(String(20), default="")
    """A key of the tax rates, whose rate the document's date says; empty: as is usual for its currency. It stands until
    the first of ``tax_changes``."""
    tax_changes: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """Another key from a day on, as ``webapp.domain.tax`` keeps them; ``tax_from`` writes it."""
    bundle_off: Mapped[int | None]
    """Basis points by which a bundle is cheaper than its parts; None where it has a price of its own."""
    eligibility: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Whom it suits, as ``webapp.domain.eligibility`` keeps it; empty: everybody."""
    retired_at: Mapped[datetime | None]
    attraction_kind: Mapped[AttractionKind | None] = mapped_column(Choice(AttractionKind))
    """Its own period of initial attraction; None: the company's."""
    attraction_size: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    family: Mapped[ProductFamily | None] = relationship()
    parts: Mapped[list["BundlePart"]] = relationship(
        foreign_keys="BundlePart.bundle_id", order_by="BundlePart.position", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}

    EDITABLE = frozenset(
        "name family_id description unit billing price_minor currency tax retired_at "
        "attraction_kind attraction_size".split()
    )

    @classmethod
    def add(
        cls,
        session: Session,
        name: str,
        price_minor: int,
        currency: str,
        *,
        by: User | None,
        at: datetime,
        **fields: object,
    ) -> "Product":
        refuse_known_name(session, name)
        _check_attraction(fields.get("attraction_kind"), fields.get("attraction_size"), currency)
        _check_tax(fields.get("tax", ""))
        product = cls(name=name, name_key=name_key(name), price_minor=price_minor, currency=currency, **fields)
        session.add(product)
        session.flush()
        session.add(event("product:added", by=by, at=at, subject_id=product.id, details={"name": name}))
        return product

    def tax_on(self, day: date) -> str:
        """The key of its own tax rate on a day; empty: as is usual for its currency."""
        return own_tax(self.tax, self.tax_changes or (), day)

    def tax_moved(self, key: str, currency: str, was_on: date, day: date) -> str:
        """What a document's key of one day is on another: the product's own rate stays its own, another one stays."""
        own = key == tax_of(self.tax_on(was_on), currency, was_on)
        return tax_of(self.tax_on(day), currency, day) if own else key

    @property
    def is_bundle(self) -> bool:
        return bool(self.parts)

    def change(self, *, by: User | None, at: datetime, seen: int, **fields: object) -> Event:
        """Other values for the fields named, by somebody who saw that version of the product."""
        self._check_seen(seen)
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        session = object_session(self)
        if session is not None and "name" in changed:
            refuse_known_name(session, str(fields["name"]), besides=self.id)
        for field in changed:
            setattr(self, field, fields[field])
        _check_attraction(self.attraction_kind, self.attraction_size, self.currency)
        _check_tax(self.tax)
        if "tax" in changed:
            self.tax_changes = settled(self.tax, self.tax_changes)
        if "billing" in changed and session is not None and self._bundled(session):
            raise Refused(N_("In a bundle all are billed alike: take it out of the bundle first"), field="billing")
        self.name_key = name_key(self.name)
        return self._event("product:changed", by=by, at=at, fields=changed)

    def bundle(
        self, session: Session, parts: Sequence[Part], off: int | None, *, by: User | None, at: datetime, seen: int
    ) -> Event:
        """Sell these products together: by a price of the bundle's own, or so many basis points below their sum.
        Without parts it is an ordinary product again."""
        self._check_seen(seen)
        known = self._checked_parts(session, parts)
        if off is not None and not 0 <= off <= WHOLE:
            raise Refused(N_("A discount is between 0 and 100 %"), field="bundle_off")
        self.parts = []
        session.flush()  # the old parts go before the same products come again
        self.parts = [
            BundlePart(product=known[part.product_id], quantity=part.quantity, position=position)
            for position, part in enumerate(parts)
        ]
        self.bundle_off = off if parts else None
        flag_modified(self, "bundle_off")  # whoever saw it with other parts is told so
        told = [[known[part.product_id].name, part.quantity] for part in parts]
        return self._event("product:bundled", by=by, at=at, parts=told, off=self.bundle_off)

    def tax_from(self, key: str, starts_on: date, *, by: User | None, at: datetime, seen: int) -> Event:
        """It is taxed by that key from a day on. Documents take the one of their own date; those written stay."""
        self._check_seen(seen)
        _check_tax(key)
        if key and key not in rates_on(starts_on):
            raise Refused(N_("This tax rate is not in force on that day"), field="tax")
        was, changes = self.tax_on(starts_on), settled(self.tax, [*self.tax_changes, [starts_on.isoformat(), key]])
        if changes == self.tax_changes:
            raise Refused(N_("It is taxed so on that day already"), field="tax")
        if len(changes) > MOST_TAX_CHANGES:
            raise Refused(N_("At most %(most)s changes of its VAT"), field="starts_on", most=MOST_TAX_CHANGES)
        self.tax_changes = changes
        return self._event("product:taxed", by=by, at=at, was=was, now=key, starts=starts_on.isoformat())

    def suit(self, eligibility: dict[str, Any], *, by: User | None, at: datetime, seen: int) -> Event:
        """Say anew whom it suits: an ``EligibilityRule`` as JSON."""
        self._check_seen(seen)
        was, self.eligibility = self.eligibility, eligibility
        return self._event("product:suited", by=by, at=at, was=was, now=eligibility)

    def _checked_parts(self, session: Session, parts: Sequence[Part]) -> dict[int, "Product"]:
        ids = [part.product_id for part in parts]
        known = {each.id: each for each in session.scalars(select(Product).where(Product.id.in_(ids)))}
        if len(parts) > MOST_PARTS:
            raise Refused(N_("A bundle has at most %(most)s parts"), field="parts", most=MOST_PARTS)
        if len(set(ids)) < len(ids):
            raise Refused(N_("Name each product once"), field="parts")
        if self.id in ids or len(known) < len(ids) or any(each.parts for each in known.values()):
            raise Refused(N_("A bundle holds products, no bundles"), field="parts")
        if parts and session.scalar(select(exists().where(BundlePart.product_id == self.id))):
            raise Refused(N_("This product is part of a bundle: it cannot be one"), field="parts")
        if any(each.billing is not self.billing for each in known.values()):
            raise Refused(N_("All parts are billed as the bundle is: once, or each month"), field="parts")
        if any(not 0 < part.quantity <= LARGEST_PART for part in parts):
            raise Refused(N_("A quantity is above zero and at most a million"), field="parts")
        return known

    def _bundled(self, session: Session) -> bool:
        """Whether it is a bundle, or part of one."""
        of_it = BundlePart.product_id == self.id, BundlePart.bundle_id == self.id
        with session.no_autoflush:
            return bool(session.scalar(select(exists().where(or_(*of_it)))))

    def _check_seen(self, seen: int) -> None:
        if seen != self.version:
            raise Stale

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name, **details})


class BundlePart(Base):
    """So much of a product in a bundle."""

    __tablename__ = "bundle_part"
    __table_args__ = (
        Index("uq_bundle_part_bundle_product", "bundle_id", "product_id", unique=True),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("bundle_id <> product_id", name="not_itself"),
        {"sqlite_autoincrement": True},
    )

    bundle_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    quantity: Mapped[int]
    """In thousandths of the unit, for one bundle."""
    position: Mapped[int]

    product: Mapped[Product] = relationship(foreign_keys=product_id)


def refuse_known_name(session: Session, name: str, besides: int = 0) -> None:
    """A product's name is its identity on deals and in imports, whatever its capitals."""
    with session.no_autoflush:
        near = session.scalars(select(Product.name).where(Product.name_key == name_key(name), Product.id != besides))
    if any(known.casefold() == name.casefold() for known in near):
        raise Refused(N_("The catalogue has a product of this name already"), field="name")


def _check_tax(key: object) -> None:
    if key and key not in {rate.key for rate in TAX_RATES}:
        raise Refused(N_("There is no such tax rate"), field="tax")


def _check_attraction(kind: object, size: object, currency: str) -> None:
    if kind is not None:
        if not isinstance(size, int):
            raise Refused(N_("Say how long the period of initial attraction is"), field="attraction_size")
        Attraction(AttractionKind(str(kind)), size, currency).check()
