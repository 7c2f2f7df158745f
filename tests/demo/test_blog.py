"""What a visitor of the demo's blog does and sees, over HTTP."""

import re
import sqlite3
from html import unescape

import pytest

PROVIDERS = ("wordpress", "twitter", "facebook")
GUEST = {"name": "Grace Hopper", "email": "grace@example.com", "website": ""}


def written(page: str) -> str:
    """What stands in the comment form's text area."""
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def value_of(page: str, name: str) -> str:
    """The value of the form's field `name`."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert tag is not None, f"no field {name}"
    found = re.search(r'value="([^"]*)"', tag[0])
    return unescape(found[1]) if found else ""


def comment_of(page: str, number: int) -> str:
    """The part of the page that shows one comment."""
    return page.partition(f'id="comment-{number}">')[2].partition("</li>")[0]


def likes(page: str) -> str:
    found = re.search(r"(Liked by \d+ (?:people|person)|Nobody has liked this)", page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", ["/", "/post/1"])
def test_the_page_shows_post_conversation_and_box(visitor, path):
    page = visitor.client.get(path).text
    assert "<h1>Leave room in the margin</h1>" in page
    assert "5 comments" in page
    assert likes(page) == "Liked by 5 people"
    for label in ("WordPress.com", "X (Twitter)", "Facebook"):
        assert f"Log in with {label}" in page


def test_text_area_box_and_submit_button_stand_in_this_order(visitor):
    page = visitor.read()
    places = [page.index(part) for part in ("<textarea", 'data-state="anonymous"', ">Publish comm")]
    assert places == sorted(places)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_comment_is_published_as_the_account_that_is_logged_in(visitor, login, provider):
    label = next(client.label for client in login.providers if client.name == provider)
    visitor.log_in(provider)
    assert f"You are commenting using your {label} account." in visitor.read()
    number = visitor.comment("Half the sugar, twice the lemon.")
    shown = comment_of(visitor.read(), number)
    assert "Half the sugar, twice the lemon." in shown
    assert "Nora" in shown
    assert f"via {label}" in shown


def test_a_guest_comments_and_stays_the_same_guest(visitor):
    first = visitor.comment("Hello", **GUEST)
    page = visitor.read()
    assert "Grace Hopper" in comment_of(page, first)
    assert "grace@example.com" not in page
    assert "You are commenting as <bdi>Grace Hopper</bdi>." in page
    second = visitor.comment("And once more")
    page = visitor.read()
    assert all("Yes, delete" in comment_of(page, number) for number in (first, second))


@pytest.mark.parametrize(("remember", "lasting"), [({"remember": "1"}, True), ({}, False)])
def test_a_guest_is_remembered_beyond_the_session_only_when_asked(visitor, remember, lasting):
    response = visitor.post("comments", text="Hello", **GUEST, **remember)
    cookie = next(c for c in response.headers.getlist("Set-Cookie") if "identity=" in c)
    assert ("Max-Age" in cookie) is lasting


def test_guest_details_win_over_the_account_that_is_logged_in(visitor):
    visitor.log_in("facebook")
    number = visitor.comment("As somebody else", **GUEST)
    assert "Grace Hopper" in comment_of(visitor.read(), number)


def test_empty_guest_fields_of_an_old_page_do_not_hide_the_account(visitor):
    visitor.log_in("facebook")
    number = visitor.comment("Logged in in another tab", name="", email="", website="")
    assert "via Facebook" in comment_of(visitor.read(), number)


def test_a_comment_after_the_session_has_ended_is_not_lost(visitor):
    response = visitor.post("comments", text="I took my time", reply_to="1")
    assert response.status_code == 401
    assert "Please log in first." in response.text
    assert written(response.text) == "I took my time"


def test_an_invalid_guest_keeps_every_value_and_is_told_beside_the_field(visitor):
    typed = {"name": "Grace", "email": "nonsense", "website": "example.com/~grace"}
    response = visitor.post("comments", text="Nothing may be lost <here>", **typed)
    assert response.status_code == 422
    assert written(response.text) == "Nothing may be lost <here>"
    assert {name: value_of(response.text, name) for name in typed} == typed
    assert response.text.count("This does not look like an email address.") == 2
    assert "<title>Error: " in response.text
    assert "5 comments" in visitor.read()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Your comment is still empty."),
        (" \r\n\t", "Your comment is still empty."),
        ("\u200b\u202e\x00", "Your comment is still empty."),
        ("x" * 8001, "Your comment has 8001 characters; up to 8000 fit here."),
    ],
)
def test_a_comment_that_cannot_be_published_is_said_and_kept(visitor, text, sentence):
    response = visitor.post("comments", text=text, **GUEST)
    assert response.status_code == 422
    assert sentence in response.text
    assert written(response.text).split() == text.split()
    assert value_of(response.text, "name") == GUEST["name"]
    assert "5 comments" in visitor.read()


def test_line_ends_do_not_make_a_comment_longer(visitor):
    assert visitor.comment("a\r\n" * 4000, **GUEST)


def test_a_reply_stands_below_what_it_answers(visitor):
    first = visitor.comment("A question", **GUEST)
    other = visitor.comment("Something else")
    reply = visitor.comment("An answer", reply_to=str(first))
    page = visitor.read()
    order = [page.index(f'id="comment-{number}"') for number in (other, first, reply)]
    assert order == sorted(order)
    assert f'href="#comment-{first}"' in comment_of(page, reply)


@pytest.mark.parametrize("reply_to", ["999", "0", "-1", "1e3", "٣", "9" * 40, "<b>"])
def test_a_reply_to_no_comment_is_kept_as_a_draft(visitor, reply_to):
    response = visitor.post("comments", text="To whom?", reply_to=reply_to, **GUEST)
    assert response.status_code == 422
    assert "has been deleted" in response.text
    assert written(response.text) == "To whom?"
    assert 'name="reply_to"' not in response.text


def test_a_thousand_replies_to_one_another_are_shown(visitor, app, tmp_path):
    number = visitor.comment("0", **GUEST)
    with sqlite3.connect(tmp_path / "demo.sqlite3") as connection:
        for depth in range(1000):
            number = connection.execute(
                "INSERT INTO comments (reply_to, person, name, provider, text, written_at)"
                " VALUES (?, 'x y', 'Ada', 'guest', ?, 0) RETURNING id",
                (number, depth),
            ).fetchone()[0]
    connection.close()
    assert "1006 comments" in visitor.read()


def test_a_comment_sent_twice_is_published_once(visitor, clock):
    first = visitor.comment("Twice", **GUEST)
    assert visitor.comment("Twice") == first
    clock.now += 3600
    assert visitor.comment("Twice") != first


def test_one_like_per_identity(visitor, arrive):
    visitor.log_in("facebook")
    for _ in range(2):
        assert visitor.post("like", liked="yes").status_code == 303
    assert likes(visitor.read()) == "Liked by 6 people"
    elsewhere = arrive()
    elsewhere.log_in("facebook")
    elsewhere.post("like", liked="yes")
    assert likes(elsewhere.read()) == "Liked by 6 people"
    assert "Unlike" in elsewhere.read()
    elsewhere.post("like", liked="no")
    assert likes(visitor.read()) == "Liked by 5 people"


def test_the_same_person_at_two_providers_is_two_identities(visitor):
    for provider in PROVIDERS:
        visitor.log_in(provider)
        visitor.post("like", liked="yes")
    assert likes(visitor.read()) == "Liked by 8 people"


def test_liking_without_a_login_leads_to_the_choices_and_keeps_the_draft(visitor):
    response = visitor.post("like", liked="yes", text="Half a thought")
    assert response.status_code == 303
    assert response.location == "/auth/?next=%2Fpost%2F1%23likes"
    assert written(visitor.read()) == "Half a thought"
    assert likes(visitor.read()) == "Liked by 5 people"


def test_only_the_author_deletes_a_comment(visitor, arrive):
    visitor.log_in("facebook")
    number = visitor.comment("Mine")
    for somebody in (arrive(), arrive()):
        assert "Yes, delete" not in comment_of(somebody.read(), number)
        assert somebody.post(f"comments/{number}/delete").status_code == 403
        somebody.log_in("twitter")
    assert "Mine" in comment_of(visitor.read(), number)
    assert visitor.post(f"comments/{number}/delete").status_code == 303
    assert f'id="comment-{number}"' not in visitor.read()
    assert visitor.post(f"comments/{number}/delete").status_code == 403


def test_a_deleted_comment_keeps_the_place_of_its_replies_until_they_are_gone(visitor, arrive):
    first = visitor.comment("Words to take back", **GUEST)
    other = arrive()
    reply = other.comment("Too late", reply_to=str(first), **{**GUEST, "name": "Ada"})
    visitor.post(f"comments/{first}/delete")
    page = visitor.read()
    assert "Words to take back" not in page
    assert "This comment was removed." in comment_of(page, first)
    assert "Grace Hopper" not in comment_of(page, first)
    assert "Too late" in comment_of(page, reply)
    other.post(f"comments/{reply}/delete")
    assert f'id="comment-{first}"' not in visitor.read()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
def test_markup_in_comment_name_and_website_is_inert(visitor, text):
    visitor.log_in("facebook", press="script")
    visitor.comment(text)
    visitor.comment(text, name=text, website="https://example.com/?'onmouseover=alert(1)")
    visitor.post("like", liked="yes")
    page = visitor.post("comments", text="", name=text, email=text, website=text).text
    page += visitor.read()
    assert "<script>" not in page
    assert "<img src=x" not in page
    assert "'onmouseover" not in page


def test_names_are_isolated_and_links_of_commenters_give_nothing_away(visitor):
    visitor.log_in("wordpress", press="arabic")
    number = visitor.comment("مرحبا")
    shown = comment_of(visitor.read(), number)
    assert re.search(r"<bdi>[^<]*ليلى حداد</bdi>|<bdi class=\"name\">ليلى حداد</bdi>", shown)
    number = visitor.comment("A link", name="Ada", website="https://ada.example")
    link = re.search(r"<a class=\"name\"[^>]*>", comment_of(visitor.read(), number))
    assert link is not None
    assert 'rel="nofollow ugc noopener"' in link[0]
    assert 'referrerpolicy="no-referrer"' in link[0]


@pytest.mark.parametrize("path", ["/", "/nowhere", "/post/1/like"])
def test_every_page_forbids_inline_script_and_style(visitor, path):
    response = visitor.client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert "form-action" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(
        r"<style|<script(?! type=\"module\" src=)|\sstyle=|\son\w+=", response.text
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/post/2", 404),
        ("GET", "/post/1/comments", 405),
        ("GET", "/static/..%2fapp.py", 404),
        ("POST", "/post/1/comments/99999999999999999999999999/delete", 404),
        ("POST", "/post/1/comments/-1/delete", 404),
        ("POST", "/post/1/comments/77/delete", 403),
        ("PUT", "/post/1", 405),
    ],
)
def test_what_is_not_there_is_said_on_a_page_of_the_blog(visitor, method, path, status):
    response = visitor.client.open(path, method=method)
    assert response.status_code == status
    assert ("GET" in response.allow or "POST" in response.allow) == (status == 405)
    assert "<title>Error: " in response.text
    assert "Back to the post" in response.text


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"text=%ff%fe&reply_to=%00&liked=%zz"),
        ("application/x-www-form-urlencoded", b"&&==&%"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        ("multipart/form-data", b"--"),
        ("application/json", b"[[["),
        ("text/plain; charset=no-such", b"\x00"),
        ("application/x-www-form-urlencoded; charset=\xff", b"text=a"),
    ],
)
@pytest.mark.parametrize("what", ["comments", "draft", "like", "comments/1/delete"])
def test_no_body_makes_the_blog_fail(visitor, what, content_type, body):
    response = visitor.client.post(f"/post/1/{what}", data=body, content_type=content_type)
    assert response.status_code in (303, 400, 401, 403, 422)


def test_a_body_that_is_too_large_is_refused_on_a_page(visitor):
    response = visitor.client.post("/post/1/comments", data={"text": "x" * 300_000})
    assert response.status_code == 413
    assert "That was too long" in response.text


@pytest.mark.parametrize("what", ["comments", "draft", "like", "comments/1/delete"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_what_another_site_posts_changes_nothing(visitor, what, headers):
    visitor.log_in("facebook")
    del visitor.client.environ_base["HTTP_SEC_FETCH_SITE"]
    response = visitor.client.post(
        f"/post/1/{what}", data={"text": "Not mine", "liked": "yes"}, headers=headers
    )
    assert response.status_code == 403
    assert "This request came from another site." in response.text
    assert "Set-Cookie" not in response.headers
    page = visitor.read()
    assert "Not mine" not in page
    assert likes(page) == "Liked by 5 people"


def test_a_browser_that_says_nothing_comments_by_what_its_page_holds(visitor, arrive):
    for somebody in (visitor, arrive()):
        del somebody.client.environ_base["HTTP_SEC_FETCH_SITE"]
    visit = value_of(visitor.read(), "visit")
    foreign = value_of(arrive().read(), "visit")
    assert visitor.post("comments", text="Old browser", visit=foreign, **GUEST).status_code == 403
    assert visitor.post("comments", text="Old browser", visit=visit, **GUEST).status_code == 303


def test_a_locked_file_is_said_on_a_page_and_in_the_log(visitor, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("sociallogin.demo.database.BUSY_SECONDS", 0.01)
    with sqlite3.connect(tmp_path / "demo.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        response = visitor.post("comments", text="Now?", **GUEST)
        other.execute("ROLLBACK")
    other.close()
    assert response.status_code == 503
    assert "The blog is busy" in response.text
    assert "database is locked" in caplog.text
