"""Speaking the reader's language: French first, English where LANG asks for it."""

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LOCALES = Path(__file__).resolve().parent.parent / "locales"

_MESSAGE = re.compile(
    r'(?P<about>(?:^#.*\n)*)^msgid (?P<id>(?:".*"\n)+)msgstr (?P<said>(?:".*"(?:\n|\Z))+)', re.MULTILINE
)
_FUZZY = re.compile(r"^#,.*\bfuzzy\b", re.MULTILINE)


def language(environment: Mapping[str, str] | None = None) -> str:
    """The language to speak: "en" when the environment asks for English, else "fr"."""
    environment = os.environ if environment is None else environment
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "en" if value.lower().startswith("en") else "fr"
    return "fr"


@cache
def catalogue(code: str) -> Mapping[str, str]:
    """The translations into a language, by message. English needs none: it is what the templates are written in."""
    path = LOCALES / code / "aboutir.po"
    return read(path.read_text(encoding="utf-8")) if path.exists() else {}


def read(text: str) -> dict[str, str]:
    """The messages of a PO file of ours (neither plurals nor contexts) that are translated and not fuzzy.

    Read here and not with Babel: every process reads the catalogue as it starts, and this takes a fifth of the time.
    """
    found = (
        (_unquoted(m["id"]), _unquoted(m["said"])) for m in _MESSAGE.finditer(text) if not _FUZZY.search(m["about"])
    )
    return {message: said for message, said in found if message and said}


def _unquoted(lines: str) -> str:
    # What a PO file escapes, and how, are among what JSON does.
    return "".join(json.loads(line) for line in lines.split("\n") if line)


def translate(template: str, code: str | None = None) -> str:
    """The template in the reader's language (or in `code`); itself when there is no translation."""
    return catalogue(code or language()).get(template, template)
