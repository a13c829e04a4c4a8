"""Looks at the lines of one case: do they follow from each other, are they those that were sealed?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.findings import Finding
from domain.log.chain import FIRST, Leaf
from kit.crypto.vault import Tampered, is_sealed
from models import book

if TYPE_CHECKING:
    from domain.events import Entry
    from models.book import StoredLine
    from models.keys import CaseKey
    from models.seals import StoredLeaf


def chain(reference: str, lines: Sequence[StoredLine]) -> list[Finding]:
    """Finds lines that are missing, or that do not follow from the one before."""
    findings, head, version = [], FIRST, 0
    for line in lines:
        if line.version != version + 1:
            findings.append(Finding("line_missing", f"v{version + 1}", reference))
        if line.previous != head or line.line_hash != line.hash(line.previous):
            findings.append(Finding("chain_broken", f"v{line.version}", reference))
        head, version = line.line_hash, line.version
    return findings


def seals(
    reference: str, lines: Sequence[StoredLine], leaves: Sequence[StoredLeaf], key: CaseKey | None
) -> list[Finding]:
    """Finds lines that are not those that were sealed. Without the key their contents cannot be compared."""
    by_version = {line.version: line for line in lines}
    return [finding for leaf in leaves for finding in _leaf(reference, leaf, by_version.get(leaf.version), key)]


def _leaf(reference: str, leaf: StoredLeaf, line: StoredLine | None, key: CaseKey | None) -> list[Finding]:
    where, findings = f"v{leaf.version}", []
    if Leaf(reference, leaf.version, leaf.line_hash, leaf.commitment).hash() != leaf.hash:
        findings.append(Finding("leaf_broken", where, reference))
    if line is None:
        findings.append(Finding("line_gone", where, reference))
    elif line.hash(line.previous) != leaf.line_hash:
        findings.append(Finding("line_changed", where, reference))
    elif key is not None and (kind := _commitment(line, key, leaf.commitment)):
        findings.append(Finding(kind, where, reference))
    return findings


def _commitment(line: StoredLine, key: CaseKey, commitment: bytes | None) -> str | None:
    """The kind of finding that a commitment gives, if it is not that of its line."""
    if commitment is None:
        return "commitment_missing" if is_sealed(line.event) else None
    try:
        return None if key.commitment(book.in_clear(line, key).content()) == commitment else "commitment_differs"
    except Tampered:
        return None  # a finding on the line itself


def bare(reference: str, lines: Sequence[StoredLine]) -> list[Finding]:
    """Finds lines that stand in clear where they should be sealed."""
    return [Finding("not_sealed", f"v{line.version}", reference) for line in lines if book.is_bare(line)]


def tags(reference: str, lines: Sequence[StoredLine], entries: Sequence[Entry]) -> list[Finding]:
    """Finds lines that name another event beside the one that they hold."""
    return [
        Finding("tag_differs", f"v{line.version}", reference)
        for line, entry in zip(lines, entries, strict=True)
        if line.tag != entry.what
    ]


def first_unopened(lines: Sequence[StoredLine], key: CaseKey) -> int:
    """The version of the first line that the key does not open; 0 if it opens all."""
    for line in lines:
        try:
            book.event_of(line, key)
        except Tampered:
            return line.version
    return 0
