"""A real browser for the tests: Debian's Chromium, which sees only this machine and reports whatever goes wrong."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, got_request_exception
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.support.sources import ROOT

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
AXE = ROOT / "static/node_modules/axe-core/axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""Those of its rules whose answer depends on the theme."""
REPEATED = ["tbody > tr:nth-child(n + 9)", "li:nth-child(n + 9)"]
"""Lists say the same in the same colours from the ninth line on."""
SHORTEN = """() => {
  const kinds = new Map();
  const read = (element) => {
    const parts = new Set([`${element.localName} ${element.className}`]);
    for (const child of element.children) for (const part of read(child)) parts.add(part);
    kinds.set(element, [...parts].sort().join());
    return parts;
  };
  const shorten = (element) => {
    const count = new Map();
    for (const child of [...element.children]) {
      const kind = kinds.get(child);
      count.set(kind, (count.get(kind) ?? 0) + 1);
      if (count.get(kind) > 2) child.remove(); else shorten(child);
    }
  };
  read(document.body);
  shorten(document.body);
}"""
"""Of neighbours that hold the same kinds of elements, two stay."""
STILL = """() => {
  const still = new CSSStyleSheet();
  still.replaceSync("*, ::before, ::after { transition: none !important }");
  document.adoptedStyleSheets.push(still);
}"""
"""A colour that passes into another one, however shortly, has none that could be judged."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own browser; CHROMIUM names another."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        needed = "`apt-get install chromium-headless-shell`, or its path in CHROMIUM"
        pytest.fail(f"The browser tests need Chromium: {needed}", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Troubles(list[str]):
    """What went wrong behind a test's back: in the pages it opened, or in the application that served them.

    A test that provokes something on purpose takes it out again.
    """

    leaving = False
    """Pages are being closed: what they were just asking for fails, and means nothing."""

    @contextmanager
    def heard(self, app: Flask) -> Iterator["Troubles"]:
        def note(sender: Flask, exception: BaseException, **extra: Any) -> None:
            self.append(f"the application raised {exception!r}")

        with got_request_exception.connected_to(note, sender=app):
            yield self

    def watch(self, page: Page) -> None:
        """Listens to a page: errors of scripts and the console, the CSP, and requests to other hosts."""
        page.on("pageerror", lambda error: self.append(f"{_path(page.url)}: script error {error}"))
        page.on("console", lambda message: self._console(page, message))
        page.on("request", lambda request: self._request(page, request.url))

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        # A 4xx is an answer that the application gives on purpose; a 5xx has raised in the application as well.
        meaningless = message.text.startswith("Failed to load resource")
        meaningless |= self.leaving and "Failed to fetch" in message.text
        if message.type in {"error", "warning"} and not meaningless:
            self.append(f"{_path(page.url)}: console {message.type}: {message.text}")

    def _request(self, page: Page, url: str) -> None:
        address = urlsplit(url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname != "127.0.0.1":
            self.append(f"{_path(page.url)}: asks another host for {url}")


def axe_violations(page: Page, *, within: str | None = None, without: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds on a page as it stands, one line per place; ``without`` names rules to leave out.

    It looks in both themes. They differ in colours only, so in the dark one it looks at nothing else. Of long lists it
    looks at the beginning.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())  # by the debugger, which the page's CSP does not bind
        page.evaluate(STILL)
    colours = [rule for rule in COLOURS if rule not in without]
    everything = {
        "runOnly": {"type": "tag", "values": STANDARD}, "rules": {rule: {"enabled": False} for rule in without},
    }  # fmt: skip
    place = {"include": [[within or "html"]], "exclude": [[selector] for selector in REPEATED]}
    found = _axe(page, place, everything)
    page.emulate_media(color_scheme="dark")
    found += _axe(page, place, {"runOnly": {"type": "rule", "values": colours}}) if colours else []
    page.emulate_media(color_scheme="light")
    return found


def _axe(page: Page, place: dict[str, Any], options: dict[str, Any]) -> list[str]:
    options |= {"resultTypes": ["violations"], "preload": False}
    asked = "async ([place, options]) => (await axe.run(place, options)).violations"  # what passes is ten times as long
    violations = page.evaluate(asked, [place, options])
    return [
        f"{_path(page.url)}: {found['id']} ({found['impact']}): {found['help']}\n"
        f"      {node['html'][:160]}\n      {' '.join((node.get('failureSummary') or '').split())[:300]}"
        for found in violations
        for node in found["nodes"][:5]
    ]


def shorten(page: Page) -> None:
    """Takes away what a page says again and again, as the rows of a table: for a look that comes last. axe-core reads
    everything that is there, also what it is not asked about."""
    page.evaluate(SHORTEN)


def sideways(page: Page) -> list[str]:
    """The elements that make a page scroll to the side."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          return [...document.body.querySelectorAll("*")]
            .filter((element) => element.getBoundingClientRect().right > wide + 1)
            .slice(0, 5).map((element) => element.outerHTML.slice(0, 120));
        }"""
    )


def _path(url: str) -> str:
    return urlsplit(url).path
