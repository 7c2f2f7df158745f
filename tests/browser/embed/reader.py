"""Somebody who reads a blog whose comments are on another site."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page, Request

from browser.visitor import REPORT_VIOLATIONS
from browser.windows import closes, press

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
DRAFT = "Half the sugar 🍲 was right, مرحبا."
#: Of a window that is cut off the box hears by asking: at 3, 6, 10.5 and 17.25 seconds.
LATEST_MS = 20_000
HEAR = """
window.heard = [];
window.told = [];
addEventListener("message", ({ origin, data }) => told.push([origin, data]));
for (const name of ["signin", "signout", "error"]) {
  document.addEventListener(`sociallogin:${name}`, ({ detail }) => heard.push([name, detail]));
}
"""


@dataclass(frozen=True, slots=True)
class Sites:
    """The blog, and where its comments are."""

    blog: str
    comments: str


class Reader:
    """Somebody who reads the blog; `problems` holds what must never happen."""

    def __init__(self, context: BrowserContext, sites: Sites) -> None:
        self.context = context
        self.sites = sites
        self.problems: list[str] = []
        self._asked: list[Request] = []
        context.add_init_script(REPORT_VIOLATIONS + HEAR)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        context.on("request", self._request)
        self.page = context.new_page()

    def _console(self, message: Any) -> None:
        # Any answer that is an error, a favicon's 404 too.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.problems.append(message.text)

    def _request(self, request: Request) -> None:
        if request.is_navigation_request() or not request.url.startswith(self.sites.comments):
            return
        if request.frame.url.startswith(self.sites.blog):
            self._asked.append(request)

    def leave(self) -> None:
        """Ends the visit; the blog's page must never have sent a cookie over there."""
        for request in self._asked:
            if "cookie" in request.all_headers():
                self.problems.append(f"a third-party cookie at {request.url}")
        self.context.close()

    def open(self, path: str = "/") -> "Reader":
        self.page.goto(f"{self.sites.blog}{path}")
        self.becomes("anonymous")
        return self

    def becomes(self, state: str) -> None:
        box = self.page.locator(f'.sociallogin[data-state="{state}"]')
        box.wait_for(timeout=LATEST_MS)

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def choose(self, label: str = "Facebook") -> Page:
        """Presses a provider's button; gives its window, at the provider's."""
        with self.page.expect_popup() as popup:
            self.button(f"Log in with {label}").click()
        popup.value.wait_for_selector('button[name="press"]')
        return popup.value

    def log_in(self, label: str = "Facebook") -> "Reader":
        window = self.choose(label)
        press(window)
        self.becomes("signed-in")
        closes(window)
        return self

    def log_in_here(self, press_value: str = "grant") -> None:
        """The rest of a login in the page's own tab."""
        self.page.wait_for_url(f"{self.sites.comments}/auth/embed/login/**")
        self.button("Log in with Facebook").click()
        press(self.page, press_value)
        self.page.wait_for_url(f"{self.sites.blog}/**")

    def write(self, text: str = DRAFT) -> None:
        self.page.get_by_label("Your comment").fill(text)

    @property
    def text(self) -> str:
        return self.page.get_by_label("Your comment").input_value()

    @property
    def bearer(self) -> str | None:
        kept = "JSON.parse(sessionStorage.getItem(Object.keys(sessionStorage)"
        key = ".find((key) => key.startsWith('sociallogin:embed:')))).bearer ?? null"
        bearer: str | None = self.page.evaluate(kept + key)
        return bearer

    def identity_by(self, bearer: str | None) -> Any:
        """Whom the bearer stands for, asked from this page."""
        return self.page.evaluate(
            """async ([url, bearer]) => (await (await fetch(url, {
              headers: { Authorization: `Bearer ${bearer}` } })).json()).identity""",
            [f"{self.sites.comments}/auth/identity", bearer],
        )

    def said(self, name: str) -> str:
        return self.page.locator(f".sociallogin-{name}").inner_text()
