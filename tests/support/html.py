"""Reads an HTML answer as strictly as a browser will not, and says what is wrong with it."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

import html5lib

APART = re.compile(r"<(hx-partial|template)\b[^>]*>(.*?)</\1>", re.DOTALL)
"""What a browser parses by itself, wherever it stands."""

MAIN = re.compile(r"(<main\b[^>]*>)(.*)(</main>)", re.DOTALL)
"""What a page says, apart from the frame that many pages have in common."""

FRAME = re.compile(
    r'<nav class="rail".*?</nav>|<form class="search".*?</form>'
    r'|<dialog class="dialog" id="(?:remote|confirm)".*?</dialog>',
    re.DOTALL,
)
"""What stands around every page, and is the same on most."""

SECRETS = re.compile(r'(name="(?:csrf_token|once)" value=")[^"]*')
"""What differs each time a form is shown."""

WORDS = re.compile(r">[^<>&]*[^<>&\s][^<>&]*<")
"""What a text says between two tags, which no rule asks about."""

CONTAINERS = {"tr": "tbody", "td": "tr", "th": "tr", "tbody": "table", "thead": "table", "option": "select"}
UNTYPED = {"hidden", "submit", "button", "image", "reset"}
HREFS = ("href", "src", "action", "formaction", "poster", "srcset", "hx-get", "hx-post")
"""Attributes that make a browser ask for an address."""


def faults(text: str, *, host: str = "localhost") -> list[str]:
    """Everything a page or fragment does that the house rules forbid; an empty list means it is fine.

    A text that starts with a doctype is read as a page, anything else as a fragment of one. Reading takes longer than
    answering, and pages share their frame and much of what they say: what was read before is not read again.
    """
    text = WORDS.sub(">words<", SECRETS.sub(r"\1", text))
    whole, *parts = [APART.sub("", text), *(apart.group(2) for apart in APART.finditer(text))]
    if whole.lstrip()[:9].lower() == "<!doctype":
        mains, frame = [main.group(2) for main in MAIN.finditer(whole)], FRAME.findall(whole)
        rest = FRAME.sub("", MAIN.sub(r"\1\3", whole))
        read = [_page(rest, host), *(_fragment(part, host) for part in (*mains, *frame, *parts))]
        headings = sum(headings for _, _, headings in read[: len(mains) + 1])
        wrong = [] if headings == 1 else [f"a page has exactly one <h1>, this one has {headings}"]
    else:
        read, wrong = [_fragment(part, host) for part in (whole, *parts)], []
    for found, _, _ in read:
        wrong += found
    ids = Counter(name for _, names, _ in read for name in names)
    return wrong + [f"the id {name!r} stands {count} times" for name, count in ids.items() if count > 1]


Read = tuple[list[str], list[str], int]
"""What is wrong with a text by itself, the ids in it, and how many first headings it has."""


@lru_cache(512)
def _page(text: str, host: str) -> Read:
    found: list[str] = []
    tree = _parse_page(text, found)
    found += _of_page(tree)
    return _read(tree, found, host)


@lru_cache(2048)
def _fragment(text: str, host: str) -> Read:
    found: list[str] = []
    return _read(_parse_fragment(text, found), found, host)


def _read(tree: Element, found: list[str], host: str) -> Read:
    found += [*_of_forms(tree), *_of_labels(tree), *_of_attributes(tree, host)]
    ids = [name for element in tree.iter() if (name := element.get("id"))]
    return found, ids, len(list(tree.iter("h1")))


def _parse_page(text: str, found: list[str]) -> Element:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    found += _told(parser, text)
    return tree


def _parse_fragment(text: str, found: list[str]) -> Element:
    first = re.search(r"<([a-z0-9-]+)", text)
    container = CONTAINERS.get(first.group(1), "div") if first else "div"
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(text, container=container)
    found += _told(parser, text)
    return tree


def _told(parser: html5lib.HTMLParser, text: str) -> Iterator[str]:
    lines = text.splitlines() or [""]
    for (line, _), code, details in parser.errors:
        near = lines[min(line, len(lines)) - 1].strip()[:120]
        yield f"not valid HTML ({code}{' ' + str(details.get('name')) if details else ''}) at line {line}: {near}"


def _of_page(tree: Element) -> Iterator[str]:
    titles = list(tree.iterfind("./head/title"))
    if len(titles) != 1 or not (titles[0].text or "").strip():
        yield f"a page has exactly one title with words in it, this one has {len(titles)}"
    if not tree.get("lang"):
        yield "<html> names no language"
    if len(list(tree.iter("main"))) != 1:
        yield "a page has exactly one <main>"


def _of_forms(tree: Element) -> Iterator[str]:
    for form in tree.iter("form"):
        method, action = (form.get("method") or "").lower(), form.get("action")
        name = f"form {form.get('id') or action or ''}"
        if not action and method != "dialog":
            yield f"{name} has no action: it would post to whatever page shows it"
        if method not in {"get", "post", "dialog"}:
            yield f"{name} has no method"
        fields = {field.get("name") for field in form.iter("input")}
        if method == "post" and "csrf_token" not in fields:
            yield f"{name} posts without csrf_token"
        if method == "get" and "csrf_token" in fields:
            yield f"{name} discloses its csrf_token in the address"


def _of_labels(tree: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in tree.iter("label")}
    inside = {id(field) for label in tree.iter("label") for field in label.iter()}
    for field in tree.iter():
        wants = field.tag in {"select", "textarea"} or (
            field.tag == "input" and (field.get("type") or "text").lower() not in UNTYPED
        )
        named = field.get("aria-label") or field.get("aria-labelledby") or field.get("id") in labelled
        if wants and not named and id(field) not in inside:
            yield f"{field.tag} {field.get('name')!r} has no label"
        if field.tag == "img" and field.get("alt") is None:
            yield f"img {field.get('src')!r} has no alt"
        if field.tag == "button" and not _words(field) and not (field.get("aria-label") or field.get("title")):
            yield f"a button says nothing: {field.attrib}"


def _of_attributes(tree: Element, host: str) -> Iterator[str]:
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "style" or (element.tag == "script" and not element.get("src") and not _is_data(element)):
            yield f"inline <{element.tag}>: the CSP refuses it"
        for name, value in element.attrib.items():
            if name == "style" or re.match(r"on[a-z]+$", name) or name.startswith("hx-on"):
                yield f"{element.tag} has {name}=: the CSP refuses it; a class or static/js does it"
            if name in HREFS and _foreign(value, host, link=element.tag == "a"):
                yield f"{element.tag} {name}={value!r} leads to another host"
            if name.startswith("hx-") and value.lstrip().startswith(("js:", "javascript:")):
                yield f"{element.tag} has {name}={value!r}: it needs eval, which the CSP refuses"


def _is_data(script: Element) -> bool:
    """A block of JSON is no script: browsers do not run it."""
    return (script.get("type") or "") in {"application/json", "application/ld+json"}


def _foreign(value: str, host: str, *, link: bool) -> bool:
    """Whether an address leaves this server; a link that a person clicks may, where it says so in ``rel``."""
    found = re.match(r"\s*(?:(https?):)?//([^/:?#]+)", value, re.IGNORECASE)
    if value.strip().lower().startswith("javascript:"):
        return True
    return bool(found) and found.group(2) not in {host, "localhost", "127.0.0.1"} and not link


def _words(element: Element) -> str:
    labels = [inner.get("aria-label") or inner.get("alt") or "" for inner in element.iter()]
    return "".join([*element.itertext(), *labels]).strip()
