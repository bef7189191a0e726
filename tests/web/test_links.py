"""Everybody walks through the whole demo company by the links that the pages show them."""

import re
from collections import deque
from collections.abc import Callable
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.client import StrictClient
from tests.support.sources import nothing
from webapp.domain.user import User
from webapp.domain.words import Department, Role

pytestmark = [pytest.mark.demo, pytest.mark.one_database]

FARTHEST = 600
"""Pages that each walk visits at most. Of pages that differ in numbers only a director, who sees them all, visits the
first two, and everybody else the first."""

LINK = re.compile(r'<a\b[^>]*\shref="([^"]*)"')
"""The client has read the page strictly before: whatever this leaves out is no link."""

PEOPLE = [
    *((role, department) for role in (Role.MEMBER, Role.HEAD) for department in Department),
    (Role.DIRECTOR, None),
    (Role.ADMINISTRATOR, None),
]


@pytest.mark.parametrize(("role", "department"), PEOPLE)
def test_every_link_that_a_page_shows_leads_to_a_page(
    session: Session, sign_in: Callable[[User], StrictClient], role: Role, department: Department | None
) -> None:
    people = select(User).where(User.role == role, User.department == department, User.deactivated_at.is_(None))
    client = sign_in(session.scalars(people.order_by(User.id).limit(1)).one())
    found = _walk(client, most=2 if role is Role.DIRECTOR else 1)
    nothing(found, "whoever sees a link may follow it, and finds a page in order")


def _walk(client: StrictClient, *, most: int) -> list[str]:
    """The links that lead nowhere, or where this person may not go, with the page that shows them."""
    waiting, seen, shapes, broken = deque([("/", "")]), {"/"}, {}, []
    while waiting and len(seen) < FARTHEST:
        path, shown_on = waiting.popleft()
        answer = client.get(path)
        if answer.status_code in {302, 303}:
            links = [answer.location]
        elif answer.status_code != 200:
            broken.append(f"{path} answers {answer.status_code}, shown on {shown_on}")
            continue
        else:
            links = LINK.findall(answer.get_data(as_text=True)) if answer.mimetype == "text/html" else []
        for link in links:
            there = urldefrag(urljoin(f"http://localhost{path}", unescape(link))).url
            address = urlsplit(there)
            target = address.path + (f"?{address.query}" if address.query else "")
            shape = re.sub(r"\d+", "0", address.path)
            if address.hostname == "localhost" and target not in seen and shapes.get(shape, 0) < most:
                seen.add(target)
                shapes[shape] = shapes.get(shape, 0) + 1
                waiting.append((target, path))
    return broken
