"""The templates: ours, and those that the app puts in their place, one by one.

A template of the app's is checked when the site is made, so that a slip in it is told with its
file before anybody meets it.
"""

from collections.abc import Generator, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    select_autoescape,
)
from markupsafe import Markup

from ..errors import ConfigError, ConfigFault
from ..spelling import did_you_mean
from . import assets, languages
from .initials import hue, initials
from .languages import Language

_PACKAGE = "sociallogin.web"
#: What leads to a template of ours from one that stands in its place.
OURS = "sociallogin"

#: What every template gets.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "identity": "who is logged in, an `Identity`, or `None`",
        "name": "what to call them",
        "state": "`anonymous`, `signed-in`, `guest`, `changing` or `error`",
        "clients": "the providers, each with `name` and `label`; the one that failed comes first",
        "labels": "the label of each provider by its name",
        "guests": "whether guests may comment",
        "required": "whether guests must give name and e-mail address",
        "message": "the sentence that says what went wrong, or empty",
        "shows_account": "whether who is logged in is shown, and not the choices",
        "lacks_email": "whether their account shared no e-mail address and the site wants one",
        "asks_again": "whether the provider can be asked for it once more",
        "field_errors": "the sentence about each wrong field, by its name",
        "values": "what was typed into the fields, by their names",
        "view": "what is shown: `next_url`, `form`, `change`, `error`, `csrf_token`, `embedded`",
        "language": "what the visitor reads: `tag` and `direction`",
        "mount": "the path of the endpoints",
        "prefix": "what the ids of the fields begin with",
        "stylesheet": "the address of the style sheet",
        "script": "the address of the script",
        "embed_script": "the address of the script for pages of other sites",
        "words": "what only the script says, for the attribute `data-words`",
        "whole_page": "whether it is a page of the login's own, which needs no script",
        "akismet": "where visitors read how Akismet handles their data, or `None`",
        "avatar_url": "`avatar_url(identity)`: the address of a picture, or `None`",
        "site": "the host of this site",
        "debug": "whether the site is under development",
    }
)
#: What single pages get beside it, and the list of providers within.
_OF_SOME = {"title", "outcome", "client", "action", "fields", "embedding"}


def bdi(name: str) -> Markup:
    """A name, whose direction leaves the sentence around it in order."""
    return Markup("<bdi>{}</bdi>").format(name)


def _icon(name: str) -> Markup:
    return Markup(assets.icon(name))  # noqa: S704  (our own drawings)


@cache
def environment(language: Language, folder: Path | None, debug: bool) -> Environment:
    """The templates, which say what they say in this language; those in `folder` come first."""
    ours = PackageLoader(_PACKAGE)
    loader: BaseLoader = ours
    if folder is not None:
        loader = ChoiceLoader([FileSystemLoader(folder), ours, PrefixLoader({OURS: ours})])
    made = Environment(
        loader=loader,
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        auto_reload=debug,  # asks the disk for every template of every page
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # by the extension
        language.gettext, language.ngettext, newstyle=True
    )
    made.filters |= {"bdi": bdi, "isolate": language.isolate}
    made.globals |= {"icon": _icon, "initials": initials, "hue": hue}
    return made


def check(folder: Path | None) -> None:
    """Reads the app's templates.

    Raises:
        ConfigError: one has the name of none of ours, cannot be read, or asks for what there is
            not; with all faults.
    """
    if folder is not None and (faults := list(_faults(folder))):
        raise ConfigError(faults, f"the templates in {folder}")


def _faults(folder: Path) -> Iterator[ConfigFault]:
    made = environment(languages.language(languages.ENGLISH), folder, False)
    replaceable = PackageLoader(_PACKAGE).list_templates()
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.html"))]
    for name in names:  # to which what these include is added
        path = folder / name
        if name.endswith(".html") and path.parent == folder and name not in replaceable:
            allowed = f"one of {', '.join(replaceable)}; parts of your own in a folder within"
            yield ConfigFault(str(path), "a name that nothing asks for", allowed,
                              did_you_mean(name, replaceable))  # fmt: skip
        for asked in (yield from _faults_in(path, name, made)):
            if asked not in names and (folder / asked).is_file():
                names.append(asked)


def _faults_in(
    path: Path, name: str, made: Environment
) -> Generator[ConfigFault, None, tuple[str, ...]]:
    """What is wrong in one file; then which templates it asks for."""
    from jinja2 import meta  # only where an app has templates

    try:
        source = path.read_text(encoding="utf-8")
        made.compile(source, name, str(path))
        tree = made.parse(source, name, str(path))
    except TemplateSyntaxError as error:
        place = f"{path}, line {error.lineno}"
        yield ConfigFault(place, error.message or "an error", "Jinja's syntax")
        return ()
    except (OSError, UnicodeDecodeError) as error:
        yield ConfigFault(str(path), type(error).__name__, "a readable file in UTF-8")
        return ()
    known = sorted({*VARIABLES, *_OF_SOME, *made.globals})
    unknown = meta.find_undeclared_variables(tree).difference(known)
    # What has another name is only included, with variables that are set around it.
    for variable in sorted(unknown) if name.endswith(".html") else ():
        allowed = f"one of {', '.join(VARIABLES)}"
        yield ConfigFault(str(path), f"the unknown variable {variable}", allowed,
                          did_you_mean(variable, known))  # fmt: skip
    # None: one whose name is known only when it is shown.
    found = tuple(asked for asked in meta.find_referenced_templates(tree) if asked is not None)
    for asked in found:
        try:
            made.get_template(asked)
        except TemplateNotFound:
            allowed = f"a template of this folder, one of ours, or {OURS}/ before its name"
            yield ConfigFault(str(path), f"the template {asked}, which is nowhere", allowed)
        except (TemplateSyntaxError, OSError, UnicodeDecodeError):
            pass  # told where it stands
    return found
