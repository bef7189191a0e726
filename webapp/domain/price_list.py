"""Price lists: what products cost in one currency, from a day on, the more the cheaper."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, insert, select, String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session
from sqlalchemy.orm.attributes import flag_modified

from webapp.domain.base import Base
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.money import CURRENCIES, LARGEST, share, WHOLE
from webapp.domain.pricing import Break
from webapp.domain.product import Product
from webapp.domain.user import User
from webapp.domain.words import N_

LONGEST_LIST = 120
MOST_BREAKS = 20
LARGEST_FROM = 10**9
"""In thousandths: a million units."""


class PriceList(Base):
    """A list of prices in one currency. It answers for the products that it names; see ``webapp.domain.pricing``."""

    __tablename__ = "price_list"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="ends_after_start"),
        {"sqlite_autoincrement": True},
    )

    name: Mapped[str] = mapped_column(String(LONGEST_LIST), unique=True)
    currency: Mapped[str] = mapped_column(String(3))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day; None until a later list takes its place."""
    version: Mapped[int] = mapped_column(default=1)

    entries: Mapped[list["PriceEntry"]] = relationship(
        back_populates="price_list",
        order_by="(PriceEntry.product_id, PriceEntry.from_quantity)",
        cascade="all, delete-orphan",
    )

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def add(
        cls,
        session: Session,
        name: str,
        currency: str,
        starts_on: date,
        ends_on: date | None = None,
        *,
        by: User | None,
        at: datetime,
        **told: object,
    ) -> "PriceList":
        """``told``: where it comes from, for its event."""
        price_list = cls(name=_checked(session, name), currency=currency, starts_on=starts_on, ends_on=ends_on)
        price_list._check()
        session.add(price_list)
        try:
            session.flush()
        except IntegrityError as error:
            raise Refused(N_("Somebody added this price list just now"), field="name") from error
        session.add(price_list._event("pricelist:added", by=by, at=at, **told))
        return price_list

    def change(
        self,
        session: Session,
        name: str,
        starts_on: date,
        ends_on: date | None,
        *,
        by: User | None,
        at: datetime,
        seen: int,
    ) -> Event:
        """Another name or other days. Its currency stays: the prices are sums of it."""
        self._check_seen(seen)
        self.name, self.starts_on, self.ends_on = _checked(session, name, besides=self.id), starts_on, ends_on
        self._check()
        return self._event("pricelist:changed", by=by, at=at)

    def price(self, product: Product, breaks: Sequence[Break], *, by: User | None, at: datetime, seen: int) -> Event:
        """What the product costs by this list from now on, by quantity; without breaks it is named no more."""
        self._check_seen(seen)
        check_breaks(breaks)
        was = [entry for entry in self.entries if entry.product_id == product.id]
        for entry in was:
            self.entries.remove(entry)
        session = object_session(self)
        if session is not None:
            session.flush()  # the old entries go before new ones of the same quantity come
        self.entries.extend(
            PriceEntry(product_id=product.id, from_quantity=each.from_quantity, price_minor=each.price_minor)
            for each in breaks
        )
        flag_modified(self, "name")  # whoever saw the list with other prices is told so
        told = {
            "product": product.name,
            "was": [[entry.from_quantity, entry.price_minor] for entry in was],
            "now": [[each.from_quantity, each.price_minor] for each in breaks],
        }
        return self._event("pricelist:priced", by=by, at=at, **told)

    def copy(
        self,
        session: Session,
        name: str,
        starts_on: date,
        ends_on: date | None,
        percent: int,
        *,
        by: User | None,
        at: datetime,
    ) -> "PriceList":
        """A new list of what is on sale, each price so many percent dearer (or cheaper, below zero), rounded half up
        to the minor unit, once, here."""
        told = {"source": self.name, "percent": percent}
        made = PriceList.add(session, name, self.currency, starts_on, ends_on, by=by, at=at, **told)
        on_sale = set(session.scalars(select(Product.id).where(Product.retired_at.is_(None))))
        entries = [
            {
                "price_list_id": made.id,
                "product_id": entry.product_id,
                "from_quantity": entry.from_quantity,
                "price_minor": share(entry.price_minor, WHOLE + percent * 100),
            }
            for entry in self.entries
            if entry.product_id in on_sale
        ]
        if any(entry["price_minor"] > LARGEST for entry in entries):
            raise Refused(N_("This sum is too large"), field="percent")
        if entries:
            session.execute(insert(PriceEntry), entries)
        return made

    def remove(self, session: Session, *, by: User, at: datetime, seen: int) -> Event:
        """The list goes with its prices; deals and proposals keep those that they took from it."""
        self._check_seen(seen)
        session.delete(self)
        return self._event("pricelist:removed", by=by, at=at)

    def _check(self) -> None:
        if self.currency not in CURRENCIES:
            raise Refused(N_("Choose a currency"), field="currency")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise Refused(N_("The list ends after it starts"), field="ends_on")

    def _check_seen(self, seen: int) -> None:
        if seen != self.version:
            raise Stale

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: object) -> Event:
        told = {"name": self.name, "currency": self.currency, "starts": self.starts_on.isoformat()}
        return event(kind, by=by, at=at, subject_id=self.id, details={**told, **details})


class PriceEntry(Base):
    """One price of a list: per unit, where so many units or more are taken."""

    __tablename__ = "price_entry"
    __table_args__ = (
        Index("uq_price_entry_list_product_from", "price_list_id", "product_id", "from_quantity", unique=True),
        Index("ix_price_entry_product_id", "product_id"),
        CheckConstraint("from_quantity >= 0 and price_minor >= 0", name="not_negative"),
        {"sqlite_autoincrement": True},
    )

    price_list_id: Mapped[int] = mapped_column(ForeignKey("price_list.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    from_quantity: Mapped[int]
    """In thousandths of the unit; 0 for any quantity."""
    price_minor: Mapped[int]

    price_list: Mapped[PriceList] = relationship(back_populates="entries")
    product: Mapped[Product] = relationship()


def check_breaks(breaks: Sequence[Break]) -> None:
    """Quantities rise; a price may stand anywhere: that more costs more a unit is odd, but somebody's decision."""
    quantities = [each.from_quantity for each in breaks]
    if len(breaks) > MOST_BREAKS:
        raise Refused(N_("At most %(most)s quantities"), field="breaks", most=MOST_BREAKS)
    if quantities != sorted(set(quantities)):
        raise Refused(N_("Each line begins at a larger quantity than the one before"), field="breaks")
    if any(not 0 <= quantity <= LARGEST_FROM for quantity in quantities):
        raise Refused(N_("This quantity is too large"), field="breaks")
    if any(not 0 <= each.price_minor <= LARGEST for each in breaks):
        raise Refused(N_("A price is not negative"), field="breaks")


def _checked(session: Session, name: str, besides: int = 0) -> str:
    plain = name.strip()
    if not plain:
        raise Refused(N_("Please fill this in"), field="name")
    with session.no_autoflush:
        known = session.scalar(select(PriceList.id).where(PriceList.name == plain, PriceList.id != besides))
    if known is not None:
        raise Refused(N_("There is a price list of this name already"), field="name")
    return plain
