"""The store of the evidence files, for whoever runs the service: scanning, checking, sweeping."""

from datetime import UTC, datetime, timedelta

from activities import care
from activities.care import scanner_of
from desk.office import Office
from desk.scanning import case_with_files, scanning_of
from desk.views.store import Fault, StoreChecked
from domain.actors import Actor
from domain.errors import Refused
from domain.exchange.housekeeping import FilesScanned, StoreSwept
from domain.permissions import require_operator
from models import files
from models.clean_copies import copy_of

KEPT = care.KEPT
"""The time for which stored bytes that no case holds are kept: a command that still waits may name them."""


async def scan_files(office: Office, actor: Actor, *, again: bool = False) -> FilesScanned:
    """Scans the files that wait for a scan; with `again`, all of them. Raises Refused where there is no scanner."""
    require_operator(actor)
    scanner = scanner_of(office.settings)
    if scanner is None:
        raise Refused(
            "no_scanner",
            "No malware scanner is set.",
            "Name clamd's socket in ABOUTIR_CLAMD. Until then files are not scanned, and said not to be.",
        )
    return await scanning_of(office, scanner).scan_all(again=again)


def check_files(office: Office, actor: Actor) -> StoreChecked:
    """Reads every file to its end and compares it with its digest; reads its copy without scripts, if there is one."""
    require_operator(actor)
    with office.reading() as tx:
        held = files.all_held(tx)
    copies, wrong = 0, []
    for reference, id in held:
        try:
            file = case_with_files(office, reference).file(id)
        except Refused:  # erased meanwhile
            continue
        wrong += _faults(reference, id, office.evidence.fault(reference, file))
        with office.reading() as tx:
            copy = copy_of(tx, file)
        if copy is not None:
            copies += 1
            wrong += _faults(reference, id, office.evidence.fault_of_copy(reference, file, copy))
    return StoreChecked(files=len(held), copies=copies, wrong=tuple(wrong))


def _faults(reference: str, id: str, code: str | None) -> list[Fault]:
    return [] if code is None else [Fault(reference=reference, id=id, code=code)]


def sweep_store(office: Office, actor: Actor, older_than: timedelta = KEPT) -> StoreSwept:
    """Deletes stored bytes that no case holds, if they are older than `older_than`."""
    require_operator(actor)
    return care.sweep(office.reading, office.writing, office.evidence.store, datetime.now(UTC) - older_than)
