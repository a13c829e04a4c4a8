"""What passes between the workflows that look after the bytes of evidence files and the hands that do it."""

from domain.values import Value


class FilesScanned(Value):
    """What a scan of the files that waited came to."""

    clean: int = 0
    infected: int = 0
    not_scanned: int = 0
    """Files that the scanner did not look at, or not at all of."""
    failed: int = 0
    """Files that could not be scanned now: they go on waiting."""


class StoreSwept(Value):
    """What a look for bytes that no case holds came to."""

    seen: int = 0
    """What is old enough to be looked at."""
    deleted: int = 0
    spared: int = 0
    """What no case seems to hold, in a book that may have lost some: nothing is deleted then."""
