"""Who opens a shared proposal: a person who reads it, or a program that only looks ahead. Policy as data."""

from collections.abc import Mapping

ROBOTS = (
    "bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "whatsapp/", "viber/", "vkshare", "embedly",
    "scan", "proxy", "validator", "curl/", "wget/", "python-", "go-http-client", "java/", "libwww", "okhttp",
    "headless",
)  # fmt: skip
"""What the names of programs hold that fetch a page without a reader: messengers that draw a preview of a link,
mail filters that try it, search engines, and libraries. In lower case."""

AHEAD = {
    "purpose": ("prefetch", "preview"),
    "sec-purpose": ("prefetch", "prerender"),
    "x-purpose": ("prefetch", "preview"),
    "x-moz": ("prefetch",),
}
"""Headers by which a browser says that nobody looks yet, and the words that say so."""


def is_person(method: str, headers: Mapping[str, str]) -> bool:
    """Whether somebody reads: a browser that names itself asks for the page, and does not only fetch it ahead."""
    said = {name.lower(): value.lower() for name, value in headers.items()}
    agent = said.get("user-agent", "").strip()
    return (
        method == "GET"
        and bool(agent)
        and not any(name in agent for name in ROBOTS)
        and not any(word in said.get(header, "") for header, words in AHEAD.items() for word in words)
    )
