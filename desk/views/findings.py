"""The findings of a verification."""

from typing import TYPE_CHECKING, Self

from domain.values import Value

if TYPE_CHECKING:
    from audit.findings import Finding


class FindingView(Value):
    """A thing that verification found wrong."""

    case: str | None
    """The reference of its case; None if it concerns the whole log."""
    kind: str
    what: str
    """A sentence: a template of the message catalogue."""
    where: str

    @classmethod
    def of(cls, finding: "Finding") -> Self:
        """The view of this finding."""
        return cls(case=finding.case or None, kind=finding.kind, what=finding.what, where=finding.where)


class Verdict(Value):
    """The result of a verification: counts of what was compared, and the findings."""

    cases: int
    entries: int
    erased: int
    """Number of erased cases: only their chain and seals could be verified, as the content is gone."""
    files: int
    """Number of evidence files that were read to their end."""
    left_out: tuple[str, ...]
    """The records that were left out on request."""
    findings: tuple[FindingView, ...]


class Noted(Value):
    """A finding as it is kept while a long verification is stopped."""

    kind: str
    where: str
    case: str


class Progress(Value):
    """The state of a verification of every case: one that was stopped can go on from it."""

    after: str = ""
    """The reference of the last case that was verified."""
    left_out: tuple[str, ...] = ()
    cases: int = 0
    entries: int = 0
    erased: int = 0
    files: int = 0
    findings: tuple[Noted, ...] = ()
