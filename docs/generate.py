"""Writes what the code knows into the pages: `python docs/generate.py`.

A page holds marked parts, and the marker names what is written between its two lines:

    <!-- generated: errors -->
    <!-- end -->

With `--check` nothing is written, and the exit code tells whether anything would change.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from sociallogin import cli, errors, providers, schema
from sociallogin.protocols.provider import Provider
from sociallogin.web import assets, templating

ROOT = Path(__file__).parent.parent
MARKED = re.compile(r"(<!-- generated: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Yields):")
THEME = re.compile(r"var\((--sociallogin-[a-z-]+), ((?:[^()]|\([^()]*\))+)\)")
LIGHT_DARK = re.compile(r"light-dark\((.+), (.+)\)")


def pages() -> list[Path]:
    """Every page that may hold marked parts."""
    return sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def generated(page: str) -> str:
    """The page with its marked parts as the code would have them."""

    def part(match: re.Match[str]) -> str:
        opening, name, closing = match.groups()
        kind, *arguments = name.split()
        body = "\n".join(PARTS[kind](*arguments)).strip("\n")
        return f"{opening}\n{body}\n\n{closing}"

    return MARKED.sub(part, page)


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    headings = list(headings)
    for row in (headings, ["---"] * len(headings), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def code(text: object) -> str:
    return f"`{text}`"


def default(value: object) -> str:
    """A default as it is written in TOML; defaults in words are the provider's own."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, tuple):
        return code(str(list(value)))
    if isinstance(value, str) and " " not in value and "'" not in value:
        return code(f'"{value}"')
    return code(value) if isinstance(value, int) else str(value)


def key_table(keys: Iterable[schema.Key], place: str = "") -> Iterator[str]:
    rows = (
        (
            f"`{key.name}`{{ #{place}{key.name} }}",
            key.allowed,
            "**required**" if key.required else default(key.default),
            key.meaning,
        )
        for key in keys
    )
    return table(("Key", "Allowed", "Default", "Meaning"), rows)


def site_keys() -> Iterator[str]:
    return key_table(schema.SITE_KEYS)


def akismet_keys() -> Iterator[str]:
    return key_table(schema.AKISMET_KEYS, "akismet-")


def provider_keys() -> Iterator[str]:
    return key_table(schema.PROVIDER_KEYS)


def avatar_keys() -> Iterator[str]:
    return key_table(schema.AVATAR_KEYS, "avatars-")


def records() -> Iterator[tuple[str, Provider]]:
    for name in providers.names():
        for record in providers.records(name):
            yield name, record


def record_keys() -> Iterator[str]:
    """The keys that a provider's table has beside the common ones."""
    for name, record in records():
        yield f'### `[providers.{name}]` with `protocol = "{record.protocol}"`'
        yield ""
        own = (
            ("label", record.label, ""),
            ("scopes", list(record.scopes), ""),
            ("picture_hosts", list(record.picture_hosts), ""),
        )
        options = ((option.name, option.default, option.meaning) for option in record.options)
        urls = ((key, getattr(record, key), "") for key in record.url_keys)
        headings = ("Key", "Default", "Meaning") if record.options else ("Key", "Default")
        rows = (
            (code(name), code(json.dumps(value)), meaning)[: len(headings)]
            for name, value, meaning in (*own, *options, *urls)
        )
        yield from table(headings, rows)
        yield ""


def provider_table() -> Iterator[str]:
    rows = (
        (record.label, code(name), code(record.protocol), " ".join(map(code, record.scopes)) or "–",
         "yes" if getattr(record, "pkce", False) else "–", code(record.issuer))
        for name, record in records()
    )  # fmt: skip
    return table(("Provider", "Name", "Protocol", "Scopes", "PKCE", "`Identity.issuer`"), rows)


def error_reference() -> Iterator[str]:
    classes = [errors.SocialLoginError, *errors.SocialLoginError.__subclasses__()]
    for kind in classes:
        if not kind.codes:
            continue
        yield f"## {kind.__name__}"
        yield ""
        yield from docstring(kind)
        yield ""
        for name in kind.codes:
            failure = errors.FAILURES[name]
            sentence = failure.sentence % {"provider": "Facebook", "wait": "2 minutes"}
            yield f"### `{name}` {{ #{name} }}"
            yield ""
            yield f"{failure.meaning}"
            yield ""
            yield f"HTTP status {failure.status}. The visitor reads: “{sentence}”"
            yield ""
            if name == "state_missing":
                yield f"Whose browser sends no cookie at all reads: “{errors.COOKIES_REFUSED}”"
                yield f"Where guests may not comment: “{errors.COOKIES_REFUSED_NO_GUESTS}”"
                yield ""


def command_reference() -> Iterator[str]:
    for name, command in cli.main.commands.items():
        settings = {**cli.main.context_settings, "terminal_width": 80}
        context = click.Context(command, info_name=f"sociallogin {name}", **settings)
        yield f"## `sociallogin {name}` {{ #{name} }}"
        yield ""
        yield "```text"
        yield command.get_help(context)
        yield "```"
        yield ""


def theme() -> Iterator[str]:
    """The custom properties of the style sheet, and what they are where a site sets none."""
    found: dict[str, list[str]] = {}
    for name, value in THEME.findall(assets.assets()["sociallogin.css"].content.decode()):
        found.setdefault(name, []).append(value.replace("--_", "--sociallogin-"))
    rows = []
    for name, values in found.items():
        both = LIGHT_DARK.fullmatch(values[0])
        light, dark = map(code, both.groups()) if both else (code(values[0]), "the same")
        rows.append((code(name), light if len(values) == 1 else "the provider's own", dark))
    return table(("Property", "Default", "In dark mode"), rows)


def template_variables() -> Iterator[str]:
    return table(("Variable", "Is"), ((code(k), v) for k, v in templating.VARIABLES.items()))


def named(path: str) -> Any:
    """What a dotted path names: `sociallogin.Identity`."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def attributes(path: str) -> Iterator[str]:
    """The attributes that a class's docstring names, as a table."""
    entries = sections(inspect.getdoc(named(path)) or "").get("Attributes", [])
    rows = ((", ".join(map(code, name.split(", "))), meaning) for name, meaning in entries)
    return table(("Field", "Meaning"), rows)


def members(path: str) -> Iterator[str]:
    """The public methods and properties of a class, those that it inherits first."""
    found: dict[str, object] = {}
    for cls in reversed(named(path).__mro__[:-1]):
        found |= vars(cls)
    for name, member in found.items():
        function = getattr(member, "__func__", member)
        if name.startswith("_") or not (inspect.isfunction(function) or hasattr(function, "fget")):
            continue
        if not inspect.getdoc(function):
            continue
        yield f"### `{name}` {{ #{path.rpartition('.')[2]}.{name} }}"
        yield ""
        if inspect.isfunction(function):
            yield from ("```text", signature(name, function), "```", "")
        yield from docstring(function)
        yield ""


def function(path: str) -> Iterator[str]:
    """How a function is called, and what it says of itself."""
    yield from ("```text", signature(path.rpartition(".")[2], named(path)), "```", "")
    yield from docstring(named(path))


def signature(name: str, function: Callable[..., object]) -> str:
    """How it is called: short names of types, no `self`."""
    text = re.sub(r"\((self|cls)(, )?", "(", str(inspect.signature(function)))
    text = re.sub(r"(?:[a-z_0-9]+\.)+([A-Z])", r"\1", text)
    text = re.sub(r"Union\[(\w+), (\w+)\]", r"\1 | \2", text)  # as newer Pythons write it
    text = re.sub(r"Optional\[(\w+)\]", r"\1 | None", text)
    text = re.sub(r"( = '[^']*')|['\"~]", r"\1", text)  # a default keeps its quotes
    return name + re.sub(r": \*(<class \w+>|ForwardRef\(\w+\))", "", text)  # an Unpack


def docstring(documented: object) -> Iterator[str]:
    """A docstring in Markdown: its prose, then a list per section."""
    text = inspect.getdoc(documented) or ""
    start = SECTION.search(text)
    yield text[: start.start()].strip() if start else text
    for title, entries in sections(text).items():
        yield ""
        yield f"{title}:"
        yield ""
        for name, meaning in entries:
            yield f"- {', '.join(map(code, name.split(', ')))}: {meaning}" if name else meaning


def sections(text: str) -> Mapping[str, list[tuple[str, str]]]:
    """The entries (name, meaning) of each section; a section without names has one, unnamed."""
    found: dict[str, list[tuple[str, str]]] = {}
    parts = re.split(rf"^{SECTION.pattern}\n", text, flags=re.MULTILINE)
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        block = inspect.cleandoc(f"\n{body}").split("\n\n")[0]
        entries: list[tuple[str, str]] = []
        for line in block.splitlines():
            start = re.match(r"([A-Za-z_, ]+): (.*)", line)
            if start and not line.startswith(" "):
                entries.append((start[1], start[2]))
            elif entries:
                entries[-1] = (entries[-1][0], f"{entries[-1][1]} {line.strip()}")
            else:
                entries.append(("", line))
        found[title] = entries
    return found


PARTS: Mapping[str, Callable[..., Iterable[str]]] = {
    "akismet-keys": akismet_keys,
    "attributes": attributes,
    "avatar-keys": avatar_keys,
    "commands": command_reference,
    "errors": error_reference,
    "function": function,
    "members": members,
    "provider-keys": provider_keys,
    "providers": provider_table,
    "record-keys": record_keys,
    "site-keys": site_keys,
    "theme": theme,
    "template_variables": template_variables,
}


def main() -> int:
    check = "--check" in sys.argv[1:]
    changed = 0
    for path in pages():
        before = path.read_text(encoding="utf-8")
        after = generated(before)
        if after != before:
            changed += 1
            print(f"{path.relative_to(ROOT)} {'differs from the code' if check else 'written'}")
            if not check:
                path.write_text(after, encoding="utf-8")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
