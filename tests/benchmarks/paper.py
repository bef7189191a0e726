"""Proposals of one page and of 200 lines, against calling WeasyPrint directly on the same HTML and the same style, each
in a process of its own: what our printing sets up for its process would help the other one too."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from tests.pdf.contents import a_content, offered
from webapp.pdf.archive import VARIANT
from webapp.pdf.document import print_pdf, STYLE, write
from webapp.pdf.faces import font_faces
from webapp.pdf.fetcher import ShippedOnly

ROUNDS = 3
TIMES = 20
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
    spawn = get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as ours, ProcessPoolExecutor(1, spawn) as plain:
        spent = [
            (ours.submit(_ms, print_pdf, html, times).result(), plain.submit(_ms, _plain, html, times).result())
            for _ in range(ROUNDS + 1)
        ][1:]  # the first round reads what a process reads once
    ms, plain_ms = (statistics.median(each) for each in zip(*spent, strict=True))
    return {"ms": ms, "plain_ms": plain_ms, "ratio": ms / plain_ms}


def _plain(html: str) -> None:
    fonts, fetcher = FontConfiguration(), ShippedOnly()
    style = CSS(string=font_faces() + STYLE.read_text("utf-8"), font_config=fonts, url_fetcher=fetcher)
    HTML(string=html, url_fetcher=fetcher).write_pdf(
        stylesheets=[style], font_config=fonts, pdf_variant=VARIANT, pdf_tags=True, pdf_version="1.7"
    )


def _ms(work: Callable[[str], object], html: str, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        work(html)
    return (time.perf_counter() - start) / times * 1000
