"""The nightly sweep: each case of the book has a workflow armed for its next deadline, and each workflow has a case."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.exchange.sweep import Report, Sweep, Swept

WORKFLOW_ID = "sweep-now"
"""The id of a sweep that somebody asks for: one runs at a time."""
_PATIENT = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn
class NightlySweep:
    """Looks at every case, in batches, repairs what it can and writes down what it found."""

    @workflow.init
    def __init__(self, sweep: Sweep | None = None) -> None:
        self._sweep = sweep or Sweep()

    @workflow.run
    async def run(self, sweep: Sweep | None = None) -> Report:  # noqa: ARG002 - read in __init__
        """Compares the book with the engine first, then the engine with the book."""
        if not self._sweep.id:
            self._advance(id=workflow.info().run_id)
        await workflow.execute_activity(
            "begin_sweep",
            self._sweep.id,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENT,
        )
        while not self._sweep.book_done:
            swept = await self._next_batch("sweep_book")
            self._advance(after=swept.next, cases=self._sweep.cases + swept.looked_at, book_done=swept.done)
        while not self._sweep.engine_done:
            swept = await self._next_batch("sweep_engine")
            self._advance(page=swept.next, workflows=self._sweep.workflows + swept.looked_at, engine_done=swept.done)
        report: Report = await workflow.execute_activity(
            "end_sweep",
            self._sweep,
            result_type=Report,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_PATIENT,
        )
        return report

    async def _next_batch(self, part: str) -> Swept:
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

    def _advance(self, **changes: object) -> None:
        self._sweep = self._sweep.model_copy(update=changes)

    @workflow.query
    def progress(self) -> Sweep:
        """The progress so far."""
        return self._sweep
