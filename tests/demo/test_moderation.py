"""Comments that Akismet is asked about: held, approved, removed as spam; Akismet in trouble."""

import re
import sqlite3
from contextlib import closing
from html import unescape
from urllib.parse import parse_qsl

import pytest

from demo.conftest import BASE_URL, SECRET_KEY, Visitor
from sociallogin import Identity, SocialLogin
from sociallogin.akismet import Comment
from sociallogin.demo import create_app
from sociallogin.demo.checked import KEEP_SECONDS, CheckedComments
from sociallogin.demo.conversation import Conversation
from sociallogin.demo.database import connect
from sociallogin.demo.folder import owner_key
from sociallogin.emulators.akismet import SPAM_AUTHOR, SPAM_EMAIL, suspended

WAITS = "Your comment waits for approval."
NOTICE = "This site uses Akismet to reduce spam."
ADA = {"name": "Ada", "email": "ada@example.com", "website": ""}
SPAMMER = {"name": SPAM_AUTHOR, "email": "", "website": ""}
BLATANT = {"name": SPAM_AUTHOR, "email": SPAM_EMAIL, "website": ""}


@pytest.fixture
def akismet(emulators):
    """The emulator, with nothing remembered."""
    emulators.emulators.akismet.forget()
    return emulators.emulators.akismet


@pytest.fixture
def owner(arrive, tmp_path) -> Visitor:
    """Somebody who has followed the owner's link."""
    owner = arrive()
    response = owner.client.get(f"/moderation?key={owner_key(tmp_path)}")
    assert (response.status_code, response.location) == (303, "/moderation")
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    return owner


def held(visitor: Visitor, text: str, **form: str) -> str:
    """Sends a comment that is not published; the page that the visitor sees then."""
    response = visitor.post("comments", text=text, **form)
    assert (response.status_code, response.location) == (303, "/post/1#respond")
    page = visitor.read()
    assert WAITS in page
    assert text not in page
    return page


def numbers(page: str, text: str) -> list[str]:
    """The numbers of the entries with this text."""
    entries = re.split(r'(?=<li class="comment)', page)
    found = (re.search(r'id="comment-(\d+)"', entry) for entry in entries if text in entry)
    return [match[1] for match in found if match]


def moderate(owner: Visitor, text: str, act: str) -> str:
    """Presses a button of the owner's page; what the page says then."""
    (number,) = numbers(owner.client.get("/moderation").text, text)
    response = owner.client.post(f"/moderation/{number}/{act}")
    assert (response.status_code, response.location) == (303, "/moderation")
    page = owner.client.get("/moderation").text
    return unescape(re.search(r'class="notice" role="status">(.*?)</p>', page)[1])


def told(akismet) -> list[tuple[str, dict[str, str]]]:
    """The reports that reached Akismet."""
    return [
        (request.url.rpartition("/")[2], dict(parse_qsl(request.body.decode())))
        for request in akismet.asked("report")
    ]


def test_ham_is_published_at_once_and_akismet_saw_it_whole(visitor, akismet):
    visitor.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0"
    number = visitor.comment("Half the sugar.", **ADA)
    page = visitor.read()
    assert f'id="comment-{number}"' in page
    assert WAITS not in page
    (request,) = akismet.asked("check")
    fields = dict(parse_qsl(request.body.decode()))
    assert fields.pop("comment_date_gmt").startswith("2027-01-15T08:00:00")
    assert fields == {
        "api_key": akismet.key,
        "blog": BASE_URL,
        "blog_charset": "UTF-8",
        "blog_lang": "en",
        "comment_author": "Ada",
        "comment_author_email": "ada@example.com",
        "comment_content": "Half the sugar.",
        "comment_type": "comment",
        "permalink": f"{BASE_URL}/post/1",
        "user_agent": "Mozilla/5.0",
        "user_ip": "127.0.0.1",
    }


def test_spam_waits_and_is_seen_by_nobody(visitor, arrive):
    """Breaks when a held comment is shown, counted, or can be answered."""
    assert "5 comments" in held(visitor, "Cheap watches", **SPAMMER)
    assert WAITS not in visitor.read(), "it is said once"
    assert "Cheap watches" not in arrive().read()
    answer = visitor.post("comments", text="An answer", reply_to="6")
    assert answer.status_code == 422
    assert "has been deleted" in answer.text


def test_the_draft_is_gone_once_the_comment_waits(visitor):
    visitor.post("draft", text="Cheap watches")
    held(visitor, "Cheap watches", **SPAMMER)


def test_blatant_spam_is_dropped_in_the_same_words(visitor, owner, tmp_path):
    """Breaks when a spammer can tell the one from the other, or the owner is bothered."""
    dropped = held(visitor, "Cheap watches", **BLATANT)
    kept = held(visitor, "Cheap clocks", **BLATANT | {"email": "x@example.com"})
    assert re.search(rf".*{WAITS}.*", dropped)[0] == re.search(rf".*{WAITS}.*", kept)[0]
    page = owner.client.get("/moderation").text
    assert "Cheap clocks" in page
    assert "Cheap watches" not in page
    with closing(sqlite3.connect(tmp_path / "demo.sqlite3")) as connection:
        assert "Cheap watches" not in "\n".join(connection.iterdump())


def test_the_owner_approves_and_akismet_learns_that_it_is_ham(visitor, owner, akismet):
    held(visitor, "Cheap watches", **SPAMMER)
    page = owner.client.get("/moderation").text
    assert "Akismet takes this for spam." in page
    said = moderate(owner, "Cheap watches", "approve")
    assert said == "The comment is published. Akismet was told that it is not spam."
    assert "Cheap watches" in visitor.read()
    (checked,) = akismet.asked("check")
    assert told(akismet) == [("submit-ham", dict(parse_qsl(checked.body.decode())))]


def test_the_owner_removes_what_was_published_and_akismet_learns_of_it(visitor, owner, akismet):
    visitor.comment("Nice post, see my site", **ADA)
    said = moderate(owner, "Nice post", "spam")
    assert said == "The comment is removed. Akismet was told that it is spam."
    assert "Nice post" not in visitor.read()
    (checked,) = akismet.asked("check")
    assert told(akismet) == [("submit-spam", dict(parse_qsl(checked.body.decode())))]


def test_akismet_is_not_told_what_it_said_itself(visitor, owner, akismet):
    held(visitor, "Cheap watches", **SPAMMER)
    assert moderate(owner, "Cheap watches", "spam") == "The comment is removed."
    assert told(akismet) == []
    assert "Nothing waits." in owner.client.get("/moderation").text


def test_removing_a_comment_keeps_the_replies_below_it(visitor, owner):
    number = visitor.comment("Nice post, see my site", **ADA)
    visitor.comment("Are you a robot?", reply_to=str(number))
    moderate(owner, "Nice post", "spam")
    page = visitor.read()
    assert "Are you a robot?" in page
    assert "This comment was removed." in page  # not that its author did it


@pytest.mark.parametrize("fault", ["server_error", "html_error", "truncated", "rate_limited"])
def test_with_akismet_in_trouble_a_comment_waits(visitor, owner, akismet, fault):
    """Breaks when Akismet's trouble loses a comment, or publishes one unseen."""
    with akismet.failing(fault):
        held(visitor, "Half the sugar.", **ADA)
    assert "Akismet had no answer about this." in owner.client.get("/moderation").text
    said = moderate(owner, "Half the sugar.", "approve")
    assert said == "The comment is published. Akismet was told that it is not spam."
    assert "Half the sugar." in visitor.read()


def test_a_slow_answer_is_waited_for(visitor, akismet):
    with akismet.failing("slow"):
        visitor.comment("Half the sugar.", **ADA)


def test_a_suspended_key_publishes_nothing(visitor, akismet):
    akismet.answer_next("check", suspended())
    held(visitor, "Half the sugar.", **ADA)


def test_a_report_that_does_not_arrive_is_said_and_costs_nothing(visitor, owner, akismet):
    held(visitor, "Cheap watches", **SPAMMER)
    with akismet.failing("server_error"):
        said = moderate(owner, "Cheap watches", "approve")
    assert said == "The comment is published. Akismet could not be told."
    assert "Cheap watches" in visitor.read()


@pytest.mark.parametrize(
    "change",
    [{"api_key": "another"}, {"endpoint": "http://127.0.0.1:1/1.1"}],
    ids=["wrong key", "nobody there"],
)
def test_a_wrong_table_holds_everything_and_tells_the_developer(
    emulators, tmp_path, caplog, change
):
    site = {**emulators.config(), "base_url": BASE_URL, "secret_keys": [SECRET_KEY]}
    site["akismet"] = emulators.emulators.akismet_table() | change
    visitor = Visitor(create_app(SocialLogin.from_mapping(site), data=tmp_path).test_client())
    held(visitor, "Half the sugar.", **ADA)
    assert "akismet comment-check outcome=unknown" in caplog.text
    assert "another" not in caplog.text


def test_a_comment_sent_twice_is_one_and_stays_as_the_owner_left_it(visitor, owner):
    held(visitor, "Cheap watches", **SPAMMER)
    held(visitor, "Cheap watches")
    assert len(numbers(owner.client.get("/moderation").text, "Cheap watches")) == 1
    moderate(owner, "Cheap watches", "approve")
    number = visitor.comment("Cheap watches")
    assert visitor.read().count("Cheap watches") == 1
    assert f'id="comment-{number}"' in visitor.read()


def test_deciding_twice_is_told_calmly(visitor, owner):
    held(visitor, "Cheap watches", **SPAMMER)
    (number,) = numbers(owner.client.get("/moderation").text, "Cheap watches")
    for _ in range(2):
        owner.client.post(f"/moderation/{number}/spam")
    page = owner.client.get("/moderation").text
    assert "no longer there, or was decided already" in unescape(page)


def test_what_a_commenter_wrote_is_escaped_for_the_owner(visitor, owner):
    """Breaks when spam can run script where it has the most power."""
    hostile = "<script>alert(1)</script>"
    with_akismet = {"name": f"<b>{SPAM_AUTHOR}", "email": SPAM_EMAIL, "website": ""}
    held(visitor, hostile, **with_akismet)
    page = owner.client.get("/moderation").text
    assert "<script>" not in page
    assert "<b>viagra" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("path", ["/moderation", "/moderation?key=", "/moderation?key=wrong"])
def test_without_the_link_there_is_no_way_in(visitor, path):
    response = visitor.client.get(path)
    assert response.status_code == 403
    assert "This page is the owner's" in unescape(response.text)
    assert "Set-Cookie" not in response.headers
    assert "/moderation" not in visitor.read()


def test_an_emptied_secret_lets_nobody_in(login, tmp_path):
    (tmp_path / "owner_key").touch()
    client = create_app(login, data=tmp_path).test_client()
    assert client.get("/moderation").status_code == 403
    assert client.get("/moderation?key=").status_code == 403


@pytest.mark.parametrize("act", ["approve", "spam"])
def test_nobody_else_decides(visitor, act):
    held(visitor, "Cheap watches", **SPAMMER)
    visitor.client.set_cookie("demo_owner", "é wrong")
    assert visitor.client.post(f"/moderation/6/{act}").status_code == 403
    assert "Cheap watches" not in visitor.read()


def test_another_site_cannot_press_the_owners_buttons(visitor, owner):
    held(visitor, "Cheap watches", **SPAMMER)
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert owner.client.post("/moderation/6/approve", headers=cross).status_code == 403
    assert "Cheap watches" not in visitor.read()


def test_a_browser_that_does_not_say_where_a_form_is_from_repeats_the_token(visitor, owner):
    held(visitor, "Cheap watches", **SPAMMER)
    del owner.client.environ_base["HTTP_SEC_FETCH_SITE"]
    assert owner.client.post("/moderation/6/approve").status_code == 403
    token = re.search(r'name="visit" value="(\w+)"', owner.client.get("/moderation").text)[1]
    response = owner.client.post("/moderation/6/approve", data={"visit": token})
    assert response.status_code == 303


def test_the_owner_finds_the_page_from_the_post(owner):
    assert '<a class="moderate" href="/moderation">' in owner.read()


def test_without_akismet_comments_are_published_and_nothing_is_said_of_it(emulators, tmp_path):
    site = {**emulators.config(), "base_url": BASE_URL, "secret_keys": [SECRET_KEY]}
    visitor = Visitor(create_app(SocialLogin.from_mapping(site), data=tmp_path).test_client())
    visitor.comment("Cheap watches", **SPAMMER)
    page = visitor.read()
    assert "Cheap watches" in page
    assert NOTICE not in page
    page = visitor.client.get(f"/moderation?key={owner_key(tmp_path)}", follow_redirects=True).text
    assert "Akismet is off on this site" in page


def test_with_akismet_the_notice_stands_below_the_box(visitor):
    page = visitor.read()
    assert page.index('class="sociallogin"') < page.index(NOTICE) < page.index(">Publish comment")


def test_a_file_of_the_version_before_is_carried_on(login, tmp_path):
    """Breaks when an update of the demo cannot open the data that it finds."""
    create_app(login, data=tmp_path)
    with closing(connect(tmp_path / "demo.sqlite3")) as connection:
        connection.execute("DROP TABLE checks")
        connection.execute("PRAGMA user_version = 1")
    visitor = Visitor(create_app(login, data=tmp_path).test_client())
    assert "5 comments" in visitor.read()
    visitor.comment("Half the sugar.", **ADA)


@pytest.mark.parametrize("removed", [False, True])
def test_a_comment_that_the_owner_judged_first_is_published_unless_it_is_gone(
    app, tmp_path, clock, removed
):
    author = Identity(provider="guest", issuer=BASE_URL, subject="1", name="Ada")
    with closing(connect(tmp_path / "demo.sqlite3")) as connection:
        conversation, checked = Conversation(connection, clock), CheckedComments(connection, clock)
        number = conversation.add(author, "one")
        checked.hold(number, Comment(author=author, content="one", user_ip="203.0.113.7"))
        checked.remove(number) if removed else checked.approve(number)
        assert checked.settle(number, "ham") is not removed


def test_what_was_asked_is_kept_only_as_long_as_it_may_be_needed(app, tmp_path, clock):
    author = Identity(provider="guest", issuer=BASE_URL, subject="1", name="Ada")
    asked = Comment(author=author, content="Hello", user_ip="203.0.113.7")
    with closing(connect(tmp_path / "demo.sqlite3")) as connection:
        conversation, checked = Conversation(connection, clock), CheckedComments(connection, clock)
        first, waiting = (conversation.add(author, text) for text in ("one", "two"))
        for number in (first, waiting):
            checked.hold(number, asked)
        assert checked.settle(first, "ham")
        clock.now += KEEP_SECONDS + 1
        checked.hold(conversation.add(author, "three"), asked)
        assert checked.published() == []
        assert [entry.comment.text for entry in checked.waiting()] == ["two", "three"]
        assert len(conversation.comments()) == 5 + 1
