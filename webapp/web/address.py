"""Addresses that leave the page: in letters, in what is copied and sent on."""

from typing import Any

from flask import current_app, request, url_for


def site() -> str:
    """Where people reach Baton: the configured address. Without one, as the request names it, whoever made that up."""
    return current_app.config["BATON"].public_url or request.url_root.rstrip("/")


def outside(endpoint: str, **values: Any) -> str:
    """The whole address of a page."""
    return site() + url_for(endpoint, **values)
