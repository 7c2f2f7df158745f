"""Sites that are not listed get nothing of a box in another site's page: UX 24."""

from playwright.sync_api import Page

from browser.embed.reader import Reader


def test_24_an_unlisted_origin_gets_a_refusal_and_no_message(
    reader: Reader, strangers_blog: str
) -> None:
    """Breaks when the box, or a message of the login, reaches an origin that is not listed."""
    page = reader.context.new_page()
    page.goto(f"{strangers_blog}/")
    page.get_by_text("Comments need JavaScript here.").wait_for()
    page.wait_for_timeout(500)
    assert page.locator(".sociallogin-button").count() == 0
    page.goto(f"{strangers_blog}/bare.html")
    address = f"{reader.sites.comments}/auth/embed/login/facebook?origin={strangers_blog}"
    with page.expect_popup() as popup:
        opens(page, address)
    refusal = "The page that you come from may not use this site's login."
    popup.value.get_by_text(refusal).first.wait_for()
    popup.value.wait_for_load_state("load")
    assert page.evaluate("told") == []
    refused = ("CORS", "Failed to fetch")  # as it must be
    reader.problems[:] = [
        said for said in reader.problems if not any(word in said for word in refused)
    ]


def test_24_a_strangers_window_plants_no_challenge(reader: Reader, strangers_blog: str) -> None:
    """Breaks when the window takes a challenge from an opener of another origin than it names."""
    page = reader.context.new_page()
    page.goto(f"{strangers_blog}/bare.html")
    address = f"{reader.sites.comments}/auth/embed/login/facebook?origin={reader.sites.blog}"
    with page.expect_popup() as popup:
        opens(page, address)
    window = popup.value
    window.get_by_text("Connecting to Facebook…").wait_for()
    window.wait_for_load_state("load")
    for _ in range(3):
        page.evaluate("""() => opened.postMessage(
          { sociallogin: { kind: "challenge", challenge: "A".repeat(43) } }, "*")""")
        page.wait_for_timeout(200)
    assert window.url == address, "no login has begun"
    assert window.locator('input[name="challenge"]').input_value() == ""
    assert page.evaluate("told") == [], "its ready was for the blog alone"
    reader.problems[:] = [said for said in reader.problems if "postMessage" not in said]


def test_24_a_strangers_address_signs_nobody_in(reader: Reader) -> None:
    """Breaks when a code in an address is worth anything without this tab's verifier."""
    reader.page.goto("about:blank")
    reader.page.goto(f"{reader.sites.blog}/#sociallogin={'A' * 43}")
    reader.becomes("anonymous")
    assert reader.page.url == f"{reader.sites.blog}/"
    assert reader.said("alert") == ""


def test_24_the_bearer_goes_to_no_other_site(reader: Reader, strangers_blog: str) -> None:
    """Breaks when `socialloginFetch` can be led elsewhere with the bearer in its hands."""
    reader.log_in("WordPress.com")
    for elsewhere in (f"{strangers_blog}/bare.html", "//evil.example/", "http://127.0.0.1:1/"):
        refused = reader.page.evaluate(
            """(url) => {
              try { document.querySelector(".sociallogin").socialloginFetch(url); }
              catch (error) { return error.name; } }""",
            elsewhere,
        )
        assert refused == "TypeError"


def opens(page: Page, address: str) -> None:
    """Opens a window in a click, which the browser asks for; `opened` is its handle."""
    page.evaluate(
        """(address) => addEventListener("click", () => {
          window.opened = window.open(address, "", "popup,width=600,height=700"); },
          { once: true })""",
        address,
    )
    page.click("body")
