"""How a document's HTML is read: with the printer's own rules, but for those that are asked of every element and say
nothing of ours: footnotes, list marks outside of lists, directions beside ``auto``, hidden tables, forms. A fifth of a
one-page print went into styles that nobody sees, and a twentieth into rules for careless HTML, where ours closes every
tag. The bytes are the same, which a test holds.
"""

from functools import cache
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

LEFT_OUT = (
    *("::footnote-", "::note-", "[dir", ":is(dir, menu, ol, ul)[dir", "dd[dir"),
    *(":is(colgroup", ":is(input", "table:is(", "@counter-style"),
)
"""How those rules begin. The styles of counters are handed over as they are."""
MARKS = "::marker"

VOID = frozenset({"br", "img", "link", "meta"})
"""Tags that close themselves."""

OF_BLOCKS = frozenset("html head body main header footer section div dl ol ul table thead tbody tr".split())
"""Tags that hold no words of their own: spaces between what they hold only lay out the source."""


class _Tree(HTMLParser):
    """The elements of a document whose every tag is closed. What is drawn inside a page (SVG) needs the printer's own
    reader, which knows its names."""

    def __init__(self) -> None:
        super().__init__()
        self._builder, self._open = TreeBuilder(), [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._builder.start(tag, {name: value or "" for name, value in attrs})
        self._open.append(tag)
        if tag in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open.pop() != tag:
            raise ValueError(f"A document of ours does not close its <{tag}>")
        self._builder.end(tag)

    def handle_data(self, data: str) -> None:
        within = self._open[-1]
        if within and not (within in OF_BLOCKS and data.isspace()):
            self._builder.data(data)

    def root(self) -> Element:
        self.close()
        return self._builder.close()


def tree(html: str) -> Element:
    """The root element of a document of ours; ValueError where a tag is not closed."""
    reading = _Tree()
    reading.feed(html)
    return reading.root()


@cache
def reader() -> Any:
    """The printer's class for a page of HTML, made once in a process."""
    from cssselect2 import ElementWrapper
    from weasyprint import CSS, HTML
    from weasyprint.html import UA, UA_COUNTER_STYLE

    kept = (row for row in UA.splitlines() if not row.startswith(LEFT_OUT))
    rules = CSS(
        string="\n".join(f"li{row}" if row.startswith(MARKS) else row for row in kept), counter_style=UA_COUNTER_STYLE
    )

    class Page(HTML):
        def __init__(self, string: str, url_fetcher: Any) -> None:
            if "<svg" in string:
                super().__init__(string=string, url_fetcher=url_fetcher)
                return
            self.base_url, self.url_fetcher, self.media_type = None, url_fetcher, "print"
            self.etree_element = tree(string)
            self.wrapper_element = ElementWrapper.from_html_root(self.etree_element, content_language=None)

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
            return [rules]

    return Page
