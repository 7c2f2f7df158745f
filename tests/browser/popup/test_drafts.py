"""A draft outlives whatever publishes nothing, and goes with what does."""

from browser.popup.boxes import WIDE, opened
from browser.served import Counted
from browser.visitor import POST, Arrive, Visitor
from browser.windows import press


def test_an_accepted_comment_takes_its_draft_along(arrive: Arrive, blog: Counted) -> None:
    """Breaks when a published comment stands in the text area again, or a refused one does not."""
    visitor = arrive(blog, **WIDE).open()
    visitor.write("Said once")
    visitor.page.get_by_label("Email").fill("no address")
    visitor.button("Publish comment").click()
    visitor.page.wait_for_url("**/comments#respond")
    assert visitor.text == "Said once"
    visitor.page.get_by_label("Email").fill("")
    visitor.publish()
    assert visitor.text == ""
    visitor.page.reload()
    assert visitor.text == ""


def test_who_comments_as_somebody_else_has_published_nothing(arrive: Arrive) -> None:
    """Breaks when the box's own button counts as the comment: words that the page has are lost."""
    visitor = arrive(**WIDE).open()
    press(opened(visitor))
    visitor.becomes("signed-in")
    visitor.write("patience")  # as in the article
    visitor.button("Change").click()
    visitor.becomes("changing")
    visitor.page.get_by_label("Name").fill("Ada")
    visitor.page.route("**/auth/guest", lambda route: route.abort("aborted"))
    with visitor.page.expect_event("requestfailed"):
        visitor.button("Continue as guest").click()
    assert visitor.open().text == "patience"


def test_a_draft_survives_a_reload(visitor: Visitor) -> None:
    """Breaks when what was typed is kept later than 300 ms."""
    page = visitor.context.new_page()
    page.goto(f"{visitor.served.url}{POST}")
    area = page.get_by_label("Your comment")
    area.press_sequentially("typed")
    kept = page.evaluate(
        """async () => {
          await new Promise((resolve) => setTimeout(resolve, 300));
          return JSON.stringify(sessionStorage);
        }"""
    )
    assert "typed" in kept
    page.reload()
    assert area.input_value() == "typed"
