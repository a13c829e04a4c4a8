"""The sealed log, as a reader is shown it: its last checkpoint, a proof from it, and the check of a kept checkpoint."""

from datetime import datetime

from pydantic import Field

from desk.views.findings import FindingView
from domain.values import Value


class CheckpointView(Value):
    """The last signed checkpoint of the sealed log."""

    size: int
    root: str
    note: str
    """The checkpoint as it is signed, to be kept elsewhere."""
    made_at: datetime
    key: str | None
    """The public key that it can be checked with; None where the key that signs cannot be read."""
    unsealed: int
    """Lines that wait for the next seal."""


class LineProof(Value):
    """The proof that a line stands in the sealed log."""

    index: int
    size: int
    leaf: str
    leaf_hash: str
    proof: tuple[str, ...]
    note: str
    text: str = Field(default="", exclude=True)
    """The whole proof as one text, in the form that other programs read."""


class CheckedCheckpoint(Value):
    """The result of comparing the log with a checkpoint that somebody kept."""

    size: int
    """Number of leaves of the log then."""
    now: int
    """Number of leaves of the log today."""
    findings: tuple[FindingView, ...]
