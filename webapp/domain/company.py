"""The company that runs Baton: its requisites, its settings, its working hours."""

from datetime import date, datetime, time, timedelta, UTC
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import CheckConstraint, JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain.attack_state import Severity, USUAL_HOURS
from webapp.domain.attraction import Attraction, AttractionKind
from webapp.domain.base import Base, Choice
from webapp.domain.errors import Refused
from webapp.domain.event import Event, event
from webapp.domain.mail_settings import check_mail, MailSecurity
from webapp.domain.money import CURRENCIES, WHOLE
from webapp.domain.requisites import check_bank, check_kpp
from webapp.domain.user import User
from webapp.domain.vip_rules import check_rules, USUAL
from webapp.domain.visit_state import USUAL_DAYS
from webapp.domain.words import Department, N_, Role
from webapp.domain.working_hours import WorkingHours


class Company(Base):
    """One row. Requisites stand on proposals; the rest are settings, each with its meaning beside it."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), {"sqlite_autoincrement": True})

    name: Mapped[str] = mapped_column(String(200))
    legal_name: Mapped[str] = mapped_column(String(300), default="")
    inn: Mapped[str] = mapped_column(String(12), default="")
    kpp: Mapped[str] = mapped_column(String(9), default="")
    ogrn: Mapped[str] = mapped_column(String(15), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    bank_name: Mapped[str] = mapped_column(String(200), default="")
    bank_bic: Mapped[str] = mapped_column(String(9), default="")
    bank_account: Mapped[str] = mapped_column(String(34), default="")
    correspondent_account: Mapped[str] = mapped_column(String(20), default="")

    currency: Mapped[str] = mapped_column(String(3), default="RUB")
    language: Mapped[str] = mapped_column(String(5), default="ru")
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/Moscow")

    workday_starts: Mapped[time] = mapped_column(default=time(9))
    workday_ends: Mapped[time] = mapped_column(default=time(18))
    workdays: Mapped[list[int]] = mapped_column(JSON, default=lambda: [1, 2, 3, 4, 5])
    """ISO weekdays that are worked."""
    holidays: Mapped[list[str]] = mapped_column(JSON, default=list)
    """ISO dates that are not worked."""

    handoff_hours: Mapped[dict[str, int]] = mapped_column(
        JSON, default=lambda: {Department.SALES: 8, Department.CLIENT: 8, Department.VIP: 16}
    )
    """Working hours in which the receiving department answers an offered hand-off (usual in the trade: one day)."""
    attack_hours: Mapped[dict[str, int]] = mapped_column(JSON, default=lambda: dict(USUAL_HOURS))
    """Working hours from the first signal of a rival to a personal visit, by severity."""
    call_scripts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """The company's own words on the phone; ``call_script`` says what stands here."""
    vip_rules: Mapped[dict[str, int]] = mapped_column(JSON, default=lambda: dict(USUAL))
    """By what a quarterly review of the VIP list proposes."""
    discount_limits: Mapped[dict[str, int]] = mapped_column(
        JSON, default=lambda: {Role.MEMBER: WHOLE, Role.HEAD: WHOLE, Role.DIRECTOR: WHOLE}
    )
    """Basis points that each role gives without asking. No source gives numbers: at first nobody has to ask."""
    mask_contacts: Mapped[bool] = mapped_column(default=True)
    """Phones and e-mails are masked outside the owner's department."""
    second_factor_roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Roles that must use a second factor."""
    live_contact_days: Mapped[int] = mapped_column(default=90)
    """Days for which a contact stays live after the client last took part. The method gives no number: ours is the
    longest step of the published 30, 60 and 90 days of freshness."""
    visit_days: Mapped[int] = mapped_column(default=USUAL_DAYS)
    """Days between two visits to a client of the VIP department. The method gives no number: it is a start."""
    contacts_a_week: Mapped[int] = mapped_column(default=2)
    """How often launches and colleagues together contact one client in a week. No source gives a number: ours."""

    mailing_days: Mapped[int] = mapped_column(default=90)
    """Days in which the link of an e-mail about a new product shows it and takes an answer. No source gives a number:
    ours. The way out of the mailings works for ever."""
    launch_days: Mapped[int] = mapped_column(default=90)
    """Days after a launch's end in which offers and sales still count for it. No source gives a number: ours is the
    longest step of the published freshness, as for live contact."""

    mail_host: Mapped[str] = mapped_column(String(253), default="")
    """The server that takes letters (SMTP); empty: nothing is e-mailed. Its password stands in the environment."""
    mail_port: Mapped[int] = mapped_column(default=587)
    mail_security: Mapped[MailSecurity] = mapped_column(Choice(MailSecurity), default=MailSecurity.STARTTLS)
    mail_user: Mapped[str] = mapped_column(String(200), default="")
    mail_from: Mapped[str] = mapped_column(String(254), default="")
    """The address that letters come from, and to which those that could not be delivered return."""

    attraction_kind: Mapped[AttractionKind] = mapped_column(Choice(AttractionKind), default=AttractionKind.PAYMENTS)
    """By what the period of initial attraction is measured, where a product does not say it of its own."""
    attraction_size: Mapped[int] = mapped_column(default=1)
    """Payments, days, or minor units of the company's currency. No standard exists: one payment is only a start."""

    LONGEST_HANDOFF = 500
    """Working hours: a quarter of a year."""
    LONGEST_LIVE_CONTACT = 365
    """Days."""
    MOST_CONTACTS_A_WEEK = 14
    RANGES = (
        ("live_contact_days", 7, LONGEST_LIVE_CONTACT, N_("Between 7 and %(most)s days, please")),
        ("visit_days", 7, LONGEST_LIVE_CONTACT, N_("Between 7 and %(most)s days, please")),
        ("launch_days", 0, LONGEST_LIVE_CONTACT, N_("At most %(most)s days, please")),
        ("mailing_days", 7, LONGEST_LIVE_CONTACT, N_("Between 7 and %(most)s days, please")),
        ("contacts_a_week", 1, MOST_CONTACTS_A_WEEK, N_("Between 1 and %(most)s contacts, please")),
    )
    """A setting, its least and its most, and what to say beyond them."""
    NOT_EDITABLE = frozenset({"id", "call_scripts"})

    @property
    def hours(self) -> WorkingHours:
        return WorkingHours(
            self.workday_starts,
            self.workday_ends,
            frozenset(self.workdays),
            frozenset(date.fromisoformat(day) for day in self.holidays),
            ZoneInfo(self.timezone),
        )

    def today(self, at: datetime) -> date:
        """The date at the company's seat: the day that documents and the nightly work go by."""
        return at.astimezone(ZoneInfo(self.timezone)).date()

    def end_of(self, day: date) -> datetime:
        """The moment at which a day is over at the company's seat."""
        return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(self.timezone)).astimezone(UTC)

    def change(self, *, by: User, at: datetime, **fields: Any) -> Event:
        """Change requisites or settings. The event names the fields, not their values."""
        unknown = set(fields) - (set(self.__table__.columns.keys()) - self.NOT_EDITABLE)
        if unknown:
            raise KeyError(f"not editable: {unknown}")
        changed = sorted(field for field, value in fields.items() if getattr(self, field) != value)
        for field in changed:
            setattr(self, field, fields[field])
        self._check()
        return event("company:changed", by=by, at=at, subject_id=self.id, details={"fields": changed})

    @property
    def attraction(self) -> Attraction:
        return Attraction(self.attraction_kind, self.attraction_size, self.currency)

    @property
    def sends_mail(self) -> bool:
        return bool(self.mail_host)

    def needs_second_factor(self, role: Role) -> bool:
        return role in self.second_factor_roles

    def _check(self) -> None:
        check_kpp(self.kpp)
        check_bank(self.bank_bic, self.bank_account, self.correspondent_account)
        check_mail(self.mail_host, self.mail_port, self.mail_security, self.mail_user, self.mail_from)
        self.attraction.check()
        check_rules(self.vip_rules)
        self._check_time()
        if self.currency not in CURRENCIES:
            raise Refused(N_("Choose a currency"), field="currency")
        if set(self.handoff_hours) != set(Department):
            raise KeyError("every department has its hours")
        if not all(0 < hours <= self.LONGEST_HANDOFF for hours in self.handoff_hours.values()):
            raise Refused(N_("Between 1 and %(most)s working hours, please"), most=self.LONGEST_HANDOFF)
        for field, least, most, sentence in self.RANGES:
            if not least <= getattr(self, field) <= most:
                raise Refused(sentence, field=field, most=most)
        if set(self.attack_hours) != set(Severity):
            raise KeyError("every severity has its hours")
        if not all(0 < hours <= self.LONGEST_HANDOFF for hours in self.attack_hours.values()):
            raise Refused(N_("Between 1 and %(most)s working hours, please"), most=self.LONGEST_HANDOFF)
        self._check_limits()
        if not set(self.second_factor_roles) <= set(Role):
            raise KeyError("only roles can be asked for a second factor")

    def _check_limits(self) -> None:
        if set(self.discount_limits) != {Role.MEMBER, Role.HEAD, Role.DIRECTOR}:
            raise KeyError("every role that sells has its limit")
        if not all(0 <= limit <= WHOLE for limit in self.discount_limits.values()):
            raise Refused(N_("A discount is between 0 and 100 %"))

    def _check_time(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise Refused(N_("Choose a time zone"), field="timezone") from None
        if self.workday_starts >= self.workday_ends:
            raise Refused(N_("The working day ends after it starts"), field="workday_ends")
        if not self.workdays or not set(self.workdays) <= set(range(1, 8)):
            raise Refused(N_("Choose at least one working day"), field="workdays")
