"""The form of a template: colours, requisites, the logo, and the company's words in each language."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField
from wtforms.validators import Optional

from webapp.domain.proposal_check import LANGUAGES
from webapp.domain.proposal_look import Blocks, LONGEST_BLOCK, LONGEST_LINE, LONGEST_NAME, Look, PLAIN, REQUISITES
from webapp.domain.proposal_template import ProposalTemplate
from webapp.exchange import logo
from webapp.web.attack_form import Seen
from webapp.web.checks import clean
from webapp.web.forms import LongTextField, TextField

COLOURED = {"type": "color"}


class ColourField(StringField):
    """A colour as the browser's own picker gives it: ``#1f5fbf``."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, filters=[lambda text: clean(text).lower()], render_kw=COLOURED, **kwargs)


class TemplateForm(Seen):
    """Beside these fields it has those of each language, added below: ``intro_ru`` and so on."""

    name = TextField(_l("Name"), longest=LONGEST_NAME)
    accent = ColourField(_l("Accent"), default=PLAIN, description=_l("The line at the head, and the small heading"))
    logo = FileField(_l("Logo"), [Optional()])
    without_logo = BooleanField(_l("Remove the logo"))
    requisites = SelectMultipleField(
        _l("Shown at the head"),
        choices=lambda: [(name, _(label)) for name, label in REQUISITES.items()],
        default=list(REQUISITES),
        description=_l("Beside the company's name. What is not filled in stays out anyway."),
    )
    cover = BooleanField(_l("Begin with a cover page"))
    cover_colour = ColourField(_l("Colour of the cover"), default=PLAIN)
    shown = SelectField(_l("Preview in"), choices={"ru": "Русский", "en": "English"})

    def look(self) -> Look:
        """What was typed. Only after the form was found valid."""
        blocks = {
            language: Blocks(**{name: self[f"{name}_{language}"].data or "" for name in Blocks.__slots__})
            for language in LANGUAGES
        }
        return Look(
            self.name.data or "",
            self.accent.data or "",
            bool(self.cover.data),
            self.cover_colour.data or "",
            tuple(self.requisites.data or ()),
            blocks,
        )

    def words(self, language: str) -> list[Field]:
        """The fields of that language, in the order of the page."""
        return [self[f"{name}_{language}"] for name in Blocks.__slots__]

    def sent_logo(self) -> tuple[bytes, str] | None:
        """The logo that was chosen just now, checked and drawn anew; None: none was."""
        sent = self.logo.data
        return logo.cleaned(sent.read(logo.LARGEST + 1)) if sent and sent.filename else None


WORDS = {
    "cover": (_l("Text on the cover"), LONGEST_BLOCK, 3),
    "intro": (_l("Before the task"), LONGEST_BLOCK, 4),
    "terms": (_l("Terms, after those of the proposal"), LONGEST_BLOCK, 5),
    "closing": (_l("Above the signature"), LONGEST_LINE, 1),
    "signatory": (_l("Who signs"), LONGEST_LINE, 1),
}

for _language in LANGUAGES:
    for _name, (_label, _longest, _rows) in WORDS.items():
        _usual: dict[str, Any] = {"required": False, "longest": _longest}
        _field = LongTextField(_label, render_kw={"rows": _rows, "lang": _language}, **_usual)
        setattr(TemplateForm, f"{_name}_{_language}", _field if _rows > 1 else TextField(_label, **_usual))


def filled(template: ProposalTemplate) -> TemplateForm:
    """The form as the template stands."""
    look = template.look
    words = {f"{name}_{language}": text for language in LANGUAGES for name, text in look.words(language).keep().items()}
    own = {name: getattr(look, name) for name in ("name", "accent", "cover", "cover_colour")}
    return TemplateForm(None, data={**own, **words, "requisites": list(look.requisites), "version": template.version})
