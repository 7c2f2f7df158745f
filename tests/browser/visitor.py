"""A person with a browser of their own: what they do, what they see, and what must never happen."""

from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Request,
    Response,
    WebError,
)

from browser.served import Served

POST = "/post/1"
LABELS = ("WordPress.com", "X (Twitter)", "Facebook")

#: Runs in every page before its own; the policy does not apply to it.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`));
"""
#: In a page with a box: each thing that its status says from now on, with the state it says it in.
SAID = """
window.said = [];
new MutationObserver(([{ target }]) =>
  said.push([target.closest(".sociallogin").dataset.state, target.textContent])
).observe(document.querySelector(".sociallogin-status"), { childList: true });
"""
_MACHINE = {"127.0.0.1", "localhost"}
#: What Chromium itself says of any answer that is an error page.
_STATUS_NOTE = "Failed to load resource: the server responded with a status of"


class Watch:
    """Sees everything that a browser does; `problems` holds what must never happen.

    A request that leaves this machine, an answer 500, a page without a strict policy, a violated
    policy, an error in the console, a dialog.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.problems: list[str] = []
        self.requested: list[str] = []
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("dialog", self._dialog)
        context.on("weberror", self._error)

    @property
    def hosts(self) -> set[str]:
        """Host and port of everything requested so far."""
        return {urlsplit(url).netloc for url in self.requested}

    def _request(self, request: Request) -> None:
        self.requested.append(request.url)
        if urlsplit(request.url).hostname not in _MACHINE:
            self.problems.append(f"left this machine: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status == 500:
            self.problems.append(f"answered 500: {response.url}")
        if response.request.resource_type == "document" and not 300 <= response.status < 400:
            self.problems += [f"{fault}: {response.url}" for fault in faults_of(response)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_STATUS_NOTE):
            self.problems.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.problems.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _error(self, error: WebError) -> None:
        self.problems.append(f"script failed: {error.error}")


def faults_of(page: Response) -> list[str]:
    """What is too weak in the headers of a page."""
    policy = page.headers.get("content-security-policy", "")
    directives = {part.strip() for part in policy.split(";")}
    # The box as a fragment may stand in a frame of this site's own.
    framed_by = "'self'" if urlsplit(page.url).path == "/auth/box" else "'none'"
    faults = []
    if page.headers.get("x-content-type-options") != "nosniff":
        faults.append("no nosniff")
    if "unsafe-" in policy or not directives & {"default-src 'none'", "default-src 'self'"}:
        faults.append("weak policy")
    if not {"base-uri 'none'", f"frame-ancestors {framed_by}"} <= directives:
        faults.append("base or frames are open")
    return faults


class Visitor:
    """A person in front of a browser; `page` is the tab that they look at."""

    def __init__(self, context: BrowserContext, served: Served) -> None:
        self.context = context
        self.served = served
        self.watch = Watch(context)
        self.page = context.new_page()

    def open(self, path: str = POST) -> "Visitor":
        """Opens a page of the blog."""
        self.page.goto(f"{self.served.url}{path}")
        return self

    def new_tab(self) -> None:
        """Opens a tab and looks at it."""
        self.page = self.context.new_page()

    def write(self, text: str) -> None:
        """Types a comment."""
        self.page.get_by_label("Your comment").fill(text)

    @property
    def text(self) -> str:
        """What stands in the text area."""
        return self.page.get_by_label("Your comment").input_value()

    def button(self, name: str) -> Locator:
        """The button with exactly this accessible name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def leave_for(self, label: str) -> None:
        """Presses a provider's button, and is at the provider's."""
        self.button(f"Log in with {label}").click()
        self.page.wait_for_url(lambda url: not url.startswith(self.served.url))

    def press(self, value: str) -> None:
        """Presses a button of the consent page, and is back."""
        button = self.page.locator(f'button[name="press"][value="{value}"]')
        if not button.is_visible():
            self.page.get_by_text("Ask for a fault").click()
        button.click(timeout=20_000)
        self.page.wait_for_url(f"{self.served.url}/**", timeout=20_000)

    def log_in(self, label: str, press: str = "grant") -> "Visitor":
        """A whole login."""
        self.leave_for(label)
        self.press(press)
        return self

    def publish(self) -> Locator:
        """Publishes what was typed; gives the comment as it stands on the page."""
        self.button("Publish comment").click()
        self.page.wait_for_url("**#comment-*")
        return self.page.locator(f"#{urlsplit(self.page.url).fragment}")

    @property
    def line(self) -> str:
        """The line that says whom one is commenting as."""
        return self.page.locator(".sociallogin-line").inner_text()

    @property
    def state(self) -> str | None:
        """The state of the box."""
        return self.page.locator(".sociallogin").get_attribute("data-state")

    def becomes(self, state: str) -> None:
        """Waits until the box is in this state; with script no page tells when."""
        self.page.locator(f'.sociallogin[data-state="{state}"]').wait_for()
        self.page.wait_for_load_state()  # without script, the rest of the page too

    @property
    def status(self) -> str:
        """What the box says happened."""
        return self.page.locator(".sociallogin-status").inner_text()

    @property
    def alert(self) -> str:
        """What the box says went wrong."""
        return self.page.locator(".sociallogin-alert").inner_text()

    @property
    def identity(self) -> dict[str, Any] | None:
        """Who is logged in, as the site itself tells."""
        answer = self.context.request.get(f"{self.served.url}/auth/identity")
        identity: dict[str, Any] | None = answer.json()["identity"]
        return identity


#: Each call is another person; `at` is what they visit, the rest describes their browser.
Arrive: TypeAlias = Callable[..., Visitor]
