"""The history of a case as a PDF that a judge reads: every line of the book in French, in its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from domain.lifecycle import fold
from domain.parts.intake import ComplaintAmended, ComplaintOpened
from domain.vocabulary import Role, Step
from kit.formats.typeset import Data, typeset
from words import FRENCH, Words
from words.complaint import Row, whole

if TYPE_CHECKING:
    from domain.events import Entry

TEMPLATE = Path(__file__).resolve().with_name("history.typ")


def as_pdf(reference: str, entries: Sequence[Entry], digests: Sequence[str], words: Words = FRENCH) -> bytes:
    """The history as an accessible PDF, PDF/UA-1 and PDF/A-2a: the same lines give the same bytes.

    `entries` is the whole history, `digests` the digest of each line in hexadecimal.
    """
    case = fold(reference, entries)
    opening = entries[0].event
    pieces: list[Data] = [{"id": piece.id, "name": words.piece(piece.id, piece.label)} for piece in case.pieces]
    told = _amendments(entries, words)
    lines = [_line(entry, hash, told, words) for entry, hash in zip(entries, digests, strict=True)]
    last = entries[-1].recorded_at
    data: dict[str, Data] = {
        "reference": reference,
        "step": words.label(case.step, Step),
        "until": words.instant(last),
        "count": str(len(lines)),
        "fictitious": case.complaint.fictitious,
        "told": _rows(whole(opening.complaint, words)) if isinstance(opening, ComplaintOpened) else [],
        "lines": lines,
        "pieces": pieces,
    }
    return typeset(TEMPLATE, data, last)


def _amendments(entries: Sequence[Entry], words: Words) -> dict[int, list[Data]]:
    """The rows of the complaint that each amendment changed, by the version of its line."""
    changed: dict[int, list[Data]] = {}
    before: frozenset[Row] = frozenset()
    for entry in entries:
        if isinstance(entry.event, ComplaintOpened | ComplaintAmended):
            rows = list(whole(entry.event.complaint, words))
            changed[entry.version] = _rows(row for row in rows if before and row not in before)
            before = frozenset(rows)
    return changed


def _rows(rows: Iterable[Row]) -> list[Data]:
    return [{"name": name, "value": value} for name, value in rows]


def _line(entry: Entry, digest: str, amended: Mapping[int, list[Data]], words: Words) -> Data:
    facts, written = words.told(entry.event)
    happened, recorded = words.instant(entry.happened_at), words.instant(entry.recorded_at)
    return {
        "version": str(entry.version),
        "what": words.event(entry.what),
        "happened": happened,
        "recorded": "" if recorded == happened else recorded,
        "who": f"{entry.who} ({words.label(entry.actor.role, Role)}, {entry.actor.organisation})",
        "facts": " – ".join(facts),
        "written": list(written),
        "amended": amended.get(entry.version, []),
        "digest": digest[:16],
    }
