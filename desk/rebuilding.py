"""Rebuilding one record from the other, for whoever runs the service: workflows from the book, or the book."""

from collections.abc import Callable

from desk.office import Office, engine_client
from desk.views.rebuilt import Refusal, Restored, StartedAgain
from domain.actors import Actor
from domain.permissions import require_operator

Tell = Callable[[int], None]
"""Called with the number of cases that are done."""


def _tell_nobody(_done: int) -> None: ...


async def start_cases_again(office: Office, actor: Actor, per_second: float, tell: Tell = _tell_nobody) -> StartedAgain:
    """Starts every case of the book that has no running workflow, at this rate at most. Can be run again."""
    from audit.rebuild import start_again
    from workflows.cases import CaseClient

    require_operator(actor)
    with office.watched():
        client = await engine_client(office)
        cases = CaseClient(client, office.settings.task_queue, office.keys.of)  # it has its key: none is minted
        started = await start_again(client, cases, office.database, office.keys, per_second, tell)
    return StartedAgain(
        cases=started.cases,
        started=started.started,
        already=started.already,
        failed=tuple(started.failed),
        keyless=tuple(started.keyless),
    )


async def restore_book(office: Office, actor: Actor, tell: Tell = _tell_nobody) -> Restored:
    """Restores the lines that the book lacks from the engine's histories, and the rows of lists. Can be run again.

    Without an engine, only archived histories are read.
    """
    from activities.calendar import french_calendar
    from audit.rebuild import restore_all

    require_operator(actor)
    with office.watched():
        client = await engine_client(office) if office.engine else None
        records = office.records(client)
        restored = await restore_all(client, records, office.database, office.keys, french_calendar(), tell)
    return Restored(
        cases=restored.cases,
        restored=restored.restored,
        lines=restored.lines,
        shown=restored.shown,
        refused=tuple(Refusal(case=reference, where=where) for reference, where in restored.refused),
        keyless=tuple(restored.keyless),
    )
