"""Pages look as they were found good: a difference is shown as a picture."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from tests.pdf import golden
from tests.pdf.contents import a_content, a_look, offered
from webapp.domain.product import Billing
from webapp.pdf import document

LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><path d="M0 10L20 0L40 10z"/></svg>',
    "image/svg+xml",
)


def plain() -> bytes:
    lines = [offered("Router", 333_33, quantity=2500, discount=750), offered("Care", 99_99, billing=Billing.MONTHLY)]
    return document.print_proposal(a_content(lines))


def with_a_look() -> bytes:
    words = {"intro": "Благодарим за **встречу**.", "terms": "Гарантия два года.", "closing": "С уважением,"}
    look = a_look(logo={"sha256": "", "media_type": LOGO[1]}, **words)
    lines = [offered(f"Позиция {number}", section="Монтаж" if number < 9 else "Связь") for number in range(1, 25)]
    return document.print_proposal(a_content(lines, language="ru", title="Подключение офиса", look=look), LOGO)


@pytest.mark.parametrize("printed", [plain, with_a_look])
def test_pages_look_as_they_were_found_good(printed) -> None:
    assert golden.compare(printed.__name__, printed()) == []


def test_a_line_that_moved_or_is_missing_is_seen_and_a_softer_edge_is_not() -> None:
    (page,) = golden.pages(document.print_proposal(a_content()))
    softer = page.resize((page.width * 2, page.height * 2)).resize(page.size)
    assert golden.difference(page, softer)[0] <= golden.FEW
    moved = Image.new("L", page.size, 255)
    moved.paste(page, (0, 3))
    assert golden.difference(page, moved)[0] > golden.FEW
    missing = page.copy()
    ImageDraw.Draw(missing).rectangle((47, 40, 140, 52), fill=255)
    assert golden.difference(page, missing)[0] > golden.FEW


def test_a_difference_is_left_as_a_picture(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(golden, "SHOWN", tmp_path)
    (told,) = golden.compare("plain", document.print_proposal(a_content([offered("Something else")])))
    assert "differs in" in told
    assert Image.open(BytesIO((tmp_path / "plain-1.png").read_bytes())).mode == "RGB"
