"""Numbers as a French sheet shows them, by the number format of their cell (ECMA-376 part 1, 18.8.30 and 18.8.31).

`00000` shows 1000 as 01000, `0#" "##" "##" "##" "##` shows 300000001 as 03 00 00 00 01. Two things differ on purpose:
without a format of its own a number is written out to its last figure, never cut to the width of a column, and never
with a power of ten.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

GENERAL = "General"
_SPACE = "\u202f"
"""Between thousands: narrow, and no line breaks at it."""
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    41: "#,##0", 42: "#,##0", 43: "#,##0.00", 44: "#,##0.00", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""The formats that no file spells out, without those of dates."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<width>.)|\*(?P<fill>.)|\[(?P<brackets>[^\]]*)\]'
    r"|(?P<general>General)|(?P<power>[Ee][+-])|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)")
_DATES = frozenset("dmyhsDMYHS")


class NotShown(ValueError):
    """Nobody can tell surely what the cell shows."""


@dataclass(frozen=True)
class _Section:
    """One of the up to four parts of a format."""

    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, Decimal] | None

    def has(self, kind: str) -> bool:
        return any(name == kind for name, _ in self.tokens)


def shown(value: float, code: str = GENERAL) -> str:
    """The text that a cell with this number and this format shows. Raises NotShown."""
    number = _decimal(value)
    sections = _sections(code)
    section, is_signed = _chosen(sections, number)
    if section.has("power") or any(name == "other" and text == "/" for name, text in section.tokens):
        return general(value)  # powers of ten and fractions: the figures themselves say more
    if not section.tokens:
        raise NotShown  # a format that hides what the cell holds
    text = _filled(section, abs(number))
    return f"-{text.lstrip()}" if is_signed and number < 0 and re.search(r"[1-9]", text) else text


def general(value: float) -> str:
    """A number to its last figure, of the 15 that a sheet keeps."""
    return _plain(_decimal(value)).replace(".", ",")


def _decimal(value: float) -> Decimal:
    try:
        number = Decimal(f"{value:.15g}")
    except InvalidOperation:
        raise NotShown from None
    if not number.is_finite():
        raise NotShown
    return number


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


@cache
def _sections(code: str) -> tuple[_Section, ...]:
    sections: list[list[tuple[str, str]]] = [[]]
    conditions: list[tuple[str, Decimal] | None] = [None]
    for match in _TOKEN.finditer(code):
        kind, text = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "other" and text == ";":
            sections.append([])
            conditions.append(None)
        elif kind == "brackets":
            if condition := _CONDITION.fullmatch(text.strip()):
                conditions[-1] = (condition[1], Decimal(condition[2]))
            elif text.startswith("$") and (symbol := text[1:].partition("-")[0]):
                sections[-1].append(("quoted", symbol))  # a currency
        else:
            sections[-1].append((kind, text))
    return tuple(_Section(tuple(tokens), condition) for tokens, condition in zip(sections, conditions, strict=True))


def _chosen(sections: tuple[_Section, ...], number: Decimal) -> tuple[_Section, bool]:
    """The section for a number; true beside it if the sign of a negative one is still to be written."""
    if any(section.condition for section in sections):
        for section in sections[:3]:
            if section.condition is None or _holds(section.condition, number):
                return section, True
        raise NotShown
    if len(sections) > 1 and number < 0:
        return sections[1], False
    if len(sections) > 2 and number == 0:
        return sections[2], False
    return sections[0], True


def _holds(condition: tuple[str, Decimal], number: Decimal) -> bool:
    sign, bound = condition
    return {
        "<": number < bound, "<=": number <= bound, ">": number > bound, ">=": number >= bound,
        "=": number == bound, "<>": number != bound,
    }[sign]  # fmt: skip


def _filled(section: _Section, number: Decimal) -> str:
    """The section with the figures of a number in the places that it has for them."""
    tokens = [token for token in section.tokens if token[0] != "fill"]
    if any(kind == "other" and text in _DATES for kind, text in tokens):
        raise NotShown
    places = [at for at, (kind, _) in enumerate(tokens) if kind == "digit"]
    if not places:
        return "".join(_written(token, number) for token in tokens)
    point = next((at for at, (kind, _) in enumerate(tokens) if kind == "point"), None)
    whole = [at for at in places if point is None or at < point]
    after = [at for at in places if point is not None and at > point]
    last = whole[-1] if whole else -1
    commas = [at for at, (kind, _) in enumerate(tokens) if kind == "comma" and (point is None or at < point)]
    number *= Decimal(100) ** sum(kind == "percent" for kind, _ in tokens)
    number /= Decimal(1000) ** sum(at > last for at in commas)
    grouped = any(whole and whole[0] < at < last for at in commas)
    rounded = f"{number.quantize(Decimal(1).scaleb(-len(after)), ROUND_HALF_UP):f}"
    figures, _, decimals = rounded.partition(".")
    written = _whole(tokens, whole, figures.lstrip("0"), grouped) | _decimals(tokens, after, decimals)
    shown_point = "," if point is not None else ""
    return "".join(
        written.get(at, "") if kind == "digit" else shown_point if kind == "point" else _written((kind, text), number)
        for at, (kind, text) in enumerate(tokens)
    )


def _written(token: tuple[str, str], number: Decimal) -> str:
    """What stands between the figures."""
    kind, text = token
    if kind in ("general", "other") and (kind == "general" or text == "@"):
        return _plain(number).replace(".", ",")
    return {"comma": "", "width": " ", "point": ","}.get(kind, text)


def _whole(tokens: list[tuple[str, str]], places: list[int], figures: str, grouped: bool) -> dict[int, str]:
    """The figures before the decimal point, from the last place on; those that are left stand at the first place."""
    written: dict[int, str] = {}
    count = 0
    for n, at in enumerate(reversed(places)):
        is_first = n == len(places) - 1
        taken, figures = (figures, "") if is_first else (figures[-1:], figures[:-1])
        taken = taken or {"0": "0", "?": " "}.get(tokens[at][1], "")
        parts = []
        for figure in reversed(taken):
            parts.append(figure + _SPACE if grouped and count and count % 3 == 0 and figure != " " else figure)
            count += 1
        written[at] = "".join(reversed(parts))
    return written


def _decimals(tokens: list[tuple[str, str]], places: list[int], decimals: str) -> dict[int, str]:
    """The figures after the decimal point. Those that are nought at the end stand only where the format has a 0."""
    written: dict[int, str] = {}
    needed = False
    for at, figure in reversed(list(zip(places, decimals, strict=True))):
        needed = needed or figure != "0" or tokens[at][1] == "0"
        written[at] = figure if needed else {"?": " "}.get(tokens[at][1], "")
    return written
