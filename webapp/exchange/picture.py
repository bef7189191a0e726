"""Photos and papers that people attach. A photo says nothing of where it was taken.

A photo is drawn anew, turned the right way up and no larger than a screen, so that its EXIF data (place, device, owner)
stay behind, and so does whatever else a file of that name may hold.
"""

import struct
import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from webapp.domain.errors import Refused
from webapp.domain.words import N_

LARGEST = 15 * 1024 * 1024
"""Bytes of a file as it is sent: a phone's photo has 3 to 8 MB."""
LONGEST_SIDE = 1920
MOST_PIXELS = 60_000_000
QUALITY = 82
DAMAGED = (
    *(UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning),
    *(OSError, ValueError, SyntaxError, struct.error),
)
"""What Pillow raises at a picture that is none, or at its EXIF data."""
PICTURES = ("JPEG", "PNG", "WEBP")
PAPER = "application/pdf"


def cleaned(content: bytes) -> tuple[bytes, str]:
    """What is kept of a file, and its media type: a photo as JPEG without EXIF, a PDF as it is."""
    if not content:
        raise Refused(N_("This file is empty"), field="file")
    if len(content) > LARGEST:
        raise Refused(N_("At most %(most)s MB, please"), field="file", most=LARGEST // 1024 // 1024)
    if content.startswith(b"%PDF-"):
        return content, PAPER
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=PICTURES) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise Refused(N_("This picture is too large"), field="file")
                picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except DAMAGED:
        raise Refused(N_("A photo (JPEG, PNG, WebP) or a PDF, please"), field="file") from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    kept = BytesIO()
    upright.save(kept, "JPEG", quality=QUALITY, exif=b"")
    return kept.getvalue(), "image/jpeg"
