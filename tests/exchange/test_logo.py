"""A logo as somebody sends it: what is kept of it, and what is refused."""

from io import BytesIO
from time import process_time
from xml.etree.ElementTree import fromstring

import pytest
from PIL import Image

from webapp.domain.errors import Refused
from webapp.exchange.logo import cleaned, LARGEST, SIDES

HEAD = b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">'


def drawing(inside: str) -> bytes:
    return HEAD + inside.encode() + b"</svg>"


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_is_drawn_anew_without_what_it_says_of_itself(form: str) -> None:
    sent = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "the place where it was taken"
    Image.new("RGB", (3000, 300), "red").save(sent, form, exif=exif)
    kept, media_type = cleaned(sent.getvalue())
    picture = Image.open(BytesIO(kept))
    assert (media_type, picture.format, picture.width) == ("image/png", "PNG", SIDES[0])
    assert b"the place" in sent.getvalue()
    assert b"the place" not in kept
    assert not picture.getexif()


def test_a_picture_that_lies_on_its_side_is_no_larger_either() -> None:
    sent, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    Image.new("RGB", (2400, 1800)).save(sent, "JPEG", exif=exif)
    assert Image.open(BytesIO(cleaned(sent.getvalue())[0])).size == (360, 480)


def test_what_is_transparent_becomes_paper() -> None:
    sent = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(sent, "PNG")
    assert Image.open(BytesIO(cleaned(sent.getvalue())[0])).getpixel((0, 0)) == (255, 255, 255)


def test_a_drawing_keeps_its_shapes_and_colours() -> None:
    inside = """<metadata>made by me</metadata><style>.a{fill:#ff0000;behavior:url(x)}</style>
<defs><linearGradient id="g"><stop offset="0" stop-color="#000"/></linearGradient></defs>
<g transform="scale(2)"><path class="a" d="M0 0L5 5z" onclick="alert(1)"/>
<rect style="fill:url(#g);x:1" width="3" height="2"/></g>"""
    kept, media_type = cleaned(drawing(inside))
    text = kept.decode()
    assert media_type == "image/svg+xml"
    for said in ('viewBox="0 0 10 10"', 'd="M0 0L5 5z"', 'fill="#ff0000"', 'fill="url(#g)"', "scale(2)", "stop-color"):
        assert said in text
    for left_out in ("alert", "behavior", "made by me", "style"):
        assert left_out not in text


@pytest.mark.parametrize(
    ("rules", "classes", "fill"),
    [
        (".a{fill:red}", "a", "red"),
        (".b,.a , g.c{fill:red}.b{fill:blue}", "a", "red"),
        (".b,.a,g.c{fill:red}", "c", "red"),
        ("@media print{.a{fill:red}}", "a", "red"),
        ("/* one */ .a{fill:red} .a{fill:blue}", "a", "blue"),
        (".a:hover{fill:red} g .a g{fill:red} a{fill:red} .a{fill:red", "a", None),
    ],
)
def test_rules_of_style_are_written_into_the_shapes(rules: str, classes: str, fill: str | None) -> None:
    kept, _ = cleaned(drawing(f'<style>{rules}</style><path class="{classes}" d="M0 0"/>'))
    assert fromstring(kept).find("{*}path").get("fill") == fill


@pytest.mark.parametrize("unit", [".a,", ".a,.b{}"])
def test_the_largest_drawing_is_read_in_a_time_that_grows_with_its_size_alone(unit: str) -> None:
    """Rules without an end once took minutes: each looked for its brace to the end of all."""
    began = process_time()
    style = f"<style>{unit * (20_000 // len(unit))}</style>"
    cleaned(drawing(style * (500_000 // len(style)) + '<path d="M0 0"/>'))
    assert process_time() - began < 5


@pytest.mark.parametrize(
    "inside",
    ["<script>alert(1)</script>", '<image xlink:href="file:///etc/passwd"/>', '<use xlink:href="#a"/>',
     "<foreignObject/>", '<a xlink:href="http://x.test"><path d="M0 0"/></a>', "<text>Baton</text>", "<animate/>",
     "<g>" * 30 + "</g>" * 30, "<rect/>" * 4000, "<g>"],
)  # fmt: skip
def test_a_drawing_of_anything_but_shapes_is_refused(inside: str) -> None:
    with pytest.raises(Refused):
        cleaned(drawing(inside))


@pytest.mark.parametrize(
    "attribute",
    ['fill="url(http://127.0.0.1/x)"', 'fill="url(//x.test#a)"', 'href="http://x"', 'onload="alert(1)"',
     'style="fill:url(file:///etc/passwd)"', 'filter="url(#f)"', 'fill="u\\72l(//x)"'],
)  # fmt: skip
def test_an_address_in_a_drawing_is_left_out(attribute: str) -> None:
    text = cleaned(drawing(f'<path d="M0 0" {attribute}/>'))[0].decode().replace("http://www.w3.org/2000/svg", "")
    assert not any(word in text for word in ("http", "//", "alert", "file", "url", "72l"))


@pytest.mark.parametrize(
    "sent",
    [b"", b"%PDF-1.7", b"GIF89a", b"x" * (LARGEST + 1), b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg/>',
     b"<svg>", b"<svg xmlns='http://www.w3.org/1999/xhtml'/>", HEAD.replace(b' viewBox="0 0 10 10"', b"") + b"</svg>"],
)  # fmt: skip
def test_what_is_no_logo_is_refused(sent: bytes) -> None:
    with pytest.raises(Refused) as refused:
        cleaned(sent)
    assert refused.value.field == "logo"
