"""The blog as a Flask app: one post, its comments and likes, and the comment box.

Every button on the page belongs to the one comment form, by the HTML attribute `form`. So
whatever is typed arrives with every press and is kept as a draft: liking the post, answering
somebody or logging in never costs a word.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import ParamSpec
from urllib.parse import urlencode

from flask import (
    Flask,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from .. import Identity, RequestError, SocialLogin
from ..akismet import Akismet, Comment
from ..integrations.flask import SocialLoginFlask
from ..web.initials import hue, initials
from ..web.templating import bdi
from . import display, language, words
from .browser import Browser
from .checked import CheckedComments
from .conversation import CommentGone, Conversation, threads
from .database import connect, create_tables, writing
from .drafts import Drafts
from .folder import DATABASE, default_folder, owner_key, prepare
from .moderation import Moderation
from .seed import sow

P = ParamSpec("P")

POST = "/post/1"
RESPOND = f"{POST}#respond"

LOGIN_ENDPOINT = "sociallogin"  # the login's own endpoints guard themselves
MAX_BODY = 256 * 1024
MAX_NUMBER = 2**63 - 1  # SQLite holds no larger one

# Without `form-action`: Chromium applies it to every redirect of a login, wherever it leads.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cache-Control": "private, no-cache",
}


def create_app(
    login: SocialLogin | None = None, *, data: str | os.PathLike[str] | None = None
) -> Flask:
    """The demo's blog, for any WSGI server.

    Args:
        login: by default what the environment configures (`SOCIALLOGIN_CONFIG`, …).
        data: the folder of its SQLite file; by default `SOCIALLOGIN_DEMO_DATA`, else a folder in
            the user's data directory.

    Raises:
        ConfigError: the environment's configuration has faults.
        OSError: the folder cannot be made.
        sqlite3.Error: the file in it cannot be used.
    """
    login = login or SocialLogin.from_env()
    folder = Path(data or os.environ.get("SOCIALLOGIN_DEMO_DATA") or default_folder(os.environ))
    prepare(folder)
    path = folder / DATABASE
    with closing(connect(path)) as connection, writing(connection):
        if create_tables(connection):
            sow(connection, int(login.clock()))
    app = Flask(__package__)
    Blog(SocialLoginFlask(app, login), path, owner_key(folder)).add_to(app)
    return app


class Blog:
    """The views of the blog; its data is the SQLite file at `path`.

    `owner_key` is the secret of the owner's link.
    """

    def __init__(self, social: SocialLoginFlask, path: Path, owner_key: str) -> None:
        self._social = social
        self._login = social.login
        self._path = path
        self._browser = Browser(self._login.config, self._login.random)
        self._akismet = Akismet.of(self._login)
        self._moderation = Moderation(
            self._akismet, lambda: self.connection, self._login.clock, self._browser, owner_key
        )

    def add_to(self, app: Flask) -> None:
        """Registers views, hooks and what the templates need."""
        number = f"<int(max={MAX_NUMBER}):number>"
        app.add_url_rule("/", "home", self.show)
        app.add_url_rule(POST, "post", self.show)
        app.add_url_rule("/favicon.ico", "icon", show_icon)
        for rule, view in (
            ("comments", self.comment),
            ("draft", self.draft),
            ("like", self.keeps_draft(self.like)),
            (f"comments/{number}/delete", self.keeps_draft(self.delete)),
        ):
            app.add_url_rule(f"{POST}/{rule}", rule, view, methods=["POST"])
        self._moderation.add_to(app, number)
        self._social.on_begin(self.begin)
        app.before_request(self.refuse_cross_site)
        app.after_request(add_headers)
        app.teardown_appcontext(close_connection)
        app.register_error_handler(HTTPException, show_error)
        app.register_error_handler(sqlite3.Error, show_busy)
        app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
        app.jinja_env.add_extension("jinja2.ext.i18n")
        app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # by the extension
            language.gettext, language.ngettext, newstyle=True
        )
        app.jinja_env.filters |= {"bdi": bdi, "isolate": language.isolate}
        app.jinja_env.globals |= {
            "POST": POST,
            "language": language.current,
            "initials": initials,
            "hue": hue,
            "timestamp": display.timestamp,
            "ago": lambda then: display.ago(then, self._login.clock()),
        }

    # What the visitor does

    def show(self) -> ResponseReturnValue:
        """The post, with the draft of this browser if there is one."""
        form = self.drafts.find(self._browser.draft)
        return self.page(form, kept="text" in form, notice=self._browser.take_notice())

    def comment(self) -> ResponseReturnValue:
        """Publishes a comment, or shows the page again with everything that was typed."""
        form = request.form.to_dict()
        text = words.clean(form.get("text", ""))
        fault = ""
        if not text:
            fault = language.gettext(words.EMPTY)
        elif len(text) > words.MAX_CHARACTERS:
            fault = words.too_long(len(text))
        try:
            author = self._social.commenter(form)
        except RequestError as error:
            self._keep_draft(form)  # perhaps they log in next, by whatever way
            return self.page(form, fault=fault, error=error, status=error.status)
        if fault:
            return self.page(form, fault=fault, status=422)
        try:
            number = self._publish(author, text, _number(form.get("reply_to", "")))
        except CommentGone:
            return self.page(
                form | {"reply_to": ""}, fault=language.gettext(words.GONE), status=422
            )
        if number is None:
            self._browser.leave_notice("waits")
        response = redirect(f"{POST}#comment-{number}" if number else RESPOND, 303)
        if author != g.identity:
            self._social.sign_in(response, author, remember="remember" in form or None)
        self._keep_draft({})
        return response

    def draft(self) -> ResponseReturnValue:
        """Keeps the draft; the button that was pressed says whom it answers, if anybody."""
        form = request.form.to_dict()
        self._keep_draft(form | {"reply_to": form.get("answer", "")})
        return redirect(f"{POST}#comment-text", 303)

    def like(self) -> ResponseReturnValue:
        """Likes the post, or no longer; whoever is not logged in is led to the choices."""
        if g.identity is None:
            back = urlencode({"next": f"{POST}#likes"})
            return redirect(f"{self._login.config.mount}/?{back}", 303)
        liked = request.form.get("liked") != "no"
        self.conversation.like(g.identity, liked)
        if liked:
            self._show_picture(g.identity)
        return redirect(f"{POST}#likes", 303)

    def delete(self, number: int) -> ResponseReturnValue:
        """Deletes a comment of one's own."""
        if g.identity is None or not self.conversation.delete(number, g.identity.key):
            abort(403)
        return redirect(f"{POST}#comments", 303)

    def begin(self, provider: str, form: Mapping[str, str]) -> None:
        """Keeps the draft before the browser leaves for a provider."""
        if "text" in form:  # not the login page's own forms, which hold no comment
            self._keep_draft(form)

    # How it is done

    @property
    def connection(self) -> sqlite3.Connection:
        """This request's own connection."""
        if "connection" not in g:
            g.connection = connect(self._path)
        connection: sqlite3.Connection = g.connection
        return connection

    @property
    def conversation(self) -> Conversation:
        return Conversation(self.connection, self._login.clock)

    @property
    def drafts(self) -> Drafts:
        return Drafts(self.connection, self._login.clock, self._login.random)

    def page(
        self,
        form: Mapping[str, str],
        *,
        kept: bool = False,
        notice: str = "",
        fault: str = "",
        error: RequestError | None = None,
        status: int = 200,
    ) -> ResponseReturnValue:
        """The post with `form` in the comment form, and what is wrong with it."""
        comments = self.conversation.comments()
        likes = self.conversation.likes()
        key = g.identity.key if g.identity else None
        answered = [c for c in comments if str(c.id) == form.get("reply_to") and not c.deleted]
        html = render_template(
            "post.html",
            threads=threads(comments),
            names={comment.id: comment.name for comment in comments},
            count=sum(not comment.deleted for comment in comments),
            answered=answered[0] if answered else None,
            likes=likes,
            liked=any(like.person == key for like in likes),
            key=key,
            pictures=self.conversation.pictures(),
            labels={provider.name: provider.label for provider in self._login.providers},
            form=form,
            kept=kept,
            notice=notice,
            fault=fault,
            error=error,
            respond=RESPOND,
            visit=self._browser.visit(),
        )
        return html, status

    def keeps_draft(
        self, view: Callable[P, ResponseReturnValue]
    ) -> Callable[P, ResponseReturnValue]:
        """A view that first keeps what was typed so far."""

        @wraps(view)
        def keeping(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            self._keep_draft(request.form)
            return view(*args, **kwargs)

        return keeping

    def refuse_cross_site(self) -> ResponseReturnValue | None:
        """Refuses what another site posted."""
        if request.endpoint == LOGIN_ENDPOINT or request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        request.max_content_length = request.max_form_memory_size = MAX_BODY
        if self._browser.posts_our_form():
            return None
        error = RequestError("cross_site_request")
        title = language.gettext(words.CROSS_SITE)
        return show_page(error.status, title, language.message(error))

    def _publish(self, author: Identity, text: str, reply_to: int | None) -> int | None:
        """Adds a comment and gives its number; None if it is not published, or not yet."""
        if self._akismet is None:
            with writing(self.connection):
                number = self.conversation.add(author, text, reply_to)
                self._show_picture(author)
            return number
        asked = Comment(
            author=author,
            content=text,
            user_ip=request.remote_addr or "",
            user_agent=request.headers.get("User-Agent", ""),
            referrer=request.headers.get("Referer", ""),
            permalink=POST,
            type="comment" if reply_to is None else "reply",
            written_at=int(self._login.clock()),
        )
        checked = CheckedComments(self.connection, self._login.clock)
        with writing(self.connection):
            number = self.conversation.add(author, text, reply_to)
            self._show_picture(author)
            checked.hold(number, asked)
        if not checked.waits(number):  # sent twice, and published the first time
            return number
        outcome = self._akismet.check(asked).outcome
        return number if checked.settle(number, outcome) else None

    def _show_picture(self, person: Identity) -> None:
        """Beside all that they said; not their provider's address of it, but ours."""
        self.conversation.show_picture(person.key, self._login.avatar_url(person))

    def _keep_draft(self, form: Mapping[str, str]) -> None:
        """Keeps what was typed in place of what was kept before; nothing typed, nothing kept."""
        self._browser.draft = self.drafts.keep(form, self._browser.draft)


def _number(value: str) -> int | None:
    """The comment that a reply answers; None for a comment of its own."""
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) < len(str(MAX_NUMBER))):
        raise CommentGone
    return int(value)


def add_headers(response: Response) -> Response:
    """What every page of the blog says to the browser; the login's own pages say their own."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.vary.add("Accept-Language")
    return response


def close_connection(_: BaseException | None) -> None:
    """Closes this request's connection, if it opened one."""
    connection: sqlite3.Connection | None = g.pop("connection", None)
    if connection is not None:
        connection.close()


def show_icon() -> ResponseReturnValue:
    """The icon, for pages that name none: the login's own."""
    return redirect(url_for("static", filename="icon.svg"))


def show_error(error: HTTPException) -> ResponseReturnValue:
    """A page for an HTTP error; redirects pass as they are."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    response = make_response(show_page(status, *words.error_page(status)))
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    return response


def show_busy(error: sqlite3.Error) -> ResponseReturnValue:
    """A page for a file that is locked, full, gone or not as it should be."""
    current_app.logger.error("the demo's database failed", exc_info=error)
    return show_page(503, *words.error_page(503))


def show_page(status: int, title: str, sentence: str) -> ResponseReturnValue:
    """A page that says what went wrong, with a way back."""
    return render_template("error.html", title=title, sentence=sentence), status
