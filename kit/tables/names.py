"""The one form of a name in a table, however it was typed."""

import re
import unicodedata

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Soft hyphens, spaces and joints of no width, marks of direction: nobody sees or types them."""
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u02b9\u2032\uff07`\u00b4"), "'")


def tidy(text: str) -> str:
    """A name as it is compared: composed letters (NFC), single spaces, straight apostrophes, and nothing unseen."""
    composed = unicodedata.normalize("NFC", _UNSEEN.sub("", text)).translate(_APOSTROPHES)
    return " ".join(composed.split())
