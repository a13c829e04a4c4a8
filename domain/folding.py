"""One form for what people type in several: without case, accents, ligatures. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

_ALIKE = 0.7
"""From 0 to 1: a slip of the finger is above, another word below."""


def plain(text: str) -> str:
    """Small letters without accents: É, é and e are one, as are ligatures and full-width forms."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("œ", "oe").replace("æ", "ae")


def words(text: str) -> list[str]:
    """The words of a text, each in its plain form: dashes, apostrophes and spaces are one."""
    return re.findall(r"[^\W_]+", plain(text))


def close_to(text: str, names: Mapping[str, str], most: int = 1) -> list[str]:
    """The names nearest to a text, whatever its case and accents; each is given as the mapping has it."""
    by_name = {plain(name): shown for name, shown in names.items()}
    return list(dict.fromkeys(by_name[name] for name in get_close_matches(plain(text), by_name, most, _ALIKE)))
