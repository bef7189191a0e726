"""What a template says of a proposal's look: colours that can be read, requisites that are shown, blocks of text."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from webapp.domain.errors import Refused
from webapp.domain.proposal_check import CONTROLS, LANGUAGES, MOST_ROWS
from webapp.domain.words import N_

PLAIN = "#1f5fbf"
"""The accent of a proposal without a template."""

COLOUR = re.compile(r"#[0-9a-f]{6}")
LEAST_CONTRAST = Decimal("4.5")
"""Of words to the paper behind them (WCAG 2.2, 1.4.3)."""
FLARE = Decimal("0.05")
"""Light that every surface throws back."""
WEIGHTS = (Decimal("0.2126"), Decimal("0.7152"), Decimal("0.0722"))
"""How bright red, green and blue are to the eye."""
WHITE, DARK = "#ffffff", "#1b2430"

REQUISITES: dict[str, str] = {
    "legal_name": N_("Full legal name"),
    "address": N_("Address"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "numbers": N_("INN, KPP, OGRN"),
    "bank": N_("Bank account"),
}
"""What may stand at the head of the document beside the company's name."""

LONGEST_BLOCK = 5_000
LONGEST_LINE = 200
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Blocks:
    """The company's own words in one language, in the few marks of ``webapp.pdf.markup``; each may be empty."""

    cover: str = ""
    intro: str = ""
    """Before the task."""
    terms: str = ""
    """After the version's own terms."""
    closing: str = ""
    """Above the name of who signs; empty: “Yours sincerely,”."""
    signatory: str = ""
    """Who signs; empty: the author."""

    def keep(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that a person may choose in a template, without the logo."""

    name: str
    accent: str = PLAIN
    cover: bool = False
    cover_colour: str = PLAIN
    requisites: tuple[str, ...] = tuple(REQUISITES)
    blocks: Mapping[str, Blocks] = field(default_factory=dict)

    def words(self, language: str) -> Blocks:
        return self.blocks.get(language, Blocks())

    def check(self) -> None:
        """Refuse what could not be read or printed; names the field at fault."""
        if not self.name.strip() or len(self.name) > LONGEST_NAME:
            raise Refused(N_("Give it a name"), field="name")
        for name, colour in (("accent", self.accent), ("cover_colour", self.cover_colour)):
            if not COLOUR.fullmatch(colour):
                raise Refused(N_("A colour is written as #1f5fbf"), field=name)
        if contrast(self.accent, WHITE) < LEAST_CONTRAST:
            raise Refused(N_("Words in this colour can hardly be read on white: choose a darker one"), field="accent")
        if not set(self.requisites) <= set(REQUISITES):
            raise Refused(N_("Choose from the list"), field="requisites")
        for language, blocks in self.blocks.items():
            _check_blocks(language, blocks)

    def content(self, language: str) -> dict[str, Any]:
        """What is printed of it in this language, as plain JSON."""
        words = self.words(language).keep()
        cover = {"background": self.cover_colour, "ink": ink_on(self.cover_colour), "text": words.pop("cover")}
        return {
            "accent": self.accent,
            "cover": cover if self.cover else None,
            "requisites": list(self.requisites),
            **words,
        }


def _check_blocks(language: str, blocks: Blocks) -> None:
    if language not in LANGUAGES:
        raise Refused(N_("Choose a language"))
    for name, text in blocks.keep().items():
        one_line = name in ("closing", "signatory")
        longest = LONGEST_LINE if one_line else LONGEST_BLOCK
        field_name = f"{name}_{language}"
        if len(text) > longest:
            raise Refused(N_("At most %(longest)s letters"), field=field_name, longest=longest)
        if text.count("\n") > (0 if one_line else MOST_ROWS):
            raise Refused(N_("At most %(rows)s lines of text"), field=field_name, rows=1 if one_line else MOST_ROWS)
        if CONTROLS & set(text):
            raise Refused(N_("This holds characters that cannot be printed"), field=field_name)


def ink_on(background: str) -> str:
    """White or dark: whichever is read better on that colour."""
    return max((WHITE, DARK), key=lambda ink: contrast(ink, background))


def contrast(one: str, other: str) -> Decimal:
    """From 1 (the same) to 21 (black on white). Source: WCAG 2.2, relative luminance."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + FLARE) / (darker + FLARE)


def _luminance(colour: str) -> Decimal:
    parts = (Decimal(int(colour[at : at + 2], 16)) / 255 for at in (1, 3, 5))
    return sum((weight * _linear(part) for weight, part in zip(WEIGHTS, parts, strict=True)), Decimal(0))


def _linear(part: Decimal) -> Decimal:
    if part <= Decimal("0.04045"):
        return part / Decimal("12.92")
    return ((part + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")
