"""Translations of the templates that people read: English in the code, other languages in `locales/<code>/aboutir.po`.

A language is always passed. Only `language` looks at the process, for whoever starts it from a terminal.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

LOCALES = Path(__file__).resolve().parent.parent / "locales"

_LINES = r'(?:".*"(?:\n|\Z))+'
_MESSAGE = re.compile(
    rf"(?P<comments>(?:^#.*\n)*)^msgid (?P<id>{_LINES})"
    rf"(?:msgid_plural (?P<many>{_LINES})(?P<forms>(?:msgstr\[\d\] {_LINES})+)|msgstr (?P<text>{_LINES}))",
    re.MULTILINE,
)
_FORM = re.compile(rf"msgstr\[\d\] ({_LINES})")
_FUZZY = re.compile(r"^#,.*\bfuzzy\b", re.MULTILINE)


class Catalogue(NamedTuple):
    """The translations into one language. English has none: the templates are written in it."""

    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]
    """The forms of each template that counts something, under its singular and under its plural."""


def language(environment: Mapping[str, str]) -> str:
    """The language that an environment asks for: "en" for English, else "fr"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "en" if value.lower().startswith("en") else "fr"
    return "fr"


@cache
def catalogue(code: str) -> Catalogue:
    """The translations into a language, read once."""
    path = LOCALES / code / "aboutir.po"
    return read(path.read_text(encoding="utf-8") if path.exists() else "")


def read(text: str) -> Catalogue:
    """The messages of a PO file of ours (it has no contexts) that are translated and not fuzzy.

    Read here and not with Babel: every process reads the catalogue as it starts, and this takes a fifth of the time.
    """
    messages = [message for message in _MESSAGE.finditer(text) if not _FUZZY.search(message["comments"])]
    texts = ((_unquoted(message["id"]), _unquoted(message["text"])) for message in messages if message["text"])
    return Catalogue({template: text for template, text in texts if template and text}, dict(_plurals(messages)))


def _plurals(messages: Iterable[re.Match[str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for message in messages:
        forms = tuple(map(_unquoted, _FORM.findall(message["forms"] or "")))
        if forms and all(forms):
            yield from ((_unquoted(message[template]), forms) for template in ("id", "many"))


def _unquoted(lines: str) -> str:
    # What a PO file escapes, and how, are among what JSON does.
    return "".join(json.loads(line) for line in lines.split("\n") if line)


def translate(template: str, code: str, count: object = None) -> str:
    """The template in a language; itself when it has no translation there.

    A template that counts something, be it the singular or the plural, is given in the form that fits `count`.
    """
    texts, plurals = catalogue(code)
    if (forms := plurals.get(template)) is not None:
        return forms[plural_rule(code)(count) if isinstance(count, int) else -1]
    return texts.get(template, template)


@cache
def plural_rule(code: str) -> Callable[[int], int]:
    """Tells which of its plural forms, by position, a language takes with a number."""
    from gettext import c2py  # neither is loaded by whoever counts nothing

    from babel.messages.plurals import get_plural

    rule: Callable[[int], int] = c2py(get_plural(code).plural_expr)
    return rule
