"""The findings of a verification."""

from typing import TYPE_CHECKING, Self

from domain.values import Value

if TYPE_CHECKING:
    from audit.findings import Finding


class FindingView(Value):
    """Something that does not hold."""

    case: str | None
    """The reference of a case; None for what concerns the whole log."""
    kind: str
    what: str
    """A sentence: a template of the message catalogue."""
    where: str

    @classmethod
    def of(cls, finding: "Finding") -> Self:
        """The view of this finding."""
        return cls(case=finding.case or None, kind=finding.kind, what=finding.what, where=finding.where)


class Verdict(Value):
    """The records that were held against each other, and what does not hold."""

    cases: int
    entries: int
    erased: int
    """Cases of which chain and seals alone could be looked at: the content is gone."""
    files: int
    """Evidence files that were read to their end."""
    left_out: tuple[str, ...]
    """Which of the records were left out, as was asked."""
    findings: tuple[FindingView, ...]


class Noted(Value):
    """A finding as it is noted between two parts of a long look."""

    kind: str
    where: str
    case: str


class Progress(Value):
    """A look at every case so far: whoever stops it can go on from there."""

    after: str = ""
    """The last case that was looked at."""
    left_out: tuple[str, ...] = ()
    cases: int = 0
    entries: int = 0
    erased: int = 0
    files: int = 0
    findings: tuple[Noted, ...] = ()
