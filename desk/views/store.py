"""The state of the store of the evidence files."""

from domain.values import Value


class Fault(Value):
    """A file that is not as it was attached."""

    reference: str
    id: str
    code: str


class StoreChecked(Value):
    """The files that were read, and those that are not as they were."""

    files: int
    wrong: tuple[Fault, ...]
