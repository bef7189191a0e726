"""A company's logo as somebody sends it: checked, and drawn anew, so that nothing but its picture is kept.

A photo's format becomes a PNG without EXIF; a drawing (SVG) is written anew from the shapes that ``drawing`` knows.
"""

import struct
import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from webapp.domain.errors import Refused
from webapp.domain.words import N_
from webapp.exchange.drawing import redrawn

LARGEST = 2 * 1024 * 1024
"""Bytes of a file as it is sent."""
MOST_PIXELS = 40_000_000
SIDES = (1200, 480)
"""Dots kept: 62 mm at 480 dots per inch."""
DAMAGED = (
    *(UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning),
    *(OSError, ValueError, SyntaxError, struct.error),
)
"""What Pillow raises at a picture that is none, or at its EXIF data."""
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
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=PICTURES) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Refused(N_("This picture is too large"), field="logo")
                upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except DAMAGED:
        raise Refused(N_("A picture (PNG, JPEG) or a drawing (SVG), please"), field="logo") from None
    upright.thumbnail(SIDES)
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright)
    kept = BytesIO()
    paper.save(kept, "PNG", optimize=True)
    return kept.getvalue(), "image/png"
