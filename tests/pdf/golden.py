"""Kept pictures of pages, and how a page is compared with one.

A page is drawn grey at 60 dots per inch, both pictures are blurred by two dots, and then no more than FEW dots may
differ by more than FAR of 255. So another version of the rasteriser, which draws the edges of letters otherwise,
passes; a line that moved by a millimetre, another size of letters or a missing word does not.
"""

import os
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops, ImageFilter, ImageOps

KEPT = Path(__file__).with_name("golden")
SHOWN = Path(".pytest_cache") / "golden"
ANEW = "GOLDEN_ANEW"
"""Set to 1, the pictures are written anew instead of compared: look at them before you commit them."""

DOTS = 60
BLUR = 2
FAR = 24
FEW = 40


def pages(pdf: bytes) -> list[Image.Image]:
    with pypdfium2.PdfDocument(pdf) as paper:
        return [page.render(scale=DOTS / 72, grayscale=True).to_pil().convert("L") for page in paper]


def difference(one: Image.Image, other: Image.Image) -> tuple[int, Image.Image]:
    """How many dots differ, and a picture of where: red is only in the first, green only in the second."""
    size = (max(one.width, other.width), max(one.height, other.height))
    one, other = (ImageOps.pad(each, size, color=255) if each.size != size else each for each in (one, other))
    soft = [each.filter(ImageFilter.GaussianBlur(BLUR)) for each in (one, other)]
    far = ImageChops.difference(*soft).point([0] * (FAR + 1) + [255] * (255 - FAR))
    return far.histogram()[255], Image.merge("RGB", (other, one, ImageChops.darker(one, other)))


def compare(name: str, pdf: bytes) -> list[str]:
    """What is otherwise than kept, each a sentence with the place of a picture that shows it."""
    found = []
    drawn = pages(pdf)
    if os.environ.get(ANEW):
        KEPT.mkdir(exist_ok=True)
        for old in KEPT.glob(f"{name}-*.png"):
            old.unlink()
        for number, page in enumerate(drawn, 1):
            page.quantize(16).save(KEPT / f"{name}-{number}.png", optimize=True)
        return []
    kept = sorted(KEPT.glob(f"{name}-*.png"))
    if len(kept) != len(drawn):
        found.append(f"{name} has {len(drawn)} pages, not {len(kept)}")
    for place, (golden, page) in enumerate(zip(kept, drawn, strict=False), 1):
        count, shown = difference(Image.open(golden).convert("L"), page)
        if count > FEW:
            SHOWN.mkdir(parents=True, exist_ok=True)
            where = SHOWN / f"{name}-{place}.png"
            shown.save(where)
            found.append(f"page {place} of {name} differs in {count} dots: look at {where}")
    return found
