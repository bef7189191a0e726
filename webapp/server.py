"""How gunicorn serves Baton: ``gunicorn --config python:webapp.server wsgi:app``."""

import gc

from webapp.settings import Settings

_settings = Settings.from_environment()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.processes
threads = _settings.threads
timeout = 60
keepalive = 30
max_requests = 0
forwarded_allow_ips = "127.0.0.1"
control_socket_disable = True


def post_worker_init(worker: object) -> None:
    """What was loaded at the start stays: not walking it again halves the slowest answers."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
