"""Every kind of page in every language, colour and size: accessible, within the screen, quiet."""

import json

import pytest

from tests.browser import DESK, LOOKS, LOOKS_DECIDE, RULES, axe, fits

pytestmark = pytest.mark.browser


@pytest.fixture
def rules(look):
    """At the desk all; the markup is the same in the other looks, but for its words."""
    return RULES if look == DESK else LOOKS_DECIDE


@pytest.mark.parametrize("look", LOOKS, indirect=True, ids=str)
def test_the_sign_in_page(page, look):
    page.goto("/login/?")
    assert (
        page.locator("html").get_attribute("lang")
        == {"zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant", "en": "en"}[look.locale]
    )
    assert page.locator("html").get_attribute("data-bs-theme") == look.theme
    axe(page)
    fits(page)


@pytest.mark.parametrize("look", LOOKS, indirect=True, ids=str)
@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("administrator", ["/gallery/fields", "/gallery/fields?wrong=1", "/gallery/words"]),
        ("clerk", ["/users/userinfo/", "/password/", "/nowhere"]),
    ],
    ids=["the gallery", "account and error pages"],
)
def test_pages(enter, role, paths, rules):
    page = enter(role)
    for path in paths:
        answer = page.goto(path)
        assert answer, path
        assert answer.status < 500, path
        axe(page, rules)
        fits(page)


@pytest.mark.parametrize("look", LOOKS, indirect=True, ids=str)
def test_the_screens_of_flask_appbuilder(enter, look, rules):
    page = enter("administrator")
    page.goto("/gallery-outlets/list/")
    axe(page, rules)
    page.goto("/gallery-outlets/add")
    page.get_by_test_id("field-code").fill(f"N-{look}")
    page.get_by_test_id("field-name").fill("浦东网点")
    axe(page, rules)
    fits(page)
    page.get_by_test_id("save").click()
    page.wait_for_url("**/list/**")
    with page.expect_navigation():
        page.get_by_role("link", name=f"N-{look}").first.click()
    axe(page, rules)
    fits(page)
    page.goto("/gallery-outlets/list/")
    page.get_by_test_id("filters").locator("summary").click()
    axe(page, rules)
    fits(page)
    assert "True" not in page.inner_text("main")
    assert "None" not in page.inner_text("main")


def test_what_comes_onto_a_page_styles_nothing_that_was_there(browser, enter):
    """As nothing tells otherwise: a page with all its styles anew for each change is slow on every phone."""
    page = enter("administrator")
    page.goto("/gallery/words")
    browser.start_tracing(page=page, categories=["devtools.timeline", "blink.user_timing"])
    page.evaluate(_COMES)
    events = sorted(json.loads(browser.stop_tracing())["traceEvents"], key=lambda event: event.get("ts", 0))
    names = [event["name"] for event in events]
    between = events[names.index("comes") : names.index("came")]
    styled = [event["args"].get("elementCount", 0) for event in between if event["name"] == "UpdateLayoutTree"]
    assert 0 < max(styled) <= 10


#: A paragraph comes onto a page of which everything is styled.
_COMES = """() => {
  document.body.offsetHeight;
  performance.mark('comes');
  document.querySelector('main').append(document.createElement('p'));
  document.body.offsetHeight;
  performance.mark('came');
}"""
