"""``python -m tests.picture``: the README's picture of the board, made from the demo company."""

import tempfile
from io import BytesIO
from pathlib import Path

import flask_migrate
from PIL import Image

from tests.support.browser import chromium
from tests.support.serving import served
from tests.support.sources import ROOT
from webapp import create_app, demo
from webapp.db import db, transaction
from webapp.settings import Settings
from webapp.web.clock import now

PICTURE = ROOT / "static" / "img" / "board.png"
COLOURS = 256


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(instance=Path(folder)))
        with app.app_context():
            flask_migrate.upgrade(str(ROOT / "migrations"))
            with transaction() as session:
                demo.load(session, "en", now())
            director = next(login for login in demo.loaded(db.session()) if login.role == "director")
        with served(app) as site, chromium() as browser:
            page = browser.new_page(viewport={"width": 1440, "height": 860}, locale="en-GB")
            page.goto(f"{site}/login")
            page.get_by_label("E-mail").fill(director.email)
            page.get_by_label("Password", exact=True).fill(director.password)
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url(f"{site}/")
            page.goto(f"{site}/board")
            picture = Image.open(BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
