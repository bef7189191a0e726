"""Proposals of one page and of 200 lines, against calling WeasyPrint directly on the same HTML and the same style."""

import gc
import statistics
import time
from collections.abc import Callable

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from tests.pdf.contents import a_content, offered
from webapp.pdf.archive import VARIANT
from webapp.pdf.document import print_pdf, STYLE, write
from webapp.pdf.faces import font_faces
from webapp.pdf.fetcher import ShippedOnly

ROUNDS = 3
TIMES = 10
"""Prints in a row, so that looking for the garbage of all of them is counted too."""
SEVERAL = 3
"""Of the long one."""

LINES = 200


def proposal_ratio() -> dict[str, float]:
    """Of one page: medians in milliseconds of our printing and of plain WeasyPrint, asked in turn, and their ratio."""
    return _ratio(write(a_content()), TIMES)


def long_ratio() -> dict[str, float]:
    """The same of the most lines that a proposal may have."""
    return _ratio(write(a_content([offered(f"Item {number}") for number in range(LINES)])), SEVERAL)


def _ratio(html: str, times: int) -> dict[str, float]:

    def plain() -> None:
        fonts, fetcher = FontConfiguration(), ShippedOnly()
        style = CSS(string=font_faces() + STYLE.read_text("utf-8"), font_config=fonts, url_fetcher=fetcher)
        HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[style], font_config=fonts, pdf_variant=VARIANT, pdf_tags=True, pdf_version="1.7"
        )

    print_pdf(html), plain()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_ms(lambda: print_pdf(html), times))
        theirs.append(_ms(plain, times))
    ms, plain_ms = statistics.median(ours), statistics.median(theirs)
    return {"ms": ms, "plain_ms": plain_ms, "ratio": ms / plain_ms}


def _ms(work: Callable[[], object], times: int) -> float:
    gc.collect()
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times * 1000
