"""Every catalogue is whole, compiled, and says what the sources say."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

import catalogues
from catalogues import FOLDERS, compiled, messages, pair, written
from sociallogin.errors import ProviderError
from sociallogin.schema import LANGUAGES
from sociallogin.web.languages import language

NAMES = [tag.replace("-", "_") for tag in LANGUAGES if tag != "en"]
ALL = [(domain, name) for domain in FOLDERS for name in NAMES]
PLACEHOLDER = re.compile(r"%\(\w+\)[ds]")
#: The numbers that a test asks a plural form for; beyond them the rules only repeat.
NUMBERS = range(1, 1000)
#: What may stand before a sentence's last mark, by the mark that English has there.
ENDS = {".": (".", "。"), "…": ("…",), ":": (":", "："), ")": (")", "）")}


def whole(domain: str, name: str) -> list[Message]:
    return [message for message in written(domain, name) if message.id]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.mark.parametrize("domain", FOLDERS)
def test_there_is_a_catalogue_of_each_language_and_of_none_besides(domain: str) -> None:
    assert sorted(path.name for path in FOLDERS[domain].iterdir()) == sorted(NAMES)


@pytest.mark.server
@pytest.mark.parametrize(("domain", "name"), ALL)
def test_a_catalogue_has_every_message_of_the_sources_and_no_other(domain: str, name: str) -> None:
    assert {pair(message.id) for message in whole(domain, name)} == messages(domain)
    assert not written(domain, name).obsolete


@pytest.mark.parametrize(("domain", "name"), ALL)
def test_a_catalogue_is_translated_and_nothing_in_it_is_fuzzy(domain: str, name: str) -> None:
    catalogue = written(domain, name)
    assert not catalogue.fuzzy
    for message in whole(domain, name):
        assert not message.fuzzy, message.id
        assert len(forms(message)) == (catalogue.num_plurals if message.pluralizable else 1)
        assert all(form and form == form.strip() for form in forms(message)), message.id


@pytest.mark.parametrize(("domain", "name"), ALL)
def test_what_gettext_reads_is_what_translators_wrote(domain: str, name: str) -> None:
    said = {pair(message.id): forms(message) for message in written(domain, name)}
    read = {pair(message.id): forms(message) for message in compiled(domain, name)}
    assert said.keys() == read.keys(), "make translations"
    assert {key: said[key] for key in said if key[0]} == {key: read[key] for key in read if key[0]}
    assert written(domain, name).plural_expr == compiled(domain, name).plural_expr


@pytest.mark.parametrize(("domain", "name"), ALL)
def test_placeholders_are_those_of_the_source(domain: str, name: str) -> None:
    number_of = written(domain, name).plural_expr
    for message in whole(domain, name):
        singular, plural = pair(message.id)
        wanted = sorted(PLACEHOLDER.findall(plural or singular))
        for index, form in enumerate(forms(message)):
            found = sorted(PLACEHOLDER.findall(form))
            if plural and found != wanted and stands_for_one(number_of, index):
                # "an hour" need not say its number.
                wanted_here = [name for name in wanted if name not in ("%(count)d", "%(num)d")]
                assert found == wanted_here, form
            else:
                assert found == wanted, form


def stands_for_one(expression: str, form: int) -> bool:
    """Whether a plural form is that of one number alone, or of none that is ever asked for."""
    rule = catalogues.rule(expression)
    return sum(rule(n) == form for n in NUMBERS) <= 1


@pytest.mark.parametrize(("domain", "name"), ALL)
def test_a_translation_is_text_and_nothing_else(domain: str, name: str) -> None:
    """Names are marked up, and isolated from the direction of the text, where they are put in."""
    for message in whole(domain, name):
        for form in (*pair(message.id), *forms(message)):
            assert not re.search(r"[<>&{}\u200e\u200f\u202a-\u202e\u2066-\u2069]", form), form
            assert "%" not in PLACEHOLDER.sub("", form), form
            assert "!" not in form, "the words stay calm"
            assert "！" not in form


@pytest.mark.parametrize(("domain", "name"), ALL)
def test_a_sentence_stays_a_sentence(domain: str, name: str) -> None:
    for message in whole(domain, name):
        end = pair(message.id)[0][-1]
        for form in forms(message):
            if end in ENDS:
                assert form.endswith(ENDS[end]), form
            else:
                assert not form.endswith((".", "。", ":")), form


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("en", {1: "1 comment", 2: "2 comments", 21: "21 comments"}),
        ("de", {1: "1 Kommentar", 2: "2 Kommentare", 21: "21 Kommentare"}),
        ("es", {1: "1 comentario", 2: "2 comentarios"}),
        ("fr", {0: "0 commentaire", 1: "1 commentaire", 2: "2 commentaires"}),
        ("pt-BR", {0: "0 comentário", 1: "1 comentário", 2: "2 comentários"}),
        ("he", {1: "תגובה אחת", 2: "2 תגובות", 21: "21 תגובות"}),
        ("ja", {0: "コメント0件", 1: "コメント1件", 2: "コメント2件"}),
        ("ar", {0: "لا تعليقات", 1: "تعليق واحد", 2: "تعليقان", 3: "3 تعليقات", 10: "10 تعليقات",
                11: "11 تعليقًا", 99: "99 تعليقًا", 100: "100 تعليق", 103: "103 تعليقات"}),
    ],
)  # fmt: skip
def test_numbers_take_the_plural_of_their_language(tag: str, said: dict[int, str]) -> None:
    blog = language(tag, "sociallogin.demo")
    for number, words in said.items():
        form = blog.ngettext("%(num)d comment", "%(num)d comments", number)
        assert form % {"num": number} == words


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("en", "X (Twitter) asks us to wait. Try again in 2 minutes."),
        ("de", "X (Twitter) bittet um etwas Geduld. Versuchen Sie es in 2 Minuten noch einmal."),
        (
            "ja",
            "X (Twitter)から、しばらく待つよう求められています。2分後にもう一度お試しください。",
        ),
        ("ar", "يطلب \u2068X (Twitter)\u2069 الانتظار. يرجى المحاولة مرة أخرى بعد دقيقتين."),
    ],
)
def test_an_error_is_said_in_the_language(tag: str, sentence: str) -> None:
    error = ProviderError("provider_rate_limited", provider="X (Twitter)", retry_after=120)
    assert language(tag).message(error) == sentence
    assert error.message == "X (Twitter) asks us to wait. Try again in 2 minutes."


def test_the_catalogues_hold_nothing_but_their_two_files() -> None:
    found = {path for folder in FOLDERS.values() for path in folder.rglob("*") if path.is_file()}
    expected: set[Path] = {
        catalogues.path(domain, name, suffix) for domain, name in ALL for suffix in (".po", ".mo")
    }
    assert found == expected
