"""Which files may be given to anybody at all. Who may have one is in `domain.permissions`."""

from domain.case import Case, EvidenceFile
from domain.errors import Refused
from domain.rules.files import held
from domain.vocabulary import ScanState


def servable(case: Case, id: str) -> EvidenceFile:
    """A file whose bytes may be given to somebody. Refused while a scan is to come, and for ever once one found
    malware."""
    file = held(case, id)
    if file.scan is ScanState.INFECTED:
        raise Refused(
            "file_quarantined",
            "Malware was found in {id}: it is in quarantine and given to nobody.",
            "Ask whoever gave it for the same document in another form (printed, or as a picture).",
            field="file",
            id=file.id,
        )
    if file.scan is ScanState.PENDING:
        raise Refused(
            "file_to_be_scanned",
            "{id} was not scanned for malware yet.",
            "Try again in a moment; if it lasts, whoever runs the service can have it scanned: starter.py store scan.",
            field="file",
            id=file.id,
        )
    return file
