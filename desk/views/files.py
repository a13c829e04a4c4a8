"""The files of a case, and their custody."""

from desk.views.file import FileView
from domain.access import Custody
from domain.values import Value


class FilesView(Value):
    """The files of a case, in the order in which they were attached."""

    files: tuple[FileView, ...]


class FilesWithCustodyView(FilesView):
    """The files of a case, and everything that was done with them, oldest first."""

    custody: tuple[Custody, ...]
