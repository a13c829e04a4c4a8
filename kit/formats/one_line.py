"""Text that somebody typed, made safe to repeat."""

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: object) -> str:
    """The text on one line, without what a terminal would obey: names of files and fields may hold anything."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(text))
