"""Where the owner approves comments or removes them as spam, and Akismet learns of it.

The demo knows no accounts of its own. Its owner is whoever has the link that `sociallogin demo`
prints when it starts: it holds a random secret, which a cookie then keeps.
"""

import sqlite3
from collections.abc import Callable
from functools import wraps
from hmac import compare_digest
from typing import ParamSpec

from flask import Flask, redirect, render_template, request
from flask.typing import ResponseReturnValue

from ..akismet import Akismet
from . import words
from .browser import Browser
from .checked import CheckedComments

P = ParamSpec("P")

PATH = "/moderation"


def owner_url(base_url: str, key: str) -> str:
    """The link that makes a browser the owner's."""
    return f"{base_url}{PATH}?key={key}"


class Moderation:
    """The owner's page.

    Args:
        akismet: whom to tell; None when it is off.
        connect: this request's connection to the database.
        clock: seconds since the epoch.
        browser: the browser that sent the current request.
        key: the secret of the owner's link.
    """

    def __init__(
        self,
        akismet: Akismet | None,
        connect: Callable[[], sqlite3.Connection],
        clock: Callable[[], float],
        browser: Browser,
        key: str,
    ) -> None:
        self._akismet = akismet
        self._connect = connect
        self._clock = clock
        self._browser = browser
        self._key = key

    def add_to(self, app: Flask, number: str) -> None:
        """Registers the views; `number` is the rule of a comment's number."""
        app.add_url_rule(PATH, "moderation", self.enter)
        for rule, view in (("approve", self.approve), ("spam", self.remove)):
            guarded = self.owners_only(view)
            app.add_url_rule(f"{PATH}/{number}/{rule}", rule, guarded, methods=["POST"])
        app.jinja_env.globals["is_owner"] = self.is_owner

    def is_owner(self) -> bool:
        """Whether the current request is the owner's."""
        return self._fits(self._browser.owner)

    def enter(self) -> ResponseReturnValue:
        """The page; the link's secret goes from the address into a cookie at once."""
        if self._fits(request.args.get("key")):
            self._browser.owner = self._key
            return redirect(PATH, 303)
        return self.owners_only(self.show)()

    def owners_only(
        self, view: Callable[P, ResponseReturnValue]
    ) -> Callable[P, ResponseReturnValue]:
        """A view that answers 403 to everybody else."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if self.is_owner():
                return view(*args, **kwargs)
            title, sentence = words.not_the_owner()
            return render_template("error.html", title=title, sentence=sentence), 403

        return guarded

    def show(self) -> ResponseReturnValue:
        """What waits, and what was published."""
        return render_template(
            "moderation.html",
            waiting=self._comments.waiting(),
            published=self._comments.published(),
            akismet=self._akismet is not None,
            notice=self._browser.take_notice(),
            visit=self._browser.visit(),
        )

    def approve(self, number: int) -> ResponseReturnValue:
        """Publishes a comment that waits; Akismet learns of it, unless it said the same."""
        checked = self._comments.approve(number)
        if checked is None:
            self._browser.leave_notice("gone")
        else:
            told = None
            if self._akismet and checked.outcome != "ham":
                told = self._akismet.submit_ham(checked.asked)
            self._browser.leave_notice(_notice("approved", told))
        return redirect(PATH, 303)

    def remove(self, number: int) -> ResponseReturnValue:
        """Removes a comment as spam; Akismet learns of it, unless it said the same."""
        checked = self._comments.remove(number)
        if checked is None:
            self._browser.leave_notice("gone")
        else:
            told = None
            if self._akismet and checked.outcome != "spam":
                told = self._akismet.submit_spam(checked.asked)
            self._browser.leave_notice(_notice("removed", told))
        return redirect(PATH, 303)

    @property
    def _comments(self) -> CheckedComments:
        return CheckedComments(self._connect(), self._clock)

    def _fits(self, key: str | None) -> bool:
        if not key:  # nor would it fit if the file of the secret had been emptied
            return False
        return compare_digest(key.encode("utf-8", "replace"), self._key.encode())


def _notice(done: str, told: bool | None) -> str:
    """The key of the sentence that says what was done, and whether Akismet knows."""
    return done if told is None else f"{done}-{'told' if told else 'untold'}"
