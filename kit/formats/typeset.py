"""Typesetting with Typst: a template and data become a PDF that a screen reader can read and an archive can keep.

PDF/UA-1 and PDF/A-2a. The data travel beside the template, never inside it, so that whatever somebody typed stays
text. Fonts are those that the typst package brings: the same document comes out of every machine, byte for byte.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import typst

Data = str | int | bool | None | Mapping[str, "Data"] | Sequence["Data"]
"""Values that a template is filled with."""

LONGEST_WORD = 28
"""Characters after which a word may be broken anywhere, so that nothing runs off the page or out of a column."""
LONGEST_ADDRESS = 64
"""Does so for an address or a link, which is meant to be copied: a break would go with it."""

_SURE = re.compile(r"[\n -~\u00a0-\u00ac\u00ae-\u017f\u2010-\u2015\u2018-\u201e\u2026\u202f\u20ac]")
"""Signs that the fonts are known to have: all others are tried first."""
_BREAK = "\u200b"


def typeset(template: Path, data: Mapping[str, Data], at: datetime) -> bytes:
    """Makes a PDF of `template` and `data`, dated `at`: the same three give the same bytes.

    The template reads the data with `json(bytes(sys.inputs.data))`. A sign that no font can draw is shown by its
    code, [U+1F600], so that nothing is lost in silence and nothing a person typed can keep a document from being made.
    """
    cleaned = _each_text(data, drawable)
    try:
        return _compile(template, cleaned, at)
    except typst.TypstError:
        # Signs can be drawn one by one, and not as they stand together: only those that are sure are kept.
        return _compile(template, _each_text(data, _surely_drawable), at)


def drawable(text: str) -> str:
    """Replaces every sign that no font can draw by its code, and makes endless words breakable."""
    unsure = frozenset(_SURE.sub("", text))
    missing = {sign for sign in unsure if not _can_draw(sign)}
    return _breakable("".join(_code(sign) if sign in missing else sign for sign in text))


def _surely_drawable(text: str) -> str:
    return _breakable("".join(sign if _SURE.match(sign) else _code(sign) for sign in text))


def _code(sign: str) -> str:
    return f"[U+{ord(sign):04X}]"


def _breakable(text: str) -> str:
    return re.sub(rf"\S{{{LONGEST_WORD + 1},}}", lambda match: _broken(match.group()), text)


def _broken(word: str) -> str:
    longest = LONGEST_ADDRESS if "@" in word or "://" in word else LONGEST_WORD
    return _BREAK.join(word[n : n + longest] for n in range(0, len(word), longest))


def _each_text(data: Data, change: Callable[[str], str]) -> Data:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, Mapping):
        return {key: _each_text(value, change) for key, value in data.items()}
    if isinstance(data, Sequence):
        return [_each_text(value, change) for value in data]
    return data


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


_PROBE = b'#set document(title: [?])\n#set text(lang: "fr")\n#json(bytes(sys.inputs.data))'


@lru_cache(maxsize=16_384)
def _can_draw(sign: str) -> bool:
    """True if a document that holds this sign can be made."""
    if "\ud800" <= sign <= "\udfff":
        return False
    try:
        _render(_PROBE, Path("/"), json.dumps(f"a{sign}a"), 0)
    except typst.TypstError:
        return False
    return True


def _compile(template: Path, data: Data, at: datetime) -> bytes:
    return _render(template.read_bytes(), template.parent, json.dumps(data), int(at.timestamp()))


def _render(source: bytes, root: Path, data: str, timestamp: int) -> bytes:
    compiler = typst.Compiler(root=root, font_paths=_fonts())
    made = compiler.compile(
        input=source, format="pdf", sys_inputs={"data": data}, pdf_standards=["ua-1", "a-2a"], timestamp=timestamp
    )
    assert isinstance(made, bytes)  # noqa: S101 - one PDF, and no file was asked for
    return made
