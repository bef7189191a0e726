"""What a person may write in a text, and what stays plain words."""

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.proposal_check import LONGEST_TEXT
from webapp.pdf.markup import formatted, TAGS


def test_paragraphs_lists_bold_italic_and_headings_are_formatted() -> None:
    assert formatted("one\ntwo\n\n**b** *i*") == "<p>one<br>\ntwo</p>\n<p><strong>b</strong> <em>i</em></p>\n"
    assert formatted("- a\n- b") == "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"
    assert formatted("# Head") == "<h3>Head</h3>\n"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[our site](http://127.0.0.1/x)", "our site (http://127.0.0.1/x)"),
        ("[http://a.test](http://a.test)", "http://a.test"),
        ("[**bold** words](javascript:alert)", "bold words (javascript:alert)"),
        ("![a picture](http://127.0.0.1/x.png)", "a picture"),
        ("<http://127.0.0.1>", "<http://127.0.0.1>"),
        ('<img src="file:///etc/passwd">', '<img src="file:///etc/passwd">'),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("<style>@import url(//x)</style>", "<style>@import url(//x)</style>"),
        ("{{ 7*7 }}{% raw %}", "{{ 7*7 }}{% raw %}"),
        ("> quote", "> quote"),
        ("`code`", "`code`"),
        ("&lt;b&gt;", "<b>"),
        ("שלום 😀", "שלום 😀"),
    ],
)
def test_everything_else_is_shown_as_words(written: str, shown: str) -> None:
    html = formatted(written)
    assert BeautifulSoup(html, "html.parser").get_text().strip() == shown
    assert "<a" not in html
    assert "<img" not in html


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=200)
    | st.text(alphabet="<>[]()!*_#-&;\"'\n\\ ax:/1.", max_size=80)
)
def test_no_text_becomes_anything_but_the_few_tags_without_attributes(text: str) -> None:
    for element in BeautifulSoup(formatted(text), "html.parser").find_all(True):
        assert element.name in TAGS
        assert not element.attrs


@pytest.mark.parametrize("brick", ["[", "![", "*a_", "- ", "1. ", "[a](", "#", "\\", "**", "&"])
def test_the_longest_text_is_read_at_once(brick: str) -> None:
    """A text that takes the reader seconds would hold a worker, and the preview a web thread."""
    text = (brick * LONGEST_TEXT)[:LONGEST_TEXT]
    assert len(formatted(text)) < 20 * LONGEST_TEXT
