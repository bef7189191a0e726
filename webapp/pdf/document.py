"""A proposal's content as HTML, and that HTML as PDF. The same content prints the same bytes.

Source: the content is what ``webapp.domain.proposal_content`` froze; nothing here asks the database or the clock.
"""

import gc
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, NamedTuple

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.pdf import words
from webapp.pdf.archive import keep_standards, VARIANT
from webapp.pdf.look import look_style
from webapp.pdf.markup import formatted
from webapp.pdf.payment_code import payment_code
from webapp.pdf.reading import reader
from webapp.settings import ROOT

MOST_PAGES = 150
"""More than the longest draft that ``proposal_check`` allows; a guard for the worker, not for people."""

LOGO = "baton:logo"
"""The address of the company's logo within a document."""

Picture = tuple[bytes, str]
"""The bytes of a picture and its media type."""

STYLE = Path(__file__).with_name("proposal.css")
INVOICE_STYLE = Path(__file__).with_name("invoice.css")


LATER: dict[str, Any] = {"section": "", "choice": "included", "replaces": None}
"""What the lines of proposals that were frozen long ago do not say."""
LATER_OF_ALL: dict[str, Any] = {"discount": 0, "look": None, "attachments": []}
"""What such proposals themselves do not say."""


class TooLong(Exception):
    """The document has more pages than a worker prints."""


def write(content: Mapping[str, Any], stylesheets: tuple[str, ...] = (), logo: str = LOGO) -> str:
    """The document as a page of HTML in its own language; ``stylesheets`` and ``logo`` are addresses for a browser's
    preview."""
    template = _environment(content["language"]).get_template("pdf/proposal.html")
    proposal = {**LATER_OF_ALL, **content, "lines": [LATER | line for line in content["lines"]]}
    return template.render(proposal=proposal, stylesheets=stylesheets, logo=logo)


def write_invoice(content: Mapping[str, Any]) -> str:
    """An invoice (``webapp.domain.invoice_content``) as a page of HTML in its own language."""
    template = _environment(content["language"]).get_template("pdf/invoice.html")
    return template.render(invoice={"leaflet": None, **content})


def write_credit_note(content: Mapping[str, Any]) -> str:
    """A credit note in the same way."""
    return _environment(content["language"]).get_template("pdf/credit_note.html").render(invoice=content)


def write_record(content: Mapping[str, Any]) -> str:
    """The record of an acceptance (``proposal_content.record_content``) in the same way."""
    template = _environment(content["language"]).get_template("pdf/acceptance.html")
    return template.render(record={"attachments": [], **content})


def write_commission(content: Mapping[str, Any]) -> str:
    """A statement of commission (``webapp.web.commission_paper``) in the same way."""
    return _environment(content["language"]).get_template("pdf/commission.html").render(statement=content)


def print_proposal(content: Mapping[str, Any], logo: Picture | None = None) -> bytes:
    """The bytes of a proposal's PDF; ``logo`` is the one that its look names."""
    look = content.get("look")
    return print_pdf(write(content), {LOGO: logo} if logo else {}, look_style(look) if look else "")


def print_pdf(html: str, pictures: Mapping[str, Picture] | None = None, colours: str = "") -> bytes:
    """The bytes of a proposal's PDF. Takes about 0.1 s a page and 90 MB: call it in a worker, under a time limit.
    ``pictures`` are what the page may show beside the shipped fonts, by their addresses; ``colours`` are rules of
    ``look_style``."""
    from weasyprint import CSS

    from webapp.pdf.fetcher import ShippedOnly

    fetcher = ShippedOnly(pictures) if pictures else _tools().fetcher
    return _print(html, fetcher, [CSS(string=colours, url_fetcher=fetcher)] if colours else [])


def print_paper(html: str) -> bytes:
    """The same of an invoice, a credit note, a record or a statement, which add something to a proposal's style."""
    tools = _tools()
    return _print(html, tools.fetcher, [tools.papers])


def _print(html: str, fetcher: Any, more: list[Any]) -> bytes:
    tools = _tools()
    options = {"stylesheets": [tools.style, *more], "font_config": tools.fonts, "pdf_variant": VARIANT}
    with uncollected():
        document = reader()(string=html, url_fetcher=fetcher).render(**options)
        if len(document.pages) > MOST_PAGES:
            raise TooLong(f"{len(document.pages)} pages, {MOST_PAGES} at most")
        return bytes(document.write_pdf(**keep_standards(document)))


@contextmanager
def uncollected() -> Iterator[None]:
    """Nobody looks for garbage meanwhile: a print makes a million small objects that live to its end, and looking
    through them again and again takes a quarter of a long one."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Tools(NamedTuple):
    fetcher: Any
    fonts: Any
    style: Any
    papers: Any


@cache
def _tools() -> _Tools:
    """What documents of this process share, read once: fonts, styles, and a fetcher that knows no picture."""
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    from webapp.pdf.faces import font_faces
    from webapp.pdf.fetcher import ShippedOnly

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    fetcher, fonts = ShippedOnly(), FontConfiguration()
    given = {"font_config": fonts, "url_fetcher": fetcher}
    style = CSS(string=font_faces() + STYLE.read_text("utf-8"), **given)
    papers = CSS(string=INVOICE_STYLE.read_text("utf-8"), **given)
    gc.collect()
    gc.freeze()  # what the process holds by now lives as long as it does: no later look for garbage goes through it
    Finalize(None, _tools.cache_clear, exitpriority=10)  # the fonts' temporary folder goes with the process
    return _Tools(fetcher, fonts, style, papers)


@cache
def _environment(language: str) -> Environment:
    """Templates whose words are in the document's language, whoever prints it."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations = Translations.load(ROOT / "webapp" / "translations", [language])
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["formatted"] = formatted
    environment.globals["payment_code"] = payment_code
    for name in ("amount", "money", "quantity", "percent", "long_date", "sum_in_words", "symbol"):
        environment.filters[name] = partial(_in, getattr(words, name), language)
    return environment


def _in(write: Any, language: str, *values: Any) -> str:
    return str(write(*values, language))
