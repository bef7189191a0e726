"""Photos as somebody sends them: drawn anew the right way up, and never unpacked where that would take all memory."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageFile

from webapp.domain.errors import Refused
from webapp.exchange import logo
from webapp.exchange.picture import cleaned, PICTURES, shrunk

SIDEWAYS = 6
"""The EXIF orientation of a telephone that was held upright."""


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    kept = BytesIO()
    picture.save(kept, form, **options)
    return kept.getvalue()


def png_of(width: int, height: int) -> bytes:
    """The head of a picture that size, and nothing of the picture."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 9) + b"IDAT"


def jpeg_of(width: int, height: int, *, progressive: bool = False) -> bytes:
    """A small picture that says it is that large."""
    content = saved(Image.new("RGB", (16, 16), "red"), "JPEG", progressive=progressive)
    place = content.index(b"\xff\xc2" if progressive else b"\xff\xc0") + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


@pytest.mark.parametrize(
    "bomb",
    [
        png_of(5000, 4001),
        png_of(10_000, 10_000),
        png_of(60_000, 60_000),
        jpeg_of(8000, 7501),
        jpeg_of(60_000, 900),
        jpeg_of(5000, 4001, progressive=True),
    ],
    ids=["one too many", "warned of", "refused by the library", "photo", "panorama", "progressive"],
)
def test_what_unpacks_to_too_much_is_refused_by_its_head_alone(bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("it was unpacked"))
    for clean, field in ((cleaned, "file"), (logo.cleaned, "logo")):
        with pytest.raises(Refused, match="too large: at most") as refused:
            clean(bomb)
        assert (refused.value.field, refused.value.values) == (field, {"most": 20, "photo": 60})


@pytest.mark.parametrize("size", [(8000, 7500), (5000, 4000)])
def test_what_is_just_small_enough_is_kept(size: tuple[int, int]) -> None:
    kept = Image.open(BytesIO(cleaned(jpeg_of(*size, progressive=size == (5000, 4000)))[0]))
    assert max(kept.size) == 1920


def test_a_photo_is_unpacked_at_a_part_of_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = []
    load = ImageFile.ImageFile.load
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: (unpacked.append(self.size), load(self))[1])
    shrunk(saved(Image.new("RGB", (800, 800)), "JPEG"), (100, 100), PICTURES, field="file")
    assert set(unpacked) == {(100, 100)}


@pytest.mark.parametrize("form", PICTURES)
def test_a_photo_stands_upright_and_says_nothing_of_itself(form: str) -> None:
    sent = Image.new("RGB", (200, 100), "blue")
    sent.paste("red", (0, 0, 100, 100))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = SIDEWAYS, "the place where it was taken"
    kept, media_type = cleaned(saved(sent, form, exif=exif))
    picture = Image.open(BytesIO(kept))
    assert (media_type, picture.size, picture.getexif()) == ("image/jpeg", (100, 200), {})
    assert b"the place" not in kept
    (top, _, _), (bottom, _, _) = picture.getpixel((50, 30)), picture.getpixel((50, 170))
    assert (top > 200, bottom < 50) == (True, True)


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGBA", "I;16"])
def test_a_picture_of_every_kind_is_kept(mode: str) -> None:
    kept, _ = cleaned(saved(Image.new(mode, (4000, 20)), "PNG"))
    assert Image.open(BytesIO(kept)).size == (1920, 10)
    assert Image.open(BytesIO(logo.cleaned(saved(Image.new(mode, (4000, 20)), "PNG"))[0])).size == (1200, 6)
