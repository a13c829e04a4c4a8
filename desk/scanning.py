"""Scanning evidence files for malware at the desk instead of in the worker. Each case records the verdicts."""

from activities.care import Scanning
from desk.office import Office
from desk.submitting import submit_command
from domain.actors import Actor
from domain.case import Case
from domain.parts.base import Command
from domain.vocabulary import Door
from kit.formats.clamd import Clamd
from models.care import case_in_care


def scanning_of(office: Office, scanner: Clamd | None) -> Scanning:
    """Composes the scanning: it reads files with this office, and submits each verdict to its case as a command."""

    async def submit(reference: str, command: Command, actor: Actor, *, command_id: str) -> None:
        await submit_command(office.through(Door.SYSTEM), actor, reference, command, command_id=command_id)

    return Scanning(scanner, office.evidence, office.keys, office.reading, office.writing, submit)


def case_with_files(office: Office, reference: str) -> Case:
    """A case, for work on its files that shows nobody anything of it: no access is noted. Raises Refused if erased."""
    with office.reading() as tx:
        return case_in_care(tx, office.keys, reference)
