"""The application that a WSGI server loads: ``gunicorn wsgi:app``."""

from webapp import create_app

app = create_app()
