"""Commenting as a guest: what is typed is checked, kept, and remembered only if asked."""

from typing import Any

import pytest

from browser.visitor import Arrive, Visitor

FIELDS = {"Name": "Nora", "Email": "nora@", "Website": "nora.example.org"}
WRONG_EMAIL = "This does not look like an email address. It should look like ada@example.com."
WRONG_WEBSITE = "This does not look like a web address. It should look like https://example.com."


def fill(visitor: Visitor, **fields: str) -> None:
    for label, value in fields.items():
        visitor.page.get_by_label(label).fill(value)


def test_a_wrong_email_costs_nothing_that_was_typed(either: Visitor) -> None:
    """Breaks when a fault empties fields, or its link does not lead to the field."""
    either.open().write("With butter, not oil 🧈")
    fill(either, **FIELDS)
    either.page.get_by_label("Remember me").check()
    either.button("Publish comment").click()
    either.page.wait_for_url("**/comments#respond")
    assert either.page.title().startswith("Error: ")
    assert "Please check the details below." in either.alert
    assert either.identity is None
    email = either.page.get_by_label("Email")
    assert email.get_attribute("aria-invalid") == "true"
    assert WRONG_EMAIL in described(email)
    either.page.get_by_role("link", name=WRONG_EMAIL).click()
    assert either.page.locator(":focus").get_attribute("name") == "email"
    assert {label: either.page.get_by_label(label).input_value() for label in FIELDS} == FIELDS
    assert either.page.get_by_label("Remember me").is_checked()
    assert either.text == "With butter, not oil 🧈"

    fill(either, Email="nora@example.org")
    comment = either.publish()
    assert comment.get_by_role("link", name="Nora").get_attribute("href") == (
        "https://nora.example.org"
    )
    assert "With butter, not oil 🧈" in comment.inner_text()
    assert "nora@example.org" not in either.page.content()
    assert either.line == "You are commenting as Nora."


@pytest.mark.parametrize("website", ["javascript:alert(1)", "JaVaScRiPt://%0aalert(1)", "data:,x"])
def test_a_website_that_is_script_is_refused(visitor: Visitor, website: str) -> None:
    """Breaks when a visitor's link can run something in the page of the next reader."""
    visitor.open().write("Look at my site")
    fill(visitor, Name="Nora", Website=website)
    visitor.button("Publish comment").click()
    visitor.page.wait_for_url("**/comments#respond")
    assert WRONG_WEBSITE in described(visitor.page.get_by_label("Website"))
    assert visitor.page.get_by_label("Website").input_value() == website
    schemes = visitor.page.locator("a[href]").evaluate_all("all => all.map(a => a.protocol)")
    assert set(schemes) <= {"http:", "https:"}
    assert visitor.page.locator(".comment").filter(has_text="Look at my site").count() == 0


@pytest.mark.parametrize("ticked", [True, False], ids=["ticked", "not-ticked"])
def test_a_guest_is_remembered_only_if_the_box_is_ticked(arrive: Arrive, ticked: bool) -> None:
    """Breaks when a shared computer remembers who did not ask for it, or forgets who did."""
    visitor = arrive().open()
    assert not visitor.page.get_by_label("Remember me").is_checked()
    visitor.write("Hello")
    fill(visitor, Name="Nora")
    visitor.page.get_by_label("Remember me").set_checked(ticked)
    visitor.publish()
    assert visitor.line == "You are commenting as Nora."
    lasting = [cookie for cookie in visitor.context.cookies() if cookie["expires"] != -1]

    later = arrive()
    later.context.add_cookies(lasting)
    later.open()
    assert later.state == ("guest" if ticked else "anonymous")


def test_a_guest_changes_details_and_is_forgotten_on_request(either: Visitor) -> None:
    """Breaks when a guest cannot mend a name, becomes another person by it, or is not forgotten."""
    either.open().write("Hello")
    fill(either, Name="Nroa")
    either.publish()
    subject = either.identity["subject"]
    either.button("Change").click()
    either.becomes("changing")
    assert either.page.get_by_label("Name").input_value() == "Nroa"
    fill(either, Name="Nora")
    either.button("Continue as guest").click()
    either.becomes("guest")
    assert either.line == "You are commenting as Nora."
    assert either.identity["subject"] == subject
    either.button("Forget me").click()
    either.becomes("anonymous")
    assert either.identity is None
    assert either.page.get_by_label("Name").input_value() == ""


def test_a_guest_of_another_day_is_forgotten_on_request(either: Visitor) -> None:
    """Breaks when a shared computer shows the next reader who was here, or the draft goes too."""
    either.open().write("Hello")
    fill(either, Name="Nora", Email="nora@example.org")
    either.page.get_by_label("Remember me").check()
    either.publish()
    either.context.clear_cookies(name="sociallogin_identity")
    either.open().write("And hello again 🧈")
    assert either.page.get_by_label("Name").input_value() == "Nora"
    either.button("Forget me").click()
    either.button("Forget me").wait_for(state="detached")
    assert either.page.get_by_label("Name").input_value() == ""
    assert not either.page.get_by_label("Remember me").is_checked()
    assert either.text == "And hello again 🧈"
    assert "nora@example.org" not in either.open().page.content()


def described(field: Any) -> str:
    """The texts that describe a field to somebody who does not see it."""
    return field.evaluate(
        """field => (field.getAttribute("aria-describedby") || "").split(" ")
            .map(id => document.getElementById(id)?.textContent).join(" ")"""
    )
