"""A drawing (SVG) written anew from plain shapes and colours. What could act, load or name anything is refused.

Words are refused too: they would be set in whatever font is at hand. Drawing programs turn them into shapes.
"""

import re
from decimal import Decimal
from xml.etree.ElementTree import Element, fromstring, ParseError, register_namespace, SubElement, tostring

from webapp.domain.errors import Refused
from webapp.domain.words import N_

LARGEST = 512 * 1024
MOST_SHAPES = 3_000
DEEPEST = 20
LONGEST_SIDE = 600
"""Dots: a browser shows a drawing without a size of its own as nothing. The document makes it smaller."""

SVG = "http://www.w3.org/2000/svg"
SHAPES = frozenset("g path rect circle ellipse line polyline polygon defs linearGradient radialGradient stop".split())
LEFT_OUT = frozenset("title desc metadata namedview style".split())
"""What says nothing of the picture itself; rules of style are written into the shapes."""
NUMBERS = frozenset(
    "d points x y x1 y1 x2 y2 cx cy r rx ry fx fy width height offset transform gradientTransform gradientUnits "
    "spreadMethod viewBox preserveAspectRatio id".split()
)
PAINT = frozenset(
    "fill stroke fill-opacity fill-rule stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit "
    "stroke-dasharray stroke-dashoffset stop-color stop-opacity opacity display".split()
)
PLAIN = re.compile(r"[\w\s.,+\-#%()]{0,200000}", re.ASCII)
"""Numbers, names and colours: no quotation mark, colon, slash or semicolon, and so no address."""
OWN = re.compile(r"url\(['\"]?#([\w.\-]{1,80})['\"]?\)", re.ASCII)
"""A colour gradient of the same drawing."""
CLASS = re.compile(r"[\w\-]{1,200}", re.ASCII)
NUMBER = r"-?\d{1,6}(?:\.\d{1,9})?"
BOX = re.compile(rf"\s*{NUMBER}[\s,]+{NUMBER}[\s,]+({NUMBER})[\s,]+({NUMBER})\s*", re.ASCII)
"""A drawing's corner, and its width and height."""
LENGTH = re.compile(r"\s*(\d{1,5}(?:\.\d{1,6})?)(?:px|pt|mm)?\s*", re.ASCII)


def redrawn(content: bytes) -> bytes:
    """The same drawing from what is allowed alone."""
    root = _read(content)
    rules = _rules(root)
    box = BOX.fullmatch(root.get("viewBox") or _box(root))
    sides = [Decimal(box[place]) for place in (1, 2)] if box else [Decimal(0)]
    if min(sides) <= 0:
        raise Refused(N_("This drawing does not say how large it is"), field="logo")
    width, height = (str(round(LONGEST_SIDE * side / max(sides)) or 1) for side in sides)
    clean = Element(f"{{{SVG}}}svg", {"viewBox": str(box and box[0]).strip(), "width": width, "height": height})
    _copy(root, clean, rules, DEEPEST)
    register_namespace("", SVG)
    return bytes(tostring(clean, encoding="utf-8"))


def _read(content: bytes) -> Element:
    unreadable = Refused(N_("This drawing cannot be read"), field="logo")
    if len(content) > LARGEST:
        raise Refused(N_("This drawing is too large"), field="logo")
    if b"<!ENTITY" in content or b"<!entity" in content or b"\0" in content:
        raise unreadable
    try:
        root = fromstring(content)  # noqa: S314 - no entity, and small
    except (ParseError, ValueError, LookupError):
        raise unreadable from None
    if root.tag != f"{{{SVG}}}svg":
        raise unreadable
    if sum(1 for _ in root.iter()) > MOST_SHAPES:
        raise Refused(N_("This drawing is too large"), field="logo")
    return root


def _copy(source: Element, target: Element, rules: dict[str, dict[str, str]], depth: int) -> None:
    if not depth:
        raise Refused(N_("This drawing is too large"), field="logo")
    for child in source:
        namespace, _, name = str(child.tag).rpartition("}")
        if name in LEFT_OUT or namespace != f"{{{SVG}":
            continue
        if name not in SHAPES:
            raise Refused(N_("A logo may hold shapes only, and this one holds “%(name)s”"), field="logo", name=name)
        _copy(child, SubElement(target, f"{{{SVG}}}{name}", _attributes(child, rules)), rules, depth - 1)


def _attributes(element: Element, rules: dict[str, dict[str, str]]) -> dict[str, str]:
    said = {name: value for name, value in element.attrib.items() if name in NUMBERS | PAINT}
    for word in element.get("class", "").split():
        said |= rules.get(word, {})
    said |= _paint(element.get("style", ""))
    return {name: value for name, value in said.items() if _is_plain(value)}


def _is_plain(value: str) -> bool:
    return bool(OWN.fullmatch(value.strip())) or ("url" not in value.lower() and bool(PLAIN.fullmatch(value)))


def _rules(root: Element) -> dict[str, dict[str, str]]:
    """Rules of style for classes, as drawing programs write them."""
    found: dict[str, dict[str, str]] = {}
    for style in root.iter(f"{{{SVG}}}style"):
        for rule in (style.text or "")[:20_000].split("}")[:-1]:
            selectors, _, body = rule.rpartition("{")
            for selector in selectors.split(","):
                name = selector.rpartition(".")[2].strip()
                if "." in selector and CLASS.fullmatch(name):
                    found.setdefault(name, {}).update(_paint(body))
    return found


def _paint(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style[:2_000].split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in PAINT}


def _box(root: Element) -> str:
    sides = [LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height")]
    return f"0 0 {sides[0][1]} {sides[1][1]}" if sides[0] and sides[1] else ""
