"""A director has the demo company's history worked out, and reads health beside the naive rules; and who stays."""

from playwright.sync_api import expect

CUT_OFF = """picture => {
    const whole = picture.getBoundingClientRect();
    const seen = picture.closest("figure").getBoundingClientRect();
    return [...picture.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()])
        .filter(([, it]) => it.left < Math.max(whole.left, seen.left) || it.right > Math.min(whole.right, seen.right))
        .map(([text, it]) => [text, it.left, it.right, whole.left, whole.right]);
}"""
"""The writing that lies outside of the picture, or of what is seen of it."""


def test_the_back_test_of_the_demo_history_stands_beside_the_naive_rules(page_for, axe, fits) -> None:
    page = page_for("director@harbour.example")
    page.goto("/health/backtest")
    page.get_by_role("button", name="Work it out").click(timeout=60_000)
    rules = page.locator("#rules tbody tr")
    expect(rules).to_have_count(3, timeout=60_000)
    for row, rule in zip(
        rules.all(), ("Health", "Days since the last payment", "Days since the last contact"), strict=True
    ):
        expect(row.get_by_role("rowheader")).to_contain_text(rule)
        expect(row).to_contain_text("%")
    expect(page.locator("#bands tbody tr")).to_have_count(4)
    expect(page.locator("#floors li")).to_have_count(3)
    expect(page.locator("#backtest")).to_contain_text("version 1 of the model")
    axe(page)
    fits(page)

    page.get_by_role("link", name="How long clients stay").click()
    page.get_by_role("button", name="Work it out").click(timeout=60_000)
    expect(page.locator("#figures tbody tr")).to_have_count(1, timeout=60_000)
    page.get_by_role("link", name="Month of attraction").click()
    expect(page.locator("#figures tbody")).to_contain_text(" of ")

    page.get_by_role("link", name="All", exact=True).click()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.locator("svg.survival").evaluate(CUT_OFF) == []
        fits(page)
