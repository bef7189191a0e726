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
MOST_PIXELS = 20_000_000
"""Of what is unpacked, at up to sixteen bytes for each: a screenshot of 5120 x 2880 has 15 million."""
MOST_OF_A_PHOTO = 60_000_000
"""Of a JPEG as a camera saves it: only a half, a quarter or an eighth of it, each way, is unpacked."""
QUALITY = 82
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
DAMAGED = (UnidentifiedImageError, OSError, ValueError, SyntaxError, struct.error)
"""What Pillow raises at a picture that is none, or at its EXIF data."""
PICTURES = ("JPEG", "PNG", "WEBP")
PAPER = "application/pdf"
ORIENTATION, ON_ITS_SIDE = 0x0112, range(5, 9)
"""Where EXIF says how the camera was held, and how where height and width change places."""
FLAT = frozenset({"1", "P"})
"""Colours by number, between which nothing can be drawn."""


def cleaned(content: bytes) -> tuple[bytes, str]:
    """What is kept of a file, and its media type: a photo as JPEG without EXIF, a PDF as it is."""
    if not content:
        raise Refused(N_("This file is empty"), field="file")
    if len(content) > LARGEST:
        raise Refused(N_("At most %(most)s MB, please"), field="file", most=LARGEST // 1024 // 1024)
    if content.startswith(b"%PDF-"):
        return content, PAPER
    try:
        upright = shrunk(content, (LONGEST_SIDE, LONGEST_SIDE), PICTURES, field="file")
    except DAMAGED:
        raise Refused(N_("A photo (JPEG, PNG, WebP) or a PDF, please"), field="file") from None
    kept = BytesIO()
    upright.convert("RGB").save(kept, "JPEG", quality=QUALITY, exif=b"")
    return kept.getvalue(), "image/jpeg"


def shrunk(content: bytes, sides: tuple[int, int], formats: tuple[str, ...], *, field: str) -> Image.Image:
    """The picture the right way up, and no larger than these sides. One of DAMAGED where it is none.

    How large it is its header says, before anything of it is unpacked: a small file may hold a huge picture.
    """
    too_large = Refused(
        N_("This picture is too large: at most %(most)s megapixels, please, or %(photo)s of a camera's own JPEG"),
        field=field,
        most=MOST_PIXELS // 1_000_000,
        photo=MOST_OF_A_PHOTO // 1_000_000,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=formats)
    except BOMB:
        raise too_large from None
    with picture:
        in_steps = picture.format == "JPEG" and "progressive" not in picture.info
        if picture.width * picture.height > (MOST_OF_A_PHOTO if in_steps else MOST_PIXELS):
            raise too_large
        if picture.getexif().get(ORIENTATION) in ON_ITS_SIDE:
            sides = sides[::-1]
        picture.draft("RGB", sides)
        if picture.width * picture.height > MOST_PIXELS:
            raise too_large
        upright = picture.convert("RGBA") if picture.mode in FLAT else picture
        upright.thumbnail(sides)
        ImageOps.exif_transpose(upright, in_place=True)
        return upright.copy()
