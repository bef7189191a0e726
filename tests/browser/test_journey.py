"""The story of the product, from an empty database to a client that changed hands, told by the people who live it.

A director founds the company, imports its client base and invites colleagues; a hunter wins a client and hands it to
a clerk, who has watched the board all the time; everybody can read what happened.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, UTC
from pathlib import Path

import pytest
from playwright.sync_api import expect, Locator, Page

from tests.support.beginnings import accept_the_link, found_the_company, go, import_an_export, invite
from tests.support.browser import Troubles
from tests.support.export import make_export

pytestmark = pytest.mark.fresh

FIRM = "Northern Wind"
PROMISE = "A spare router stands ready in our office"
LIVE_MS = 3000
"""Within this time an open board shows what somebody else did."""

EXPORT = make_export(4, clients=16, deals=40)
CLIENTS = {row["account"] for row in EXPORT.tables["accounts"]}
BUYERS = {row["account"] for row in EXPORT.rows(deal_stage="Won")}


@pytest.mark.both_databases
def test_a_client_goes_from_an_empty_database_to_the_clerk(
    page_for: Callable[..., Page], troubles: Troubles, tmp_path: Path
) -> None:
    director = page_for()
    found_the_company(director)
    import_an_export(director, EXPORT.write(tmp_path / "export"), len(CLIENTS), len(BUYERS))
    see_the_buyers_in_the_client_lane(director)
    hunter = accept_the_link(page_for(), invite(director, "Harry Hunter", "Sales"))
    clerk = accept_the_link(page_for(), invite(director, "Clara Clerk", "Client"))
    visitor = accept_the_link(page_for(), invite(director, "Vera Visitor", "VIP"))
    board = clerk.context.new_page()
    troubles.watch(board)
    board.goto("/board")
    board.evaluate("() => { window.untouched = true }")

    add_a_client(hunter)
    learn_about_the_client(hunter)
    add_a_deal(hunter)
    carry_the_card_by_keyboard(hunter, "Talked to us")
    expect(card_in(board, "Talked to us")).to_be_visible(timeout=LIVE_MS)
    be_stopped_before_agreed(hunter)
    send_a_proposal(hunter, tmp_path / "proposal.pdf")
    ask_for_stage(hunter, "Agreed")
    expect(card_in(board, "Agreed")).to_be_visible(timeout=LIVE_MS)

    offer_to_the_client_department(hunter)
    expect(card_in(board, "Agreed")).to_contain_text("Offered", timeout=LIVE_MS)
    accept_the_offer(clerk)
    expect(card_in(board, "Came from Sales")).to_contain_text("Clara Clerk", timeout=LIVE_MS)
    expect(card_in(board, "Agreed")).to_have_count(0)
    assert board.evaluate("() => window.untouched"), "the board was never loaded again"

    everything_has_moved_to_the_clerk(clerk)
    win_the_deal(clerk)
    read_the_whole_story(visitor)


def see_the_buyers_in_the_client_lane(page: Page) -> None:
    """Who bought is the clerks' client; the others are still hunted."""
    go(page, "Board")
    for lane, names in (("Client", BUYERS), ("Sales", CLIENTS - BUYERS)):
        cards = page.get_by_role("region", name=lane, exact=True).get_by_role("article")
        expect(cards).to_have_count(len(names))
        assert set(cards.locator(".card-name").all_inner_texts()) == names


def add_a_client(page: Page) -> None:
    """A wrong ИНН and a client that we have are named while they are typed."""
    go(page, "Board")
    page.get_by_role("link", name="Add a client").click()
    page.get_by_label("ИНН").press_sequentially("7707083894")
    expect(page.get_by_text("check digit")).to_be_visible()
    page.get_by_label("ИНН").fill("7707083893")
    expect(page.get_by_text("The ИНН is right")).to_be_visible()
    known = min(BUYERS)
    page.get_by_label("Name of the firm").press_sequentially(known)
    expect(page.get_by_text("This may be a client of ours already")).to_be_visible()
    expect(page.get_by_role("link", name=known, exact=True)).to_be_visible()
    page.get_by_label("Name of the firm").fill(FIRM)
    expect(page.get_by_text("This may be a client of ours already")).to_be_hidden()
    page.get_by_role("button", name="Add the client").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(FIRM)


def learn_about_the_client(page: Page) -> None:
    """Who decides, what was said, what we promised, and when we meet again."""
    page.get_by_role("region", name="Contacts").get_by_role("link", name="Add").click()
    page.get_by_role("dialog").get_by_label("Part in the decision").select_option("Decides")
    say(page, {"Full name": "Irina Boss", "Position": "director", "Phone": "8 916 123-45-67"})
    page.get_by_role("link", name="Record an interaction").click()
    say(page, {"What came of it": "They want two offices connected"})
    page.get_by_role("region", name="Promises").get_by_role("link", name="Add").click()
    say(page, {"What we promised": PROMISE})
    page.get_by_role("link", name="Plan a touch").first.click()
    soon = (datetime.now(UTC) + timedelta(days=2)).date()
    say(page, {"Day": soon.isoformat(), "What about": "Show the second office"})
    expect(page.get_by_role("region", name="What to do next")).to_contain_text("Show the second office")


def add_a_deal(page: Page) -> None:
    """A product of the imported catalogue comes with its price."""
    page.get_by_role("region", name="Deals").get_by_role("link", name="New deal").click()
    page.get_by_label("What they may buy").fill("Two offices")
    page.get_by_label("Product").first.select_option("GTX Pro")
    page.get_by_label("Quantity").first.fill("2")
    expect(page.locator("#total-one-off")).to_contain_text("9,642")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Two offices")


def carry_the_card_by_keyboard(page: Page, stage: str) -> None:
    go(page, "Board")
    page.get_by_role("article", name=FIRM).focus()
    for key in ("Space", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator("#toasts")).to_contain_text(f"{FIRM}: {stage}")
    expect(card_in(page, stage)).to_be_visible()


def ask_for_stage(page: Page, stage: str) -> None:
    """By the card's menu."""
    go(page, "Board")
    page.get_by_role("link", name=f"Move: {FIRM}").click()
    page.get_by_role("dialog").get_by_role("button", name=stage).click()


def be_stopped_before_agreed(page: Page) -> None:
    """A stage whose exit criteria are unmet names what is missing, and the card stays."""
    ask_for_stage(page, "Got our proposal")
    expect(card_in(page, "Got our proposal")).to_be_visible()
    ask_for_stage(page, "Agreed")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("A sent proposal")
    page.keyboard.press("Escape")
    expect(card_in(page, "Got our proposal")).to_be_visible()


def send_a_proposal(page: Page, file: Path) -> None:
    """From the deal to the PDF that is stored for ever."""
    open_the_client(page)
    page.get_by_role("link", name="Two offices").click()
    page.get_by_role("button", name="Make a proposal").click()
    page.get_by_label("The task, in the client's words").fill("You asked to **connect** two offices.")
    page.get_by_role("button", name="Save and look").click()
    document = page.frame_locator("iframe")
    expect(document.get_by_text("GTX Pro")).to_be_visible()
    expect(document.get_by_text("9,642.00").first).to_be_visible()
    page.get_by_role("button", name="Send").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("region", name="Versions")).to_contain_text("valid until")
    with page.expect_download() as got:
        page.get_by_role("link", name="Download PDF").click()
    got.value.save_as(file)
    assert file.read_bytes().startswith(b"%PDF")
    open_the_client(page)
    expect(page.get_by_role("region", name="Deals")).to_contain_text("version 1: Sent")


def offer_to_the_client_department(page: Page) -> None:
    """Nothing is offered while the next owner would have to guess."""
    open_the_client(page)
    page.get_by_role("button", name="Hand off: Sales → Client").click()
    expect(page.get_by_label("Who decides")).to_have_value(re.compile("Irina Boss"))
    page.get_by_role("button", name="Offer to: Client").click()
    expect(page.get_by_role("alert")).to_contain_text("Payment terms and who pays")
    page.get_by_label("Why they bought").fill("The old line was down twice a week")
    page.get_by_label("Payment terms and who pays").fill("Ten days; the accountant")
    page.get_by_label("Open problems").fill("none")
    page.get_by_role("button", name="Offer to: Client").click()
    expect(page.get_by_text("Harry Hunter stays responsible until the client is accepted.")).to_be_visible()


def accept_the_offer(page: Page) -> None:
    """The inbox counts in working hours; the clerk chooses who answers from now on."""
    go(page, "Hand-offs")
    waiting = page.get_by_role("region", name="Waiting for an answer").get_by_role("listitem").filter(has_text=FIRM)
    expect(waiting).to_contain_text(re.compile(r"\d+ working (hours?|minutes?) left"))
    waiting.get_by_role("link", name=f"Answer the hand-off of {FIRM}").click()
    along = page.get_by_role("region", name="What comes along")
    for thing in ("Two offices", "Show the second office", PROMISE):
        expect(along).to_contain_text(thing)
    page.get_by_role("radio", name="Clara Clerk").check()
    page.get_by_role("button", name="Accept the client").click()
    expect(page.locator("#toasts")).to_contain_text("the owner is Clara Clerk")


def everything_has_moved_to_the_clerk(page: Page) -> None:
    """Owner, deal, task and promise, at once."""
    expect(page.get_by_role("heading", level=1)).to_have_text(FIRM)
    tasks = [("What to do next", task) for task in ("Show the second office", "Introduce yourself to the client")]
    for region, thing in [("Deals", "Two offices"), ("Promises", PROMISE), *tasks]:
        row = page.get_by_role("region", name=region).get_by_role("listitem").filter(has_text=thing)
        expect(row).to_contain_text("Clara Clerk")
    answers = page.locator("dl.accountable")
    expect(answers).to_contain_text(re.compile("Client.*Clara Clerk.*Came from Sales", re.DOTALL))
    expect(answers).not_to_contain_text("Harry Hunter")


def win_the_deal(page: Page) -> None:
    """Whoever closes the first deal, the merit is the hunter's who brought the client."""
    page.get_by_role("link", name="Two offices").click()
    page.locator("summary", has_text="Close").click()
    page.get_by_role("button", name="Won", exact=True).click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    open_the_client(page)
    expect(page.locator("dl.accountable")).to_contain_text(re.compile("Attracted by.*Harry Hunter", re.DOTALL))


def read_the_whole_story(page: Page) -> None:
    """The third department reads every step, with who did it."""
    open_the_client(page)
    told = page.get_by_role("region", name="Timeline").get_by_role("listitem")
    first = "Added the client|Added a contact|They want two offices|A spare router|Show the second office|Added a deal"
    then = "Got our proposal → Agreed|Sent a proposal|Offered the client"
    for who, did in {"Harry Hunter": f"{first}|{then}", "Clara Clerk": "Accepted the hand-off|Won a deal"}.items():
        for what in did.split("|"):
            expect(told.filter(has_text=what).filter(has_text=who).first).to_be_visible()
    contacts = page.get_by_role("region", name="Contacts")
    expect(contacts).to_contain_text("Irina Boss")
    expect(contacts).not_to_contain_text("916")


def open_the_client(page: Page) -> None:
    """By the search of the bar, as one does who has the name on the phone."""
    page.get_by_role("combobox", name="Find a client").fill(FIRM)
    page.get_by_role("option", name=FIRM).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(FIRM)


def say(page: Page, words: dict[str, str]) -> None:
    """Fill the form in the dialog, and save it."""
    dialog = page.get_by_role("dialog")
    for label, text in words.items():
        dialog.get_by_label(label).first.fill(text)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def card_in(page: Page, stage: str) -> Locator:
    return page.get_by_role("region", name=stage, exact=True).get_by_role("article", name=FIRM)
