"""Speaking the reader's language: French first, English where LANG asks for it."""

import gettext
import os
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent.parent / "locales"


def language(environment: Mapping[str, str] | None = None) -> str:
    """The language to speak: "en" when the environment asks for English, else "fr"."""
    environment = os.environ if environment is None else environment
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "en" if value.lower().startswith("en") else "fr"
    return "fr"


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """The translations into a language. English needs none: it is what the templates are written in."""
    path = LOCALES / code / "aboutir.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(template: str, code: str | None = None) -> str:
    """The template in the reader's language (or in `code`); itself when there is no translation."""
    return catalogue(code or language()).gettext(template) if template else ""
