"""A head says how likely deals are won from a stage; the deals board weighs by it, beside what was measured."""

from playwright.sync_api import expect


def test_a_head_sets_a_chance_and_the_board_weighs_by_it(page_for, axe, fits) -> None:
    page = page_for("ian@harbour.example")
    page.goto("/deals")
    page.get_by_role("link", name="Deals board").click()
    column = page.get_by_role("region", name="Named the need")
    expect(column).to_contain_text("40 % set by the head")
    expect(column.locator(".warn")).to_contain_text("measured")
    worth = column.locator(".deal-worth").first
    before = worth.locator("b").inner_text()

    page.goto("/settings/stages")
    page.get_by_role("link", name="Named the need").click()
    page.get_by_label("Chance that a deal is won from here").fill("100")
    page.get_by_role("button", name="Save").click()
    page.goto("/deals/board")
    expect(column).to_contain_text("100 % set by the head")
    expect(worth.locator("b")).not_to_contain_text(before)
    expect(worth.locator("b")).to_contain_text(worth.locator("span").first.inner_text())

    page.get_by_role("group", name="Stages of Sales").focus()
    page.keyboard.press("Tab")
    first = page.locator(".deal-cards a").first
    expect(first).to_be_focused()
    name = first.inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)

    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/deals/board?department=client")
    axe(page)
    fits(page)
    page.get_by_role("link", name="Forecast against fact").click()
    expect(page.locator("#figures tbody tr")).to_have_count(12)
    page.get_by_role("link", name="How deals end").click()
    expect(page.locator("#people")).to_contain_text("too few")
    expect(page.locator("#reasons li").first).to_be_visible()
