"""Importing as a person does it: files go up, the preview comes back, the numbers are read off it."""

import io
from typing import Any

from tests.support.client import soup


def upload(browser: Any, files: list[tuple[str, bytes]], **fields: str) -> Any:
    """The answer to sending these files."""
    sent = [(io.BytesIO(content), name) for name, content in files]
    return browser.post("/imports", data={"files": sent, **fields}, content_type="multipart/form-data")


def bring_in(browser: Any, files: list[tuple[str, bytes]]) -> Any:
    """Files that are sent, previewed and confirmed."""
    return browser.submit(browser.get(upload(browser, files).location), "form#confirm-import")


def numbers(answer: Any) -> dict[str, int]:
    """The figures of the preview or of the result."""
    return {cell["data-count"]: int(cell.text.replace(",", "")) for cell in soup(answer).select("[data-count]")}
