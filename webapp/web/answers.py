"""Answers: whole pages, fragments, redirects. The only file that reads htmx's headers and sets its answer headers."""

from typing import Any

from flask import flash, Flask, make_response, redirect, render_template, request, Response
from htmx_flask import Htmx
from htmx_flask import request as htmx_request
from jinja2_fragments.flask import render_block
from markupsafe import Markup

htmx = Htmx()


def register(app: Flask) -> None:
    htmx.init_app(app)


def by_htmx() -> bool:
    """Whether htmx asks for a fragment (a boosted navigation wants the whole page)."""
    return bool(htmx_request.htmx) and not htmx_request.htmx.boosted


def page(template: str, status: int = 200, **context: Any) -> Response:
    """A whole page."""
    return make_response(render_template(template, **context), status)


def fragment(template: str, *blocks: str, status: int = 200, **context: Any) -> Response:
    """Blocks of a screen's template, each rendered alone, one after the other."""
    return make_response("".join(render_block(template, block, **context) for block in blocks), status)


def partial(target: str, html: str, swap: str = "outerMorph") -> Markup:
    """One region of an answer with several: htmx puts it where ``target`` (a CSS selector) is."""
    return Markup('<hx-partial hx-target="{}" hx-swap="{}">{}</hx-partial>').format(target, swap, Markup(html))


def regions(*parts: Markup, status: int = 200) -> Response:
    """An answer of several regions."""
    return make_response(Markup("").join(parts), status)


def toast(message: str, tone: str = "success") -> Markup:
    """A short message that travels in the answer, announced to everybody."""
    html = render_block("layout.html", "toast", message=message, tone=tone)
    return partial("#toasts", html, "beforeend")


def see(url: str, message: str | None = None, tone: str = "success") -> Response:
    """Go and look there: 303 for a form, HX-Redirect for htmx."""
    if message:
        flash(message, tone)
    if by_htmx():
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = url
        return answer
    return make_response(redirect(url, 303))


def current_page() -> str:
    """The address of the page the person looks at: for htmx not the fragment's, for a form the one it stood on."""
    if by_htmx() and htmx_request.htmx.current_url:
        return str(htmx_request.htmx.current_url)
    if request.method == "POST" and request.referrer:
        return request.referrer
    return request.full_path.rstrip("?")


def poll_tag() -> str:
    """The tag that the last answer to this poll carried; empty for the first."""
    return request.headers.get("HX-PTag", "")


def polled(answer: Response, tag: str, *, reload: bool = False) -> Response:
    """An answer to a poll, with the tag to ask with next time; ``reload`` makes the page load anew."""
    answer.headers["HX-PTag"] = tag
    if reload:
        answer.headers["HX-Refresh"] = "true"
    return answer
