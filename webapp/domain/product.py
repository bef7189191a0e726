"""Products: what we sell, with a price."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, select, String, Text
from sqlalchemy.orm import Mapped, mapped_column, object_session, relationship, Session

from webapp.domain.attraction import Attraction, AttractionKind
from webapp.domain.base import Base, Choice
from webapp.domain.client import name_key
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.product_family import ProductFamily
from webapp.domain.user import User
from webapp.domain.words import N_


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
    retired_at: Mapped[datetime | None]
    attraction_kind: Mapped[AttractionKind | None] = mapped_column(Choice(AttractionKind))
    """Its own period of initial attraction; None: the company's."""
    attraction_size: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    family: Mapped[ProductFamily | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    EDITABLE = frozenset(
        "name family_id description unit billing price_minor currency retired_at "
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
        product = cls(name=name, name_key=name_key(name), price_minor=price_minor, currency=currency, **fields)
        session.add(product)
        session.flush()
        session.add(event("product:added", by=by, at=at, subject_id=product.id, details={"name": name}))
        return product

    def change(self, *, by: User | None, at: datetime, seen: int, **fields: object) -> Event:
        """Other values for the fields named, by somebody who saw that version of the product."""
        if seen != self.version:
            raise Stale
        unknown = set(fields) - self.EDITABLE
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        session = object_session(self)
        if session is not None and "name" in changed:
            refuse_known_name(session, str(fields["name"]))
        for field in changed:
            setattr(self, field, fields[field])
        _check_attraction(self.attraction_kind, self.attraction_size, self.currency)
        self.name_key = name_key(self.name)
        return event(
            "product:changed", by=by, at=at, subject_id=self.id, details={"name": self.name, "fields": changed}
        )


def refuse_known_name(session: Session, name: str) -> None:
    """A product's name is its identity on deals and in imports."""
    with session.no_autoflush:
        known = session.scalar(select(Product.id).where(Product.name == name))
    if known is not None:
        raise Refused(N_("The catalogue has a product of this name already"), field="name")


def _check_attraction(kind: object, size: object, currency: str) -> None:
    if kind is not None:
        if not isinstance(size, int):
            raise Refused(N_("Say how long the period of initial attraction is"), field="attraction_size")
        Attraction(AttractionKind(str(kind)), size, currency).check()
