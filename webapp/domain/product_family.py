"""Product families: what belongs together in the catalogue, in the order in which it is offered."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, exists, func, select, String, Text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, Session

from webapp.domain.base import Base
from webapp.domain.eligibility import EligibilityRule
from webapp.domain.errors import Refused, Stale
from webapp.domain.event import Event, event
from webapp.domain.user import User
from webapp.domain.words import N_

LONGEST_FAMILY = 120


class ProductFamily(Base):
    """A family. Commission rules and products name it by its id, so that it may be called otherwise."""

    __tablename__ = "product_family"
    __table_args__ = (CheckConstraint("name <> ''", name="named"), {"sqlite_autoincrement": True})

    name: Mapped[str] = mapped_column(String(LONGEST_FAMILY), unique=True)
    position: Mapped[int]
    description: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def add(
        cls, session: Session, name: str, description: str = "", *, by: User | None, at: datetime
    ) -> "ProductFamily":
        """A new family, the last so far."""
        last = session.scalar(select(func.max(cls.position)))
        family = cls(
            name=_checked(session, name), description=description.strip(), position=0 if last is None else last + 1
        )
        session.add(family)
        try:
            session.flush()
        except IntegrityError as error:
            raise Refused(N_("Somebody added this family just now"), field="name") from error
        session.add(family._event("family:added", by=by, at=at))
        return family

    @classmethod
    def named(cls, session: Session, name: str, *, by: User | None, at: datetime) -> "ProductFamily":
        """The family of that name; one that nobody knew yet is added."""
        known = session.scalar(select(cls).where(cls.name == name.strip()))
        return known if known is not None else cls.add(session, name, by=by, at=at)

    def change(
        self, session: Session, name: str, description: str, *, by: User | None, at: datetime, seen: int
    ) -> Event:
        self._check_seen(seen)
        was, self.name = self.name, _checked(session, name, besides=self.id)
        self.description = description.strip()
        return self._event("family:changed", by=by, at=at, was=was)

    def raise_above(self, session: Session, *, by: User, at: datetime, seen: int) -> Event:
        """Change places with the family before it."""
        self._check_seen(seen)
        above = session.scalar(
            select(ProductFamily)
            .where(ProductFamily.position < self.position)
            .order_by(ProductFamily.position.desc())
            .limit(1)
        )
        if above is None:
            raise Refused(N_("This is the first family already"))
        self.position, above.position = above.position, self.position
        return self._event("family:moved", by=by, at=at, above=above.name)

    def remove(self, session: Session, *, by: User, at: datetime, seen: int) -> Event:
        """A family without products goes, unless a commission rule was ever about it, or conditions name it."""
        self._check_seen(seen)
        products, versions = (self.metadata.tables[name] for name in ("product", "commission_version"))
        if session.scalar(select(exists().where(products.c.family_id == self.id))):
            raise Refused(N_("This family has products: give them another family first"))
        if any(self.id in terms["families"] for terms in session.scalars(select(versions.c.terms))):
            raise Refused(N_("A commission rule names this family: it stays"))
        rules = map(EligibilityRule.of_json, session.scalars(select(products.c.eligibility)))
        if any(self.id in each.owns_families | each.lacks_families for rule in rules for each in rule.sets):
            raise Refused(N_("The conditions whom a product suits name this family: it stays"))
        session.delete(self)
        return self._event("family:removed", by=by, at=at)

    def _check_seen(self, seen: int) -> None:
        if seen != self.version:
            raise Stale

    def _event(self, kind: str, *, by: User | None, at: datetime, **details: str) -> Event:
        return event(kind, by=by, at=at, subject_id=self.id, details={"name": self.name, **details})


def family_names(session: Session, ids: Iterable[int] | None = None) -> dict[int, str]:
    """Names by id, in the order of the catalogue; of all families where none are named."""
    wanted = select(ProductFamily.id, ProductFamily.name).order_by(ProductFamily.position, ProductFamily.id)
    if ids is not None:
        wanted = wanted.where(ProductFamily.id.in_(sorted(ids)))
    return dict(session.execute(wanted).all())


def _checked(session: Session, name: str, besides: int = 0) -> str:
    plain = name.strip()
    if not plain:
        raise Refused(N_("Please fill this in"), field="name")
    with session.no_autoflush:
        known = session.scalar(select(ProductFamily.id).where(ProductFamily.name == plain, ProductFamily.id != besides))
    if known is not None:
        raise Refused(N_("The catalogue has a family of this name already"), field="name")
    return plain
