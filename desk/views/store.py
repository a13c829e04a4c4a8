"""The result of checking the store of the evidence files."""

from domain.values import Value


class Fault(Value):
    """A file that is not as it was attached."""

    reference: str
    id: str
    code: str


class StoreChecked(Value):
    """The numbers of files and copies that were read, and those that are not as they were attached."""

    files: int
    copies: int
    """Copies without scripts that were read as well."""
    wrong: tuple[Fault, ...]
