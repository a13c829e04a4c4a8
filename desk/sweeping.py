"""The sweep, which compares every case with its workflow: one now instead of at night, and the last report."""

from typing import TYPE_CHECKING

from desk.office import Office
from desk.views.sweep import SweepView
from domain.actors import Actor
from domain.errors import NotFound
from domain.exchange.sweep import Sweep
from domain.permissions import require_operator
from models import sweeps

if TYPE_CHECKING:
    from desk.following import Tell


async def sweep_now(office: Office, actor: Actor, per_second: float, tell: "Tell | None" = None) -> None:
    """Sweeps at this rate at most, or follows the sweep that is under way."""
    from desk.following import follow
    from workflows.sweep import WORKFLOW_ID, NightlySweep

    require_operator(actor)
    await follow(
        office,
        NightlySweep.run,
        Sweep(per_second=per_second),
        id=WORKFLOW_ID,
        query=NightlySweep.progress,
        done_so_far=lambda progress: int(progress.cases),
        tell=tell,
    )


def last_sweep(office: Office, actor: Actor) -> SweepView:
    """The report of the last sweep, with all that it found. Raises NotFound before the first one."""
    require_operator(actor)
    with office.reading() as tx:
        report = sweeps.last(tx)
        findings = sweeps.found_by(tx, report.id) if report else []
    if report is None:
        raise NotFound("no_sweep", "There was no sweep yet.", "One runs every night; or ask for one with: sweep.")
    return SweepView(**report.model_dump(), findings=tuple(findings))
