"""Templates as they are written: what the CSP refuses, what escapes escaping, what nobody can translate or reach."""

import re
from collections.abc import Iterator

import pytest

from tests.support.sources import blocks, calls, nothing, python, ROOT, TEMPLATES, templates, texts, where

NEVER = {
    r"\|\s*safe\b": "|safe switches escaping off: build Markup from escaped parts in Python",
    r"autoescape\s+false": "escaping is never off",
    r"<style\b|\sstyle\s*=": "inline style: the CSP refuses it, use a class",
    r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)": "inline script: the CSP refuses it, use static/js",
    r"\son[a-z]+\s*=\s*[\"']": "inline handler: the CSP refuses it, use static/js",
    r"\bhx-on\b": "hx-on needs eval: use static/js",
    r"=\s*[\"']\s*(js|javascript):": "js: needs eval",
    r"hx-trigger\s*=\s*\"[^\"]*\[": "a trigger filter needs eval",
    r"hx-trigger\s*=\s*'[^']*\[": "a trigger filter needs eval",
    r"\b(src|href|action)\s*=\s*[\"'](https?:)?//": "nothing is loaded from another host",
    r"hx-ext\s*=": "htmx 4 has no hx-ext: extensions are named in its configuration",
}

SPOKEN = ("title", "aria-label", "placeholder", "alt", "aria-description", "data-confirm", "label")
"""Attributes that a person reads or hears."""

UNSPOKEN_TEXT = set("Baton English Русский CSV XLSX PDF QR SHA UTC Ctrl Esc Enter ИНН КПП ОГРН БИК".split())
"""Names that are the same in every language."""


@pytest.mark.parametrize("pattern", NEVER)
def test_templates_never(pattern: str) -> None:
    found = [
        where(file, number)
        for file in templates()
        for number, line in enumerate(_without_comments(file.read_text()).splitlines(), 1)
        if re.search(pattern, line, re.IGNORECASE)
    ]
    nothing(found, NEVER[pattern])


def test_every_form_says_where_it_goes_and_how() -> None:
    found = []
    for file in templates():
        text = _without_comments(file.read_text())
        for form in re.finditer(r"<form\b(.*?)</form>", text, re.DOTALL):
            at = where(file, text[: form.start()].count("\n") + 1)
            posts = re.search(r"method=[\"']post", form.group(1), re.IGNORECASE)
            if re.search(r"method=[\"']dialog", form.group(1)):
                continue
            if not re.search(r"\baction=", form.group(1)):
                found.append(f"{at} has no action: without JavaScript it goes to whatever page shows it")
            if not re.search(r"\bmethod=", form.group(1)):
                found.append(f"{at} has no method")
            if posts and not re.search(r"csrf|hidden_tag", form.group(1)):
                found.append(f"{at} posts without csrf()")
    nothing(found, "a form works by itself")


def test_every_word_on_the_screen_can_be_translated() -> None:
    found = [f"{where(file)} {word!r}" for file in templates() for word in _bare_words(file.read_text())]
    nothing(found, 'write {{ _("…") }}')


def test_every_fragment_that_a_view_renders_exists() -> None:
    found = [
        f"{where(file, call)} {name} has no block {block!r} of its own"
        for file in python("webapp")
        for call in calls(file, "fragment", "render_block")
        for name, *asked in [texts(call.args) or [""]]
        if name
        for block in asked
        if not (TEMPLATES / name).exists() or block not in blocks(name)
    ]
    nothing(found, "a fragment is a block of its screen's own template")


def test_every_template_is_shown_by_something() -> None:
    code = "".join(file.read_text() for file in python("webapp"))
    code += "".join(re.sub(r"{#.*?#}", "", file.read_text(), flags=re.DOTALL) for file in templates())
    unused = [where(file) for file in templates() if f'"{file.relative_to(TEMPLATES).as_posix()}"' not in code]
    nothing(unused, "no view renders it and no template uses it")


def test_every_template_that_a_view_names_exists() -> None:
    named = [
        f"{where(file, call)} {name}"
        for file in python("webapp")
        for call in calls(file, "page", "render_template", "fragment", "render_block")
        for name in texts(call.args)[:1]
        if name.endswith(".html") and not (ROOT / "templates" / name).exists()
    ]
    nothing(named, "the template is missing")


def _without_comments(text: str) -> str:
    """The same lines, with what Jinja leaves out blanked."""
    return re.sub(r"{#.*?#}", lambda comment: "\n" * comment.group().count("\n"), text, flags=re.DOTALL)


def _bare_words(text: str) -> Iterator[str]:
    """Words between tags, and in attributes that people read, that no translation call surrounds."""
    text = re.sub(r"{#.*?#}|{%.*?%}|<(script|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r"{{.*?}}", "\0", text, flags=re.DOTALL)
    for name in SPOKEN:
        yield from _words(" ".join(re.findall(rf"\s{name}=\"([^\"]*)\"", text)))
    yield from _words(re.sub(r"<[^>]*>|&\w+;", " ", text))


def _words(text: str) -> Iterator[str]:
    yield from (word for word in re.findall(r"(?<![-\w])[^\W\d_]{2,}", text) if word not in UNSPOKEN_TEXT)


def test_a_class_is_laid_out_in_one_style_sheet() -> None:
    """A second one means another thing by the same name, and breaks the first where both are shipped."""
    laid_out: dict[str, set[str]] = {}
    for sheet in sorted((ROOT / "static/css").glob("*.css")):
        for name in re.findall(r"^(\.[\w-]+) \{", sheet.read_text(), re.MULTILINE):
            laid_out.setdefault(name, set()).add(sheet.name)
    twice = [f"{name} in {', '.join(sorted(sheets))}" for name, sheets in laid_out.items() if len(sheets) > 1]
    nothing(twice, "a class is laid out in one style sheet")
