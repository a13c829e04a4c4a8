"""The result of checking the store of the evidence files."""

from domain.values import Value


class Fault(Value):
    """A file that is not as it was attached."""

    reference: str
    id: str
    code: str


class StoreChecked(Value):
    """The number of files that were read, and those that are not as they were attached."""

    files: int
    wrong: tuple[Fault, ...]
