"""The browser's guards themselves: each must be able to fail."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support.browser import axe_violations, sideways, Troubles

pytestmark = pytest.mark.fresh

WRONG = {
    "console error: lost": "console.error('lost')",
    "script error": "setTimeout(() => { throw new Error('lost') })",
    "asks another host": "location.assign('http://elsewhere.example/')",
    "Content Security Policy": "document.body.setAttribute('style', 'color: red')",
}


@pytest.mark.parametrize("trouble", WRONG)
def test_a_page_that_misbehaves_is_noticed(page_for: Callable[..., Page], troubles: Troubles, trouble: str) -> None:
    page = page_for()
    page.goto("/healthz")
    page.goto("/nothing-here")
    assert troubles == []
    page.evaluate(f"() => {{ {WRONG[trouble]} }}")
    page.wait_for_timeout(50)
    assert any(trouble in heard for heard in troubles)
    troubles.clear()


def test_an_application_that_raises_is_noticed(
    page_for: Callable[..., Page], troubles: Troubles, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "healthz.show", lambda: 1 // 0)
    page_for().goto("/healthz")
    assert [heard for heard in troubles if "ZeroDivisionError" in heard]
    troubles.clear()


def test_what_axe_finds_is_named(page_for: Callable[..., Page]) -> None:
    page = page_for()
    page.goto("/nothing-here")
    assert axe_violations(page) == []
    page.evaluate("() => document.documentElement.removeAttribute('lang')")
    assert [found for found in axe_violations(page) if "html-has-lang" in found]


def test_what_cannot_be_read_in_one_theme_only_is_named(page_for: Callable[..., Page]) -> None:
    page = page_for()
    page.goto("/nothing-here")
    for colour in ("#222", "#eee"):
        page.evaluate(f"() => document.querySelector('h1').style.color = '{colour}'")
        assert [found for found in axe_violations(page) if "color-contrast" in found]


def test_what_makes_a_page_too_wide_is_named(page_for: Callable[..., Page]) -> None:
    page = page_for(width=360)
    page.goto("/nothing-here")
    assert sideways(page) == []
    page.evaluate("() => document.querySelector('h1').append('broad'.repeat(200))")
    assert [found for found in sideways(page) if "broad" in found]
