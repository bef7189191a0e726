"""Forms about oneself: name and language, password, code of the second factor."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from webapp.domain.errors import Refused
from webapp.domain.password_rules import check_password, SHORTEST
from webapp.web.forms import refuse, TextField, ZoneField
from webapp.web.i18n import LANGUAGES

NEEDED = InputRequired(_l("Please fill this in"))
TYPED_ONCE = {"autocomplete": "current-password"}
TYPED_NEW = {"autocomplete": "new-password", "minlength": SHORTEST}


class CodeForm(FlaskForm):
    """A code of the second factor, or a recovery code."""

    code = StringField(
        _l("Code"),
        [NEEDED, Length(max=40, message=_l("At most %(max)d characters, please"))],
        render_kw={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false", "autocapitalize": "off"},
    )


class PresentPasswordForm(FlaskForm):
    """The present password, before something that a found, unlocked computer must not be enough for."""

    present = PasswordField(_l("Your password"), [NEEDED, Length(max=1000)], render_kw=TYPED_ONCE)


class NewPassword:
    """A new password, twice. For the person to whom it belongs: ``check_for``."""

    password = PasswordField(_l("New password"), [NEEDED], render_kw=TYPED_NEW)
    again = PasswordField(_l("The same once more"), [NEEDED], render_kw={"autocomplete": "new-password"})

    def check_for(self: Any, *of_the_user: str) -> bool:
        """Whether it may be taken; what is wrong stands at the field."""
        try:
            check_password(self.password.data, *of_the_user)
        except Refused as refusal:
            refuse(self, refusal)
        if self.again.data != self.password.data:
            self.again.errors = [_("This differs from the password above")]
        return not self.errors


class NewPasswordForm(NewPassword, FlaskForm):
    """What an access link asks for."""


class ChangePasswordForm(NewPassword, FlaskForm):
    """One's own new password."""

    old = PasswordField(_l("Your present password"), [NEEDED, Length(max=1000)], render_kw=TYPED_ONCE)


class ProfileForm(FlaskForm):
    """Name, language and time zone."""

    name = TextField(_l("Full name"), longest=120)
    language = SelectField(
        _l("Language"), choices=lambda: [("", _("The browser's")), *LANGUAGES.items()], coerce=lambda word: word or None
    )
    timezone = ZoneField(_l("Time zone"))
    alarmed_by_mail = BooleanField(_l("E-mail me when a competitor is after a client that concerns me"))
