"""Baton: the shared board on which three departments hand clients off without dropping one."""

from flask import Flask
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import cli, db, jobs
from webapp.settings import ROOT, Settings
from webapp.web import assets, errors, i18n, navigation, once, routes, security, session, templating
from webapp.web.application import Application


def create_app(settings: Settings | None = None) -> Flask:
    """The only wiring: reads like a table of contents."""
    settings = settings or Settings.from_environment()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Application(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static" / "dist"),
        static_url_path="/static",
        instance_path=str(settings.instance),
    )
    app.config.from_mapping(
        BATON=settings,
        TESTING=settings.testing,
        SECRET_KEY=settings.key(),
        SQLALCHEMY_DATABASE_URI=settings.database,
        MAX_CONTENT_LENGTH=64 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.behind_proxy,
    )
    if settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    db.connect(app)
    Migrate(app, db.db, directory=str(ROOT / "migrations"), render_as_batch=False, compare_type=True)
    for part in (security, session, i18n, assets, navigation, once, templating, errors, routes, jobs, cli):
        part.register(app)
    return app
