"""The results of making one record from the other."""

from domain.values import Value


class StartedAgain(Value):
    """The cases of the book that were started again."""

    cases: int
    started: int
    already: int
    """Those that were at work: started before, or never stopped."""
    failed: tuple[str, ...]
    keyless: tuple[str, ...]
    """Cases of which the key is lost: nobody can read them until the store of the keys is restored."""

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
    """Cases that got lines back."""
    lines: int
    shown: int
    """Cases that lists told otherwise than the book, and that were shown anew."""
    refused: tuple[Refusal, ...]
    keyless: tuple[str, ...]

    @property
    def failures(self) -> int:
        """The number of cases that are not as they should be."""
        return len(self.refused) + len(self.keyless)
