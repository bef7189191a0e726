"""The application that a WSGI server loads: ``gunicorn wsgi:app``."""

import gc

gc.disable()  # what is loaded here stays: looking through it for garbage took a third of the start
from webapp import create_app  # noqa: E402

app = create_app()
gc.freeze()
gc.enable()
