"""The findings of a verification."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from domain.log.declarations import Declaration, Restored
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


class DeclarationView(Value):
    """A declaration about the sealed log: of another key, or of leaves that were lost when an older book was put back.

    The fields of the other kind are None.
    """

    made_at: datetime
    key: str | None = None
    """The public half of the key that signs from then on."""
    former: str | None = None
    """That of the key that signed until then."""
    is_signed_by_former: bool | None = None
    """False when the former key was lost: only whoever put the new one there vouches for it."""
    kept: int | None = None
    """Number of leaves from which the log went on."""
    lost: int | None = None
    """Number of leaves that a witness had been told of: those after `kept` were lost."""

    @classmethod
    def of(cls, declaration: Declaration) -> Self:
        """The view of this declaration."""
        if isinstance(declaration, Restored):
            return cls(made_at=declaration.made_at, kept=declaration.kept, lost=declaration.lost)
        return cls(
            made_at=declaration.made_at,
            key=str(declaration.key),
            former=str(declaration.former),
            is_signed_by_former=declaration.is_signed_by_former,
        )


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
    declarations: tuple[DeclarationView, ...] = ()
    """What was declared about the sealed log, the first first: no finding, and shown for ever."""


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


class VerifiedSome(Value):
    """Progress of a verification in parts, and its verdict at the end."""

    progress: Progress
    total: int
    """Number of all cases."""
    verdict: Verdict | None
    """None while cases are left."""
