"""Verifying: the records compared with each other. That somebody asked is noted in the journal first."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from desk.office import Office, engine_client
from desk.sealing import trusted_keys
from desk.views.findings import DeclarationView, FindingView, Noted, Progress, Verdict, VerifiedSome
from domain.actors import Actor
from domain.log.checkpoint import PublicKey
from domain.log.declarations import Declaration
from domain.permissions import no_such_case
from models.journal import Access
from models.reading import look_into

if TYPE_CHECKING:
    from audit.findings import Finding
    from audit.verify import Looked, Verifier

ENGINE, FILES = "engine", "files"
"""The records that can be left out: the histories that the engine has, and the bytes of the evidence files."""

AT_A_TIME = 4.0
"""Seconds after which a verification in parts stops, once the page of cases under way is verified."""

Tell = Callable[[Progress, int], None]
"""Called after each page of cases with the progress so far and the number of all cases."""


async def verify_case(
    office: Office,
    actor: Actor,
    reference: str,
    *,
    left_out: Collection[str] = (),
    other_keys: Sequence[PublicKey] = (),
) -> Verdict:
    """Verifies one case and its lines in the sealed log. Raises NotFound when this account may not see the case.

    `other_keys` may have signed checkpoints besides our own.
    """
    _check_and_note(office, actor, reference)
    with office.watched():
        verifier = await _verifier(office, left_out)
        log_findings = [finding for finding in _log(office, other_keys) if finding.case in ("", reference)]
        looked = await verifier.case(reference)
    if not looked.cases:
        raise no_such_case()
    declarations = _declarations(office, other_keys)
    return _verdict(looked, [*log_findings, *looked.findings], left_out, declarations)


NOT_TOLD = "-"
"""Stands for a case that is closed to whoever has every case verified."""


async def verify_all(
    office: Office,
    actor: Actor,
    *,
    left_out: Collection[str] = (),
    other_keys: Sequence[PublicKey] = (),
    since: Progress | None = None,
    tell: Tell = lambda _progress, _count: None,
) -> Verdict:
    """Verifies every case, the sealed log and what stands beside them. Raises Refused for whoever may not verify all.

    Goes on from `since`, if it is given; `tell` gets the progress from which a later call can go on.
    """
    from models import cases

    _check_and_note(office, actor, None)
    with office.watched():
        verifier = await _verifier(office, left_out)
        log_findings = _log(office, other_keys)
        after, total = _taken_up(since)
        with office.reading() as tx:
            count = cases.count_known(tx)
        async for after, page in verifier.every(after):  # noqa: B020 - the start is bound anew on purpose
            total.add(page)
            tell(_progress(after, total, left_out), count)
        findings = [*await verifier.beside(), *log_findings, *total.findings]
        with office.reading() as tx:
            closed = cases.closed_to(tx, actor)
        findings = [_untold(finding, closed) for finding in findings]
    return _verdict(total, findings, left_out, _declarations(office, other_keys))


async def verify_some(
    office: Office, actor: Actor, *, since: Progress | None = None, left_out: Collection[str] = ()
) -> VerifiedSome:
    """Verifies cases for a few seconds, from where `since` ended; with the verdict once all are verified.

    Raises Refused for whoever may not verify all. What `since` says of the cases before is taken as it is given: it
    goes to whoever asks, and to nobody else.
    """
    from models import cases

    _check_and_note(office, actor, None)
    until = time.monotonic() + AT_A_TIME
    with office.watched():
        verifier = await _verifier(office, left_out)
        after, total = _taken_up(since)
        with office.reading() as tx:
            count, closed = cases.count_known(tx), cases.closed_to(tx, actor)
        async for after, page in verifier.every(after):  # noqa: B020 - the start is bound anew on purpose
            total.add(page)
            total.findings = [_untold(finding, closed) for finding in total.findings]
            if time.monotonic() > until:
                return VerifiedSome(progress=_progress(after, total, left_out), total=count, verdict=None)
        beside = [_untold(finding, closed) for finding in (*await verifier.beside(), *_log(office, ()))]
    verdict = _verdict(total, [*beside, *total.findings], left_out, _declarations(office, ()))
    return VerifiedSome(progress=_progress(after, total, left_out), total=count, verdict=verdict)


def _untold(finding: "Finding", closed: Collection[str]) -> "Finding":
    """The finding; of a case that is closed to its reader, only that there is one."""
    return replace(finding, case=NOT_TOLD, where=NOT_TOLD) if finding.case in closed else finding


def _check_and_note(office: Office, actor: Actor, reference: str | None) -> None:
    """Checks that this account may have this verified, and notes in the journal that it asked."""
    with office.noting_denials(actor, reference), office.writing() as tx:
        look_into(tx, office.keys, actor, Access.VERIFY, reference)


async def _verifier(office: Office, left_out: Collection[str]) -> "Verifier":
    from activities.calendar import french_calendar
    from audit.verify import Verifier

    client = None if ENGINE in left_out else await engine_client(office)
    evidence = None if FILES in left_out else office.evidence
    return Verifier(office.database, office.keys, office.records(client), french_calendar(), client, evidence)


def _log(office: Office, other_keys: Sequence[PublicKey]) -> "list[Finding]":
    from audit.log import look_through

    return look_through(office.database, trusted_keys(office, other_keys), office.witnesses, office.authority)


def _declarations(office: Office, other_keys: Sequence[PublicKey]) -> tuple[DeclarationView, ...]:
    from audit.log import known_declarations

    with office.reading() as tx:
        known = known_declarations(tx, trusted_keys(office, other_keys))
    declarations: list[Declaration] = [*known.new_keys, *known.restorations]
    declarations.sort(key=lambda declaration: declaration.made_at)
    return tuple(DeclarationView.of(declaration) for declaration in declarations)


# --- Stopping a long verification and going on --------------------------------------------------------------------


def _taken_up(since: Progress | None) -> "tuple[str, Looked]":
    from audit.findings import Finding
    from audit.verify import Looked

    if since is None:
        return "", Looked()
    findings = [Finding(**finding.model_dump()) for finding in since.findings]
    return since.after, Looked(since.cases, since.entries, since.erased, since.files, findings)


def _progress(after: str, looked: "Looked", left_out: Collection[str]) -> Progress:
    return Progress(
        after=after,
        left_out=tuple(left_out),
        cases=looked.cases,
        entries=looked.entries,
        erased=looked.erased,
        files=looked.files,
        findings=tuple(Noted(**finding.as_dict()) for finding in looked.findings),
    )


def _verdict(
    looked: "Looked",
    findings: "list[Finding]",
    left_out: Collection[str],
    declarations: tuple[DeclarationView, ...],
) -> Verdict:
    return Verdict(
        cases=looked.cases,
        entries=looked.entries,
        erased=looked.erased,
        files=looked.files,
        left_out=tuple(left_out),
        findings=tuple(FindingView.of(finding) for finding in dict.fromkeys(findings)),
        declarations=declarations,
    )
