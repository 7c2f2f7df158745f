"""Pictures in the box, beside comments and likes: ours alone, and initials where one is dead."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator

from browser import served
from browser.served import Counted
from browser.visitor import POST, Arrive, Visitor
from sociallogin.emulators import answers

LOADED = "image => image.complete && image.naturalWidth > 0"
BROKEN = "image => image.complete && image.naturalWidth === 0"


@pytest.fixture(autouse=True)
def pillow(require: Callable[..., object]) -> None:
    require(find_spec("PIL"), "Pillow")


def picture(where: Locator) -> Locator:
    """The one picture in a place, in sight and done with loading."""
    image = where.locator("img[src*='/auth/avatar/']").first
    image.scroll_into_view_if_needed()
    image.evaluate(
        "image => image.complete || new Promise(done => image.onload = image.onerror = done)"
    )
    return image


def colours(place: Locator) -> int:
    """How many colours are really painted in the middle of a place."""
    from PIL import Image

    with Image.open(BytesIO(place.screenshot())) as shot:
        side = min(shot.size)
        middle = shot.convert("RGB").crop((side // 4, side // 4, side * 3 // 4, side * 3 // 4))
        return len(middle.getcolors(side * side) or [])


def unlike(visitor: Visitor) -> None:
    """Takes a like back, this test's or that of one that failed."""
    visitor.button("Unlike").click()
    visitor.button("Like").wait_for()


@pytest.mark.parametrize("label", ["WordPress.com", "X (Twitter)", "Facebook"])
def test_a_picture_stands_in_the_box_beside_the_comment_and_the_like(
    either: Visitor, label: str
) -> None:
    """Breaks when one of the three places shows none, with script or without."""
    either.open().log_in(label)
    assert picture(either.page.locator(".sociallogin-picture")).evaluate(LOADED)
    either.write(f"Hello from {label}")
    comment = either.publish()
    assert picture(comment).evaluate(LOADED)
    if either.button("Unlike").is_visible():
        unlike(either)
    either.button("Like").click()
    either.page.wait_for_url("**#likes")
    assert picture(either.page.locator(".faces")).evaluate(LOADED)
    unlike(either)


def test_d4_no_request_leaves_for_a_provider_by_reading(arrive: Arrive, blog: Counted) -> None:
    """Breaks when a picture leads to its provider, for its author or for a stranger."""
    author = arrive(blog).open().log_in("Facebook")
    author.write("Read me")
    comment = author.publish()
    picture(comment)
    providers = {urlsplit(url).netloc for url in (blog.emulators.url, blog.emulators.hop_url)}
    author.watch.requested.clear()
    reader = arrive(blog)
    for person in (author, reader):
        person.open()
        assert picture(person.page.locator(".comments")).evaluate(LOADED)
        person.open("/auth/?change=1")
        assert person.watch.hosts == {urlsplit(blog.url).netloc}
        assert not providers & person.watch.hosts
    html = reader.page.content() + author.page.content()
    assert not any(provider in html for provider in providers)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Counted]:
    """A blog that has seen nobody, and whose providers nobody else asks."""
    with served.blog(tmp_path) as running:
        yield running


def test_a_dead_picture_shows_the_initials(arrive: Arrive, fresh: Counted) -> None:
    """Breaks when a broken image lies over the initials, or its icon beside them."""
    gone = answers.raw(b"gone", "text/plain", 404)
    fresh.emulators.emulators.wordpress.answer_next("picture", gone)
    person = arrive(fresh).open().log_in("WordPress.com", "arabic")
    box = person.page.locator(".sociallogin-picture")
    assert picture(box).evaluate(BROKEN)
    person.write("No picture")
    comment = person.publish()
    assert picture(comment).evaluate(BROKEN)
    for place in (box, comment.locator(".avatar")):
        place.scroll_into_view_if_needed()
        dead = place.screenshot()
        place.locator("img").evaluate("image => image.remove()")
        assert place.screenshot() == dead
        assert colours(place) > 2  # letters on a ground


def test_a_picture_covers_the_initials(visitor: Visitor) -> None:
    """Breaks when letters show through, or the picture is not where they are."""
    visitor.open().log_in("Facebook")
    place = visitor.page.locator(".sociallogin-picture")
    image = picture(place)
    assert image.bounding_box() == place.bounding_box()
    place.scroll_into_view_if_needed()
    before = place.screenshot()
    place.evaluate("place => place.firstChild.textContent = 'W'")
    assert place.screenshot() == before


def test_a_guest_has_a_gravatar_through_this_site(arrive: Arrive, blog: Counted) -> None:
    """Breaks when a guest's address, or a hash of it, leads a browser elsewhere."""
    guest = arrive(blog).open()
    guest.write("Hello")
    guest.page.get_by_label("Name").fill("Nora")
    guest.page.get_by_label("Email").fill("nora.lind@example.org")
    comment = guest.publish()
    assert picture(comment).evaluate(LOADED)
    assert picture(guest.page.locator(".sociallogin-picture")).evaluate(LOADED)
    assert guest.watch.hosts == {urlsplit(blog.url).netloc}


def test_a_picture_opened_by_itself_is_a_picture_and_nothing_else(visitor: Visitor) -> None:
    """Breaks when what is served could be a page: it is never one, whatever came in."""
    visitor.open().log_in("Facebook")
    source = picture(visitor.page.locator(".sociallogin-picture")).get_attribute("src")
    answer = visitor.context.request.get(f"{visitor.served.url}{source}")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["x-content-type-options"] == "nosniff"
    visitor.open(POST)
