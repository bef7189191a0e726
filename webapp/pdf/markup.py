"""The few marks a person may write in a proposal's text: paragraphs, headings, lists, **bold**, *italic*.

A link becomes its words with the address in brackets, a picture its description: nothing points anywhere and nothing
is fetched. HTML is shown as it was typed.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import escape, Markup

TAGS = set("p strong em ul ol li br h3 h4".split())
DEEPEST = 8

LONGEST_WORD = 60
"""Letters without a space; behind them a place to break is put, or the printer tries each letter in turn."""
PIECES = re.compile(r"</?(\w+)>|&#?\w+;|.", re.DOTALL)
"""A tag, or one letter."""


class Inert(RendererHTML):
    """Writes links, pictures and large headings as plain words."""

    def link_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return ""

    def link_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        depth = 0
        for index in range(at, -1, -1):
            depth += {"link_close": 1, "link_open": -1}.get(tokens[index].type, 0)
            if depth == 0:
                words = "".join(token.content for token in tokens[index + 1 : at])
                address = str(tokens[index].attrGet("href") or "")
                return "" if address in ("", words) else f" ({escape(address)})"
        return ""

    def image(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return str(escape(tokens[at].content))

    def heading_open(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return "<h3>" if tokens[at].tag in ("h1", "h2", "h3") else "<h4>"

    def heading_close(self, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
        return "</h3>\n" if tokens[at].tag in ("h1", "h2", "h3") else "</h4>\n"


def _any_address(url: str) -> bool:
    """An address is only ever shown: none is dangerous."""
    return True


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": DEEPEST}, renderer_cls=Inert)
    reader.validateLink = _any_address  # type: ignore[method-assign]
    return reader.enable(
        [
            "heading",
            "list",
            "emphasis",
            "newline",
            "escape",
            "entity",
            "link",
            "image",
            "balance_pairs",
            "fragments_join",
        ]
    )


def formatted(text: str) -> Markup:
    """The text as HTML that holds only ``TAGS`` without any attribute."""
    return Markup(_breakable(nh3.clean(_reader().render(text), tags=TAGS, attributes={}, link_rel=None)))  # noqa: S704


def _breakable(html: str) -> str:
    """The same with places to break inside endless words, which may go through bold and italic."""
    found, length = [], 0
    for piece in PIECES.finditer(html):
        found.append(piece[0])
        if piece[1] in ("strong", "em"):
            continue
        length = 0 if piece[1] or piece[0].isspace() else length + 1
        if length == LONGEST_WORD:
            found.append("\N{ZERO WIDTH SPACE}")
            length = 0
    return "".join(found)
