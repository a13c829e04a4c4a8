"""Giving a file of a case to somebody. The journal notes it before the first byte is read."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from desk.histories import look_at
from desk.office import Office
from desk.views.file import FileOfCase
from domain.actors import Actor
from domain.capabilities import READ_FILE
from domain.errors import Action, Away, Invalid, Refused
from domain.parts.files import EvidenceFile, servable
from domain.permissions import EXPORT_FILE, require_file
from domain.values import Text
from kit.formats.pdf import NotCleaned
from models.clean_copies import PDF
from models.custody import note_given
from models.journal import Access
from models.quarantine import servable_file

ORIGINAL, CLEANED = "original", "cleaned"
_REASON: TypeAdapter[str] = TypeAdapter(Text)


@dataclass(frozen=True)
class Given:
    """A file that is given to somebody, with its bytes, which can be read once."""

    file: FileOfCase
    form: str
    """ORIGINAL, or CLEANED for a copy without scripts."""
    content: Iterator[bytes]


def give_file(
    office: Office, actor: Actor, reference: str, file_id: str, *, original: bool = False, why: str | None = None
) -> Given:
    """Gives a file to be read: of a PDF, a copy without scripts. With `original`, as it was received, for a reason.

    Raises Refused for whoever may not have it in this form, and for a file that is in quarantine or waits for its
    scan; Invalid for an original without a reason, ValidationError for a reason that is too long. Reading the content
    raises a Problem when it is not what was attached.
    """
    why = None if why is None else _REASON.validate_python(why)
    if original and why is None:
        raise Invalid(
            "no_reason",
            "The original is given for a reason.",
            "Say what it is for.",
            field="why",
            action=Action.GIVE_REASON,
        )
    look = look_at(office, actor, reference, Access.FILES, why)
    actor = look.actor
    with office.noting_denials(actor, reference):
        require_file(actor, EXPORT_FILE if original else READ_FILE, look.whole)
    servable(look.case, file_id)  # of the files that this account sees
    # Before the first byte: what cannot be written down is not given.
    with office.writing_about(actor, reference) as (tx, actor):
        file = servable_file(tx, office.keys.digest, look.whole, file_id)
        note_given(tx, office.keys, actor, reference, file, why, original=original)
    view = FileOfCase.of(file, reference=reference)
    if original or file.media_type != PDF:
        return Given(view, ORIGINAL, office.evidence.read(reference, file))
    return Given(view, CLEANED, _cleaned(office, reference, file))


def _cleaned(office: Office, reference: str, file: EvidenceFile) -> Iterator[bytes]:
    try:
        yield from office.copies.of(reference, file)
    except NotCleaned as error:
        if not error.lasts:
            raise Away(
                "cleaning_busy",
                "Other files are being made safe to read: nobody had time for {id}.",
                "Try again in a moment.",
                id=file.id,
            ) from None
        raise Refused(
            "pdf_not_cleaned",
            {
                "locked": "{id} is closed with a password: no copy without scripts can be made.",
                "too_large": "{id} is too large for a copy without scripts.",
                "too_much": "{id} takes too much memory or time: no copy without scripts can be made.",
                "broken": "{id} is damaged: no copy without scripts can be made.",
            }[error.why],
            "It can be had as it was received. Open it where nothing can be harmed.",
            field="file",
            action=Action.FETCH_ORIGINAL,
            id=file.id,
        ) from None
