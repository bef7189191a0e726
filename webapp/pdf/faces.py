"""The fonts that Baton ships. They come with ``make build``; a PDF embeds them, and the preview shows the same."""

from pathlib import Path

from webapp.settings import ROOT

FONTS = ROOT / "static" / "dist" / "fonts"
FACES = {
    "baton:PTSans-Regular.ttf": (400, "normal"),
    "baton:PTSans-Italic.ttf": (400, "italic"),
    "baton:PTSans-Bold.ttf": (700, "normal"),
    "baton:PTSans-BoldItalic.ttf": (700, "italic"),
}
"""Address, weight and style of each shipped font."""


def font(address: str) -> Path:
    """The file of a shipped font."""
    return FONTS / address.removeprefix("baton:")


def font_faces() -> str:
    """The ``@font-face`` rules of a PDF. The machine's own fonts only fill in letters that ours lack."""
    missing = [address for address in FACES if not font(address).exists()]
    if missing:
        raise FileNotFoundError(f"{FONTS} lacks {len(missing)} fonts: run `make build`")
    return "".join(
        f'@font-face {{ font-family: "Baton Sans"; src: url("{address}"); '
        f"font-weight: {weight}; font-style: {style} }}\n"
        for address, (weight, style) in FACES.items()
    )
