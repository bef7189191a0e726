"""A company's logo as somebody sends it: checked, and drawn anew, so that nothing but its picture is kept.

A photo's format becomes a PNG without EXIF; a drawing (SVG) is written anew from the shapes that ``drawing`` knows.
"""

from io import BytesIO

from PIL import Image

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.drawing import redrawn
from webapp.exchange.picture import DAMAGED, shrunk

LARGEST = 2 * 1024 * 1024
"""Bytes of a file as it is sent."""
SIDES = (1200, 480)
"""Dots kept: 62 mm at 480 dots per inch."""
PICTURES = ("JPEG", "PNG")
DRAWING = "image/svg+xml"


def cleaned(content: bytes) -> tuple[bytes, str]:
    """What is kept of a logo, and its media type."""
    if not content:
        raise Refused(N_("This file is empty"), field="logo")
    if len(content) > LARGEST:
        raise Refused(N_("At most %(most)s MB, please"), field="logo", most=LARGEST // 1024 // 1024)
    if b"<svg" in content[:4096].lower():
        return redrawn(content), DRAWING
    try:
        upright = shrunk(content, SIDES, PICTURES, field="logo").convert("RGBA")
    except DAMAGED:
        raise Refused(N_("A picture (PNG, JPEG) or a drawing (SVG), please"), field="logo") from None
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright)
    kept = BytesIO()
    paper.save(kept, "PNG", optimize=True)
    return kept.getvalue(), "image/png"
