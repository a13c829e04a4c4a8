"""Citations of law as they are written here: which article of which text a sentence, a table or a letter names.

French ways of citing are read, short ("C. trav. L1134-5, L1132-1", "LO 2011-333 art. 6 al. 3") and in full ("article
R253-6, II et IV, du code de la sécurité intérieure"), as well as decisions ("Crim. ... n° 11-87.583"). An article that
stands alone belongs to the text that was named last. Paragraphs and points within an article are not kept apart.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from domain.reference import _rows


class Citation(NamedTuple):
    """An article of a text; the text as a whole if there is no article."""

    text: str
    """As the register names it: "C. trav.", "loi 2008-496", "Cass."; empty if none was named before the article."""
    article: str

    @property
    def is_decision(self) -> bool:
        """True if it is the number of a decision, and no article."""
        return self.text in ("Cass.", "CE")

    def __str__(self) -> str:
        if self.is_decision:
            return f"{self.text} n° {self.article}"
        between = " art. " if self.article and _is_numbered(self.text) else " "
        return f"{self.text}{between}{self.article}".strip()


def citations(said: str, text: str = "") -> tuple[Citation, ...]:
    """Every citation of what is said, in order, each once. `text` is the one that articles without a text belong to."""
    plain = re.sub(r"[\s\u00a0\u202f~]+", " ", said).replace("'", "’").replace("*311", "311")
    return tuple(dict.fromkeys(_found(plain, text)))


def full_title(text: str) -> str:
    """The name of a text in full, in French: "code du travail", "loi n° 2008-496"."""
    row = _texts().get(text)
    return row["title_fr"] if row else re.sub(r"^(loi|décret|ordonnance) ", r"\1 n° ", text)


# --- What a citation looks like --------------------------------------------------------------------------

_DATE = r"(?: du \d{1,2}(?:er)? \w+ \d{4})?"
_NUMBERED = (
    rf"(?P<kind>[Ll]oi|[Dd]écret|[Oo]rdonnance|[Dd]irective)(?: \(UE\))?(?: n°)? (?P<number>\d{{2,4}}[-/]\d+){_DATE}"
)
_PLAIN = r"\d{1,4}(?:er)?(?:-\d+)*(?![\d.,]*\d|°|/| (?:mois|ans|jours|euros|months|years|days)\b)"
_LETTERED = r"[LRD]\*?\d+(?:-\d+)*(?:-[A-Z](?!\w))?"
_POINT = (
    r"(?:,? ?(?:dernier al\.|al\. ?\d+|\d+°(?: (?:et|à) \d+°)*|[IVX]+(?: et [IVX]+)?(?!\w)|\(\d+\)(?:\([a-z]\))?"
    r"|paragraphe \d+(?:, [a-z](?!\w))?))*"
)
_SEPARATOR = r"(?: (?:et|and|à|to|ou) |, (?:et |art(?:icle)?s?\.? )?|; (?:art\. )?)"
_ARTICLE = r"art(?:icle)?s?\.? "
_DECISION = re.compile(
    r"(?P<court>Cass\.|Crim\.|Civ\.|CE)[^()]{0,60}?(?:n°|no\.) (?P<decision>\d{2}-\d{2}\.\d{3}|\d{6})"
)


def _list_of(item: str) -> str:
    return rf"{item}{_POINT}(?:{_SEPARATOR}{item}{_POINT})*"


@cache
def _texts() -> dict[str, dict[str, str]]:
    return {row["text"]: row for row in _rows("texts.csv")}


@cache
def _names() -> dict[str, str]:
    """Each name of a text, with the one that the register uses."""
    named = {}
    for text, row in _texts().items():
        for name in (text, row["title_fr"], *filter(None, row["aliases"].split("|"))):
            named[name.replace("\u00a0", " ")] = text
    return named


def _is_numbered(text: str) -> bool:
    row = _texts().get(text)
    return row is None or row["numbering"] == "numbered" or text == "RGPD"


@cache
def _pattern() -> re.Pattern[str]:
    names = "|".join(re.escape(name).replace("\\ ", " ?") for name in sorted(_names(), key=len, reverse=True))
    text = rf"(?:(?P<name>(?<![\w.])(?:{names})(?!\w))|{_NUMBERED})"
    any_item = rf"(?:{_LETTERED}|{_PLAIN})"
    before = re.sub(r"\(\?P<(\w+)>", r"(?P<\1_after>", text)
    return re.compile(
        rf"{_ARTICLE}(?P<of>{_list_of(any_item)}),?(?: et suivants)? (?:du |de la |de l’|de |des ){before}"
        rf"|{text}(?:(?:, | ){_ARTICLE}(?P<articles>{_list_of(any_item)})| (?P<short>{_list_of(any_item)}))?"
        rf"|{_ARTICLE}(?P<alone>{_list_of(any_item)})"
        rf"|(?<![\w-])(?P<bare>[LRD]\*?\d{{3,4}}(?:-\d+)+(?:-[A-Z](?!\w))?)"
        rf"|\((?P<parens>\d{{4}})[,)]"
    )


def _found(said: str, text: str) -> Iterator[Citation]:
    for match in _pattern().finditer(said):
        groups = match.groupdict()
        named = _named(groups, "_after") or _named(groups, "")
        items = groups["of"] or groups["articles"] or groups["short"] or groups["alone"] or groups["bare"]
        if groups["parens"]:
            items = groups["parens"] if text == "C. civ." else None
        text = named or text
        if groups["short"] and not _fits(items, text):
            items = None
        if items:
            for item in _articles(items):
                yield Citation(text, item)
        elif named and _is_numbered(named) and named != "RGPD":
            yield Citation(named, "")
    for match in _DECISION.finditer(said):
        yield Citation("CE" if match["court"] == "CE" else "Cass.", match["decision"])


def _named(groups: dict[str, str | None], suffix: str) -> str:
    name, kind, number = (groups[f"{part}{suffix}"] for part in ("name", "kind", "number"))
    if name:
        return next(text for known, text in _names().items() if known.replace(" ", "") == name.replace(" ", ""))
    return f"{kind.lower()} {number}" if kind and number else ""


def _fits(items: str | None, text: str) -> bool:
    """Tells if what follows the name of a text is numbered as its articles are."""
    numbering = _texts()[text]["numbering"] if text in _texts() else "numbered"
    lettered = bool(items and items[0] in "LRD")
    return numbering == "both" or numbering == ("lettered" if lettered else "plain")


def _articles(items: str) -> Iterator[str]:
    """Each article of a list; those between the two ends of a range that can be counted as well."""
    without_points = re.sub(rf"({_LETTERED}|{_PLAIN}){_POINT}", r"\1", items)
    last, ranged = "", False
    for part in re.split(r"( à | to |" + _SEPARATOR + ")", without_points):
        if part is None or not re.match(r"[LRD]?\*?\d", part):
            ranged = part in (" à ", " to ")
            continue
        article = part.replace("*", "").removesuffix("er")
        if ranged:
            yield from _between(last, article)
        ends = re.fullmatch(r"(\d{4})-(\d{4})", article)
        if ends:
            yield from (str(n) for n in range(int(ends[1]), int(ends[2]) + 1))
        else:
            yield article
        last, ranged = article, False


def _between(first: str, last: str) -> Iterator[str]:
    start, end = (re.fullmatch(r"(.*?)(\d+)", article) for article in (first, last))
    if start and end and start[1] == end[1]:
        yield from (f"{start[1]}{n}" for n in range(int(start[2]) + 1, int(end[2])))
