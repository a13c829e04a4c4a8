"""One form for what people type in several: without case, accents, ligatures. Pure."""

import re
import unicodedata


def plain(text: str) -> str:
    """Small letters without accents: É, é and e are one, as are ligatures and full-width forms."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in apart if not unicodedata.combining(c)).replace("œ", "oe").replace("æ", "ae")


def words(text: str) -> list[str]:
    """The words of a text, each in its plain form: dashes, apostrophes and spaces are one."""
    return re.findall(r"[^\W_]+", plain(text))
