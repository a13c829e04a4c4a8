"""The results of rebuilding one record from the other."""

from domain.values import Value


class StartedAgain(Value):
    """The cases of the book that were started again."""

    cases: int
    started: int
    already: int
    """Number of cases whose workflow was running already."""
    failed: tuple[str, ...]
    keyless: tuple[str, ...]
    """References of cases whose key is lost: nobody can read them until the store of the keys is restored."""

    @property
    def failures(self) -> int:
        """The number of cases that are not as they should be."""
        return len(self.failed) + len(self.keyless)


class Refusal(Value):
    """A case whose histories do not chain with the book, and where."""

    case: str
    where: str


class Restored(Value):
    """The lines that the book got back."""

    cases: int
    restored: int
    """Number of cases that got lines back."""
    lines: int
    shown: int
    """Number of cases whose rows in lists differed from the book, and were written anew."""
    refused: tuple[Refusal, ...]
    keyless: tuple[str, ...]

    @property
    def failures(self) -> int:
        """The number of cases that are not as they should be."""
        return len(self.refused) + len(self.keyless)
