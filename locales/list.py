"""Prints every message of the product in a language, as a list to be read: `python -m locales.list [fr]`."""

import io
import sys
from collections.abc import Iterator

from babel.messages.pofile import read_po

from locales.extract import LANGUAGES, po


def texts(language: str) -> Iterator[str]:
    """Every message in this language, once each, in alphabetical order; the forms of a plural one after the other."""
    catalog = read_po(io.BytesIO(po(language).read_bytes()), locale=language)
    told = {text for message in catalog if message.id for text in _forms(message.string)}
    yield from sorted(told, key=str.casefold)


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


def main(arguments: list[str]) -> int:
    """Prints the list."""
    for text in texts(arguments[0] if arguments else LANGUAGES[0]):
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
