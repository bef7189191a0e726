"""Forms about other users: invite, change, hand over."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from webapp.domain.user import APPOINTS, IN_A_DEPARTMENT
from webapp.domain.words import Department, Role
from webapp.web.access import actor
from webapp.web.forms import ChoiceField, EmailField, LongTextField, TextField


def number(text: str | None) -> int | None:
    """A number of an address or form; None where it is none, or larger than any id."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def chosen(value: str | int | None) -> int | None:
    """The id that a select field sent; None for its empty choice."""
    if value in (None, ""):
        return None
    found = number(str(value))
    if found is None:
        raise ValueError
    return found


class UserForm(FlaskForm):
    """Who somebody is. What one may appoint decides which roles are offered."""

    name = TextField(_l("Full name"), longest=120)
    email = EmailField(_l("E-mail"))
    role = ChoiceField(_l("Role"), Role)
    department = ChoiceField(_l("Department"), Department, empty=_l("No department"))
    head_id = SelectField(_l("Head"), [Optional()], coerce=chosen)
    office = TextField(_l("Office"), required=False, longest=120)

    def offer(self, heads: list[tuple[int, str, Department | None]], *, now: Role | None = None) -> "UserForm":
        """Offer the heads, and the roles that the asking person appoints (``now``: the one the user has)."""
        allowed = APPOINTS.get(actor().role, frozenset()) | ({now} if now else set())
        self.role.choices = [(role.value, _(role.label)) for role in Role if role in allowed]
        named = [(key, f"{name} · {_(at.label)}" if at else name) for key, name, at in heads]
        self.head_id.choices = [("", _("Nobody")), *named]
        return self

    def said(self) -> dict[str, object]:
        """The fields as the domain takes them. A director or administrator has no department and no head."""
        placed = self.role.data in IN_A_DEPARTMENT
        return {
            "name": self.name.data,
            "email": self.email.data,
            "role": self.role.data,
            "department": self.department.data if placed else None,
            "head_id": self.head_id.data if self.role.data is Role.MEMBER else None,
            "office": self.office.data,
        }


class HandOverForm(FlaskForm):
    """To whom all open work goes, and why."""

    colleague_id = SelectField(_l("Colleague"), [InputRequired(_l("Please choose"))], coerce=chosen)
    reason = LongTextField(_l("Reason"), longest=300, render_kw={"rows": 2})

    def offer(self, colleagues: list[tuple[int, str, int]]) -> "HandOverForm":
        clients = {key: ngettext("%(num)s client", "%(num)s clients", count) for key, _name, count in colleagues}
        named = [(key, f"{name} · {clients[key]}") for key, name, _count in colleagues]
        self.colleague_id.choices = [("", _("Choose")), *named]
        return self
