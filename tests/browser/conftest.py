"""Fixtures of the browser's tests. Each starts from the demo company; marked ``fresh``, from an empty database.

A test fails afterwards if a page it opened had an error in a script or the console, broke the CSP, asked another host
for anything, or if the application raised while it served.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support import browser as machinery
from tests.support.apps import beginning, World
from tests.support.sources import nothing, ROOT
from webapp.domain.user import User

PICTURES = ROOT / ".pytest_cache" / "pictures"
PATIENCE_MS = 10_000
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with machinery.chromium() as browser:
        yield browser


@pytest.fixture
def state(request: pytest.FixtureRequest) -> str:
    return beginning(request.fixturenames) if request.node.get_closest_marker("fresh") else "demo"


@pytest.fixture
def troubles(world: World) -> Iterator[machinery.Troubles]:
    """What went wrong behind the test's back so far; the test fails unless it is empty at the end."""
    with machinery.Troubles().heard(world.app) as troubles:
        yield troubles
    troubles += [f"a job raised {error!r}" for error in world.watch.failed_jobs]
    nothing(troubles, "a page works without a single error")


@pytest.fixture
def site(world: World) -> str:
    """The address at which the application serves, without a slash at the end."""
    return world.address()


@pytest.fixture
def page_for(
    request: pytest.FixtureRequest, browser: Browser, world: World, site: str, troubles: machinery.Troubles
) -> Iterator[Callable[..., Page]]:
    """``page_for(user)`` is a window of its own in which that user (an entity, or an e-mail) has logged in.

    ``page_for()`` is a stranger's. ``theme`` is light or dark, ``width`` in pixels, ``locale`` the browser's language;
    ``scripts=False`` switches JavaScript off. Addresses are relative: ``page.goto("/clients")``.
    """
    contexts: list[BrowserContext] = []

    def open_page(
        user: User | str | None = None,
        *,
        theme: str = "light",
        width: int = 1280,
        height: int = 800,
        locale: str = "en-GB",
        scripts: bool = True,
        touch: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=site,
            color_scheme=theme,
            viewport={"width": width, "height": height},
            locale=locale,
            timezone_id="Europe/Moscow",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            accept_downloads=True,
            has_touch=touch,
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies([_session_cookie(world, user, site)])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        troubles.watch(page)
        return page

    yield open_page
    failed, troubles.leaving = getattr(request.node, "failed", False), True
    for number, context in enumerate(contexts):
        if failed and context.pages:
            picture = PICTURES / f"{request.node.name.replace('/', '_')}-{number}.png"
            context.pages[-1].screenshot(path=picture, full_page=True)
            request.node.add_report_section("teardown", "picture", f"last seen: {picture.relative_to(ROOT)}")
        context.close()


@pytest.fixture
def phone_for(page_for: Callable[..., Page]) -> Callable[..., Page]:
    """``page_for`` on a small phone."""
    return lambda user: page_for(user, width=360, height=740, touch=True)


@pytest.fixture
def axe() -> Callable[..., None]:
    """``axe(page)`` fails with every place that WCAG 2.2 AA does not allow on the page as it stands, light or dark."""

    def check(page: Page, *, within: str | None = None, without: tuple[str, ...] = ()) -> None:
        nothing(machinery.axe_violations(page, within=within, without=without), "accessible to everybody (axe-core)")

    return check


@pytest.fixture
def fits() -> Callable[[Page], None]:
    """``fits(page)`` fails with the elements that make the page scroll to the side."""
    return lambda page: nothing(machinery.sideways(page), "no page scrolls to the side")


@pytest.fixture
def look(axe: Callable[..., None], fits: Callable[[Page], None]) -> Callable[..., None]:
    """``look(page)`` is both, at a desk and on a phone; ``last``: nobody needs the page afterwards."""

    def looked(page: Page, *, last: bool = False) -> None:
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            fits(page)
        if last:
            machinery.shorten(page)
        axe(page)
        page.set_viewport_size(DESK)
        axe(page)

    return looked


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True
    return report


def _session_cookie(world: World, user: User | str, site: str) -> dict[str, str]:
    if isinstance(user, str):
        with Session(world.engine) as session:
            user = session.scalars(select(User).where(User.email == user)).one()
    cookie = world.sign_in(user).get_cookie("session")
    return {"name": "session", "value": cookie.value, "url": site}
