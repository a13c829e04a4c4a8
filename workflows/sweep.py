"""The nightly sweep: every case of the book has a workflow that is armed for its agenda, and every workflow a case."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.exchange.sweep import Report, Sweep, Swept

WORKFLOW_ID = "sweep-now"
"""What a sweep that somebody asks for is called: one at a time."""
_PATIENT = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn
class NightlySweep:
    """Looks at every case, some at a time, repairs what it can and writes down what it found."""

    @workflow.init
    def __init__(self, sweep: Sweep | None = None) -> None:
        self._sweep = sweep or Sweep()

    @workflow.run
    async def run(self, sweep: Sweep | None = None) -> Report:  # noqa: ARG002 - __init__ has taken it in
        """First the book against the engine, then the engine against the book."""
        if not self._sweep.id:
            self._goes_on(id=workflow.info().run_id)
        await workflow.execute_activity(
            "begin_sweep",
            self._sweep.id,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENT,
        )
        while not self._sweep.book_done:
            swept = await self._some("sweep_book")
            self._goes_on(after=swept.next, cases=self._sweep.cases + swept.looked_at, book_done=swept.done)
        while not self._sweep.engine_done:
            swept = await self._some("sweep_engine")
            self._goes_on(page=swept.next, workflows=self._sweep.workflows + swept.looked_at, engine_done=swept.done)
        report: Report = await workflow.execute_activity(
            "end_sweep",
            self._sweep,
            result_type=Report,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENT,
        )
        return report

    async def _some(self, part: str) -> Swept:
        if workflow.info().is_continue_as_new_suggested():
            workflow.continue_as_new(self._sweep)
        swept: Swept = await workflow.execute_activity(
            part,
            self._sweep,
            result_type=Swept,
            start_to_close_timeout=timedelta(minutes=30),
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=_PATIENT,
        )
        return swept

    def _goes_on(self, **changes: object) -> None:
        self._sweep = self._sweep.model_copy(update=changes)

    @workflow.query
    def progress(self) -> Sweep:
        """How far it is."""
        return self._sweep
