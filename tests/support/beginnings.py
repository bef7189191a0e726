"""How a company begins, by hand in a browser: it is founded, its client base comes in, its people are invited."""

import re
from pathlib import Path

from playwright.sync_api import expect, Page

PASSWORD = "seven green kettles whistle"


def go(page: Page, place: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=place).click()


def found_the_company(page: Page) -> None:
    """The first visit of an empty database leads to the first run."""
    page.goto("/")
    expect(page).to_have_url(re.compile("/setup$"))
    page.get_by_label("Company", exact=True).fill("Acme Telecom")
    page.get_by_label("Time zone").fill("Europe/Moscow")
    page.get_by_label("Your name").fill("Diana Director")
    page.get_by_label("Your e-mail").fill("diana@acme.test")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Create the company").click()
    expect(page.locator("#toasts")).to_contain_text("invite your colleagues, or import your clients")


def import_an_export(page: Page, folder: Path, clients: int, buyers: int) -> None:
    """The preview counts the clients, and those of them who bought; the result is what it told."""
    go(page, "Imports")
    page.get_by_label("Files", exact=True).set_input_files(sorted(folder.glob("*.csv")))
    page.get_by_role("button", name="Read the files").click()
    expect(page.get_by_text("Nothing is written yet.")).to_be_visible()
    counts = page.get_by_role("table")
    promised = counts.inner_text()
    expect(counts.get_by_role("row", name="Clients").get_by_role("cell").first).to_have_text(str(clients))
    expect(page.locator(".tile", has_text="lane of Client")).to_contain_text(str(buyers))
    page.get_by_role("button", name="Import this").click()
    expect(page.get_by_text("exactly as the preview said")).to_be_visible()
    assert counts.inner_text() == promised


def invite(director: Page, name: str, department: str) -> str:
    """The link that the director sends to a new member of the department."""
    go(director, "Users")
    director.get_by_role("link", name="Invite").click()
    director.get_by_label("Full name").fill(name)
    director.get_by_label("E-mail").fill(f"{name.split(maxsplit=1)[0].lower()}@acme.test")
    director.get_by_label("Department").select_option(department)
    director.get_by_role("button", name="Invite").click()
    return director.get_by_label("Link", exact=True).input_value()


def accept_the_link(page: Page, link: str) -> Page:
    """In a window of one's own: choose a password, and be logged in; it is good for the next time, too."""
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Save and log in").click()
    expect(page.locator("#toasts")).to_contain_text("Welcome, ")
    return page
