"""Holds lists against the book: every table whose rows follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from audit.findings import Finding
from domain.time.clocks import agenda
from domain.vocabulary import Step
from models import alerts, cases, files
from models.book import StoredLine
from models.cases import ListedCase
from models.finding import marks_of
from models.sources import place_kept

if TYPE_CHECKING:
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.parts.erasure import CaseErased
    from domain.time.policy import Policy
    from models.keys import Keys
    from models.shown import Shown


class Lists:
    """Compares rows with cases, by the versions of the policy that there are."""

    def __init__(self, editions: Mapping[int, Policy], keys: Keys, calendar: WorkingCalendar) -> None:
        self._editions, self._keys, self._calendar = editions, keys, calendar

    def against(self, case: Case, head: bytes, shown: Shown) -> list[Finding]:
        """Finds rows of a case that differ from its book; `head` is the hash of its last line."""
        if shown.row is None:
            return [Finding("row_missing", "cases", case.reference)]
        findings = self._row(case, head, shown.row)
        if shown.parties != case.parties:
            findings.append(Finding("parties_differ", "parties", case.reference))
        alerts_of_case = {alert.key: alerts.row_of(case.reference, alert) for alert in case.alerts}
        listed_alerts = {row["key"]: row for row in shown.alerts}
        findings += [Finding("alerts_differ", key, case.reference) for key in _differing(alerts_of_case, listed_alerts)]
        digest = self._keys.digest
        files_of_case = {file.id: files.row_of(digest, case.reference, file) for file in case.files if file.is_held}
        listed_files = {row["id"]: row for row in shown.files}
        for id in (id for id, row in listed_files.items() if row["digest"] is None and id in files_of_case):
            files_of_case[id]["digest"] = None  # a file of before, until the next scan
        findings += [Finding("files_differ", id, case.reference) for id in _differing(files_of_case, listed_files)]
        return findings + _marks(case.reference, marks_of(self._keys.digest, case.complaint), shown)

    def _row(self, case: Case, head: bytes, row: ListedCase) -> list[Finding]:
        findings: list[Finding] = []
        edition = row.policy_version or 0
        fixed = cases.fixed(case, place_kept(self._keys.digest, case.complaint, row.source_key))
        due = None
        if policy := self._editions.get(edition):
            due = next(iter(agenda(case, policy, self._calendar)), None)
        else:
            findings.append(Finding("policy_missing", f"v{edition}", case.reference))
        expected = fixed | cases.changing(case, head, due, edition)
        expected["policy_version"] = row.policy_version
        return findings + _row_differs(case.reference, expected, row)

    def of_erased(self, reference: str, last: StoredLine, facts: CaseErased, shown: Shown) -> list[Finding]:
        """Does so for an erased case, of which only the last line can be read: no row may tell whom it was about."""
        if shown.row is None:
            return [Finding("row_missing", "cases", reference)]
        expected = {"version": last.version, "head": last.line_hash, "step": Step.ERASED, "domain": facts.domain}
        expected |= {name: getattr(facts, name) for name in _FACTS}
        expected["closed_to"] = cases.closed_to_column(facts.closed_to)
        held = [Finding("files_differ", row["id"], reference) for row in shown.files]
        return [*_row_differs(reference, expected, shown.row), *held, *_marks(reference, frozenset(), shown)]


_FACTS = ("metropolis", "commune", "neighbourhood", "outcome", "closure_reason", "fictitious")
"""Columns of its row that the last line of an erased case keeps, under the same names."""


def _row_differs(reference: str, expected: Mapping[str, Any], row: ListedCase) -> list[Finding]:
    return [
        Finding("row_differs", f"cases.{name}", reference)
        for name, value in expected.items()
        if getattr(row, name) != value
    ]


def _differing(expected: Mapping[str, Any], listed: Mapping[str, Any]) -> list[str]:
    return [name for name in sorted(expected.keys() | listed.keys()) if expected.get(name) != listed.get(name)]


def _marks(reference: str, expected: frozenset[str], shown: Shown) -> list[Finding]:
    """Tells how many are wrong, and never which: a digest that is shown tells which cases name the same person."""
    missing, unknown = len(expected - shown.marks), len(shown.marks - expected)
    findings = [Finding("mark_missing", f"blind_index: {missing}", reference)] if missing else []
    return findings + ([Finding("mark_unknown", f"blind_index: {unknown}", reference)] if unknown else [])
