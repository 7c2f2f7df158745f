"""A draft survives everything but its publication, without script."""

import re
from html import unescape

import pytest

DRAFT = "Ein Entwurf mit Umlauten, 🌱 und <b>\n\n" + "und langem Ende " * 300


def written(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def draft_cookie(response) -> str:
    return next(c for c in response.headers.getlist("Set-Cookie") if c.startswith("demo_draft="))


@pytest.mark.parametrize("provider", ["wordpress", "twitter", "facebook"])
def test_a_draft_is_put_back_after_a_login(visitor, provider):
    visitor.log_in(provider, text=DRAFT)
    page = visitor.read()
    assert written(page) == DRAFT
    assert "Your draft was kept." in page


@pytest.mark.parametrize("provider", ["wordpress", "twitter", "facebook"])
def test_a_draft_is_put_back_after_a_cancelled_login(visitor, provider):
    response = visitor.come_back(visitor.leave_for(provider, text=DRAFT), "deny")
    assert response.status_code == 403
    assert 'href="/post/1#respond"' in response.text
    assert written(visitor.read()) == DRAFT


def test_a_draft_is_put_back_after_a_failed_login(visitor):
    response = visitor.come_back(visitor.leave_for("facebook", text=DRAFT), "bad_json")
    assert response.status_code >= 500
    assert written(visitor.read()) == DRAFT


def test_trying_again_from_the_failure_page_keeps_the_draft(visitor):
    visitor.come_back(visitor.leave_for("facebook", text=DRAFT), "deny")
    visitor.log_in("facebook")
    assert written(visitor.read()) == DRAFT


def test_a_draft_remembers_whom_it_answers(visitor):
    visitor.log_in("facebook", text="To you", reply_to="4")
    page = visitor.read()
    assert "Reply to <bdi>Henrik</bdi>" in page
    assert '<input type="hidden" name="reply_to" value="4">' in page
    assert page.index('id="comment-4"') < page.index("<textarea") < page.index('id="comment-3"')


def test_guest_details_that_were_typed_are_kept_with_the_draft(visitor):
    visitor.come_back(visitor.leave_for("facebook", text="a", name='A "quoted" name'), "deny")
    assert 'value="A &#34;quoted&#34; name"' in visitor.read()


def test_choosing_whom_to_answer_keeps_what_was_typed(visitor):
    response = visitor.post("draft", text="Half a thought", answer="4")
    assert response.status_code == 303
    page = visitor.read()
    assert "Reply to <bdi>Henrik</bdi>" in page
    assert written(page) == "Half a thought"
    visitor.post("draft", text="Half a thought", reply_to="4", answer="")
    page = visitor.read()
    assert "Leave a reply" in page
    assert written(page) == "Half a thought"


def test_liking_keeps_what_was_typed(visitor):
    visitor.log_in("facebook")
    visitor.post("like", liked="yes", text="Half a thought")
    assert written(visitor.read()) == "Half a thought"


def test_a_draft_is_removed_when_its_comment_is_accepted(visitor):
    visitor.log_in("facebook", text="Finished")
    response = visitor.post("comments", text="Finished")
    assert "Max-Age=0" in draft_cookie(response)
    page = visitor.read()
    assert written(page) == ""
    assert '<p class="kept"' not in page


def test_a_draft_stays_when_its_comment_is_refused(visitor):
    visitor.log_in("facebook", text="x" * 9000)
    assert visitor.post("comments", text="x" * 9000).status_code == 422
    assert len(written(visitor.read())) == 9000


def test_an_emptied_text_area_leaves_no_draft(visitor):
    visitor.leave_for("facebook", text="Never mind")
    visitor.leave_for("facebook", text="  ")
    assert written(visitor.read()) == ""


def test_a_draft_is_kept_for_ten_minutes(visitor, clock):
    visitor.leave_for("facebook", text=DRAFT)
    clock.now += 599
    assert written(visitor.read()) == DRAFT
    clock.now += 1
    assert written(visitor.read()) == ""


def test_a_draft_is_found_by_its_own_cookie_only(visitor, arrive):
    response = visitor.post("draft", text="Mine")
    cookie = draft_cookie(response)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Mine" not in cookie
    other = arrive()
    other.client.set_cookie("demo_draft", "guessed")
    assert written(other.read()) == ""


def test_a_planted_cookie_does_not_say_where_a_draft_is_kept(visitor, arrive):
    visitor.client.set_cookie("demo_draft", "planted")
    visitor.post("draft", text="Mine")
    other = arrive()
    other.client.set_cookie("demo_draft", "planted")
    assert written(other.read()) == ""
