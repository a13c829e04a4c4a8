"""Services that are asked as one: what a person does in one go is one request, though the desk takes two steps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field

from desk.attaching import attach_file as record_file
from desk.attaching import take_in
from desk.dossiers import dossier_view, give_bundle, prepare_dossier, typeset_dossier
from desk.giving import give_file as give
from desk.letters import Wishes
from desk.letters import draft_letter as draft
from desk.list_export import export_cases as take_list_out
from desk.office import Office
from desk.opening import open_case as open_it
from desk.opening import opened_case
from desk.submitting import submit_command as submit
from desk.submitting import submitted_command
from desk.verifying import verify_case as verify_one
from desk.views.answered import AttachedView, OpenedView, SubmittedView, TypesetView
from desk.views.dossier import DossierView
from desk.views.file import GivenView
from desk.views.findings import Verdict
from desk.views.letter import Letter
from domain.actors import Actor
from domain.choice import Filter
from domain.commands import NOT_SUBMITTED, AnyCommand
from domain.complaint import Complaint
from domain.errors import Refused
from domain.values import CommandId, Reference, Value, Version
from words import Words

Codes = Annotated[tuple[str, ...], Field(max_length=100)]


@dataclass(frozen=True)
class Download:
    """A file on its way out: what it is, and its bytes, which can be read once."""

    view: Value
    content: Iterator[bytes]


async def open_case(
    office: Office,
    actor: Actor,
    words: Words,
    complaint: Complaint,
    *,
    command_id: CommandId,
    closed_to: Codes = (),
) -> OpenedView:
    """Opens a case; the answer names other cases that may be about the same, and whom it should be closed to."""
    receipt = await open_it(office, actor, complaint, command_id=command_id, closed_to=closed_to)
    opened = opened_case(office, actor, complaint, receipt, closed_to=closed_to)
    return OpenedView.of(opened, words)


async def submit_command(
    office: Office,
    actor: Actor,
    words: Words,
    reference: Reference,
    command: AnyCommand,
    *,
    command_id: CommandId,
    expected_version: Version | None = None,
) -> SubmittedView:
    """Submits a command to a case; the answer to a filing names the time limits that it does not stop."""
    if command.name() in NOT_SUBMITTED:
        raise Refused(
            "not_submitted",
            "This command is not submitted by people, or has a way in of its own.",
            "Choose another.",
            field="command",
        )
    receipt = await submit(office, actor, reference, command, command_id=command_id, expected_version=expected_version)
    return SubmittedView.of(submitted_command(office, actor, command, receipt), words)


def show_dossier(
    office: Office, actor: Actor, words: Words, reference: Reference, *, at: str | None = None, why: str | None = None
) -> DossierView:
    """The file for the Defender of Rights with what is missing from it."""
    return dossier_view(office, actor, prepare_dossier(office, actor, reference, at=at, why=why), words)


def draft_letter(
    office: Office,
    actor: Actor,
    reference: Reference,
    pieces: Codes,
    *,
    lever: str | None = None,
    day: date | None = None,
    addressee: str | None = None,
    at: str | None = None,
    why: str | None = None,
) -> Letter:
    """Drafts a letter that asks for pieces, as text."""
    return draft(office, actor, reference, Wishes(pieces, lever, day, addressee), at=at, why=why)


async def verify_case(office: Office, actor: Actor, reference: Reference, *, left_out: Codes = ()) -> Verdict:
    """Verifies one case and its lines in the sealed log."""
    return await verify_one(office, actor, reference, left_out=left_out)


# --- Streams ---------------------------------------------------------------------------------------------


def typeset_letter(
    office: Office,
    actor: Actor,
    reference: Reference,
    pieces: Codes,
    *,
    lever: str | None = None,
    day: date | None = None,
    addressee: str | None = None,
    at: str | None = None,
    why: str | None = None,
) -> Download:
    """The same letter as a PDF."""
    wishes = Wishes(pieces, lever, day, addressee)
    letter = draft(office, actor, reference, wishes, as_pdf=True, at=at, why=why)
    return Download(letter, iter([letter.content]))


def typeset_dossier_of(
    office: Office,
    actor: Actor,
    reference: Reference,
    *,
    to_be_sent: bool = False,
    at: str | None = None,
    why: str | None = None,
) -> Download:
    """The file for the Defender of Rights as a PDF, without the copies."""
    prepared = prepare_dossier(office, actor, reference, at=at, why=why)
    pdf = typeset_dossier(office, actor, prepared, to_be_sent=to_be_sent)
    return Download(TypesetView(reference=reference, size=len(pdf)), iter([pdf]))


def export_cases(
    office: Office, actor: Actor, words: Words, *, chosen: Filter | None = None, why: str | None = None
) -> Download:
    """Gives the cases that this account may see, newest first, as a table for a spreadsheet."""
    table = take_list_out(office, actor, words, chosen, why=why)
    return Download(table.view, table.content)


def give_dossier(
    office: Office,
    actor: Actor,
    reference: Reference,
    *,
    to_be_sent: bool = False,
    at: str | None = None,
    why: str | None = None,
) -> Download:
    """Gives the file for the Defender of Rights with its numbered copies, as a ZIP that is made while it is read."""
    prepared = prepare_dossier(office, actor, reference, at=at, why=why)
    pdf = typeset_dossier(office, actor, prepared, to_be_sent=to_be_sent)
    return Download(TypesetView(reference=reference, size=len(pdf)), give_bundle(office, actor, prepared, pdf))


def give_file(
    office: Office, actor: Actor, reference: Reference, file_id: str, *, original: bool = False, why: str | None = None
) -> Download:
    """Gives a file of a case to be read."""
    given = give(office, actor, reference, file_id, original=original, why=why)
    return Download(GivenView(file=given.file, form=given.form), given.content)


async def attach_file(
    office: Office,
    actor: Actor,
    words: Words,
    chunks: Iterable[bytes],
    reference: Reference,
    piece: str,
    filename: str,
    *,
    command_id: CommandId,
    description: str | None = None,
) -> AttachedView:
    """Takes a file in chunk by chunk, and has the case record it."""
    upload = take_in(office, actor, reference, piece, chunks, filename=filename, description=description)
    attached = await record_file(office, actor, upload, command_id=command_id)
    return AttachedView.of(attached.file, attached.not_scanned, words)
