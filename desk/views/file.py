"""An evidence file as a reader is shown it: never its bytes, and never where they are kept."""

from datetime import datetime
from typing import Self

from domain.parts.files import EvidenceFile
from domain.values import Value
from domain.vocabulary import FileRemark, ScanState


class FileView(Value):
    """A file of a case."""

    id: str
    piece: str
    name: str
    media_type: str
    size: int
    sha256: str
    scan: ScanState
    scanned_at: datetime | None
    finding: str | None
    """The name of the malware that a scan found."""
    remark: FileRemark | None
    """Remark that has to be known before anybody opens it."""
    attached_at: datetime
    attached_by: str
    removed_at: datetime | None

    @classmethod
    def of(cls, file: EvidenceFile, **more: object) -> Self:
        """The view of this file. `more` holds the fields that a view of its own adds."""
        return cls.model_validate(
            {
                "id": file.id,
                "piece": file.piece,
                "name": file.filename,
                "media_type": file.media_type,
                "size": file.size,
                "sha256": file.sha256,
                "scan": file.scan,
                "scanned_at": file.scanned_at,
                "finding": file.finding,
                "remark": file.remark,
                "attached_at": file.attached.recorded_at,
                "attached_by": file.attached_by,
                "removed_at": file.removed_at,
                **more,
            }
        )


class FileOfCase(FileView):
    """A file, with the case that it belongs to."""

    reference: str


class SameFile(Value):
    """Another file of the case that has the same content, and the piece that it belongs to."""

    id: str
    piece: str


class FileAttachedView(FileOfCase):
    """A file that was attached now."""

    same_as: SameFile | None
    """The file that the case had of the same content, if it had one."""


class GivenView(Value):
    """A file that is given to be read."""

    file: FileOfCase
    form: str
    """"original", or "cleaned" for a copy without scripts."""
