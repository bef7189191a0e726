"""How a document's HTML is read: with the printer's own rules, but for those that reckon footnotes and list marks for
every element. Our documents have no footnote, and a mark stands only before a list's item. A sixth of a one-page print
went into styles that nobody sees; the bytes are the same, which a test holds.
"""

from functools import cache
from typing import Any

FOOTNOTES = ("::footnote-", "::note-")
MARKS = "::marker"


@cache
def reader() -> Any:
    """The printer's class for a page of HTML, made once in a process."""
    from weasyprint import CSS, HTML
    from weasyprint.html import UA, UA_COUNTER_STYLE

    kept = (row for row in UA.splitlines() if not row.startswith(FOOTNOTES))
    rules = CSS(
        string="\n".join(f"li{row}" if row.startswith(MARKS) else row for row in kept), counter_style=UA_COUNTER_STYLE
    )

    class Page(HTML):
        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
            return [rules]

    return Page
