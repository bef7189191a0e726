"""A one-page proposal, against calling WeasyPrint directly on the same HTML and the same style."""

import statistics
import time
from collections.abc import Callable

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from tests.pdf.contents import a_content
from webapp.pdf.archive import VARIANT
from webapp.pdf.document import print_pdf, STYLE, write
from webapp.pdf.fetcher import font_faces, ShippedOnly

TIMES = 15


def proposal_ratio() -> dict[str, float]:
    """Medians in milliseconds of our printing and of plain WeasyPrint, asked in turn, and their ratio."""
    html = write(a_content())

    def plain() -> None:
        fonts, fetcher = FontConfiguration(), ShippedOnly()
        style = CSS(string=font_faces() + STYLE.read_text("utf-8"), font_config=fonts, url_fetcher=fetcher)
        HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[style], font_config=fonts, pdf_variant=VARIANT, pdf_tags=True, pdf_version="1.7"
        )

    print_pdf(html), plain()
    ours, theirs = [], []
    for _ in range(TIMES):
        ours.append(_seconds(lambda: print_pdf(html)))
        theirs.append(_seconds(plain))
    ms, plain_ms = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    return {"ms": ms, "plain_ms": plain_ms, "ratio": ms / plain_ms}


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
