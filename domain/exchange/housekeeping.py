"""The messages between the workflows for the upkeep of evidence files and their activities."""

from domain.values import Value


class HandedOver(Value):
    """The outcome of a round of hand-overs."""

    cases: int = 0
    """Cases that went from somebody who left to somebody else, or to nobody yet."""
    failed: int = 0
    """Cases that did not answer, or that the rules refused: left to the next round."""


class FilesScanned(Value):
    """The result of a scan of the files that waited."""

    clean: int = 0
    infected: int = 0
    not_scanned: int = 0
    """Files that the scanner did not read, or not whole."""
    failed: int = 0
    """Files that could not be scanned now: they go on waiting."""


class StoreSwept(Value):
    """The result of a search for bytes that no case holds."""

    seen: int = 0
    """Objects old enough to be looked at."""
    deleted: int = 0
    spared: int = 0
    """Objects that no case seems to hold. They are kept if the book may have lost cases."""
