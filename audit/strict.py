"""Strict replay: not only the order of what a workflow asks of the engine, but what it says.

`Replayer` checks that the code makes the same commands in the same order. It does not notice another duration of a
timer, another argument, another search attribute, another answer to an update. Here everything that the code sends
while it replays is kept, and compared with what the history says was sent then.

What a history does not hold cannot be compared: the arguments and options of local activities (the fingerprint watches
the options), and where in the code a failure was raised.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner

from audit.contents import Commands
from audit.listening import Listening
from audit.recorded import recorded
from kit.engine.temporal import DATA_CONVERTER, quiet_runtime

PATIENCE = 20.0
"""Seconds after which a replay hangs that has not ended: it does so when it waits for what the history lacks."""


@dataclass(frozen=True)
class Difference:
    """A command that the code sends otherwise today. Its contents are in clear, and go into no report."""

    kind: str
    number: int
    """Its place among the commands of its kind, from 1."""
    then: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.number}: the history has {self.then}, the code says {self.now}"


@dataclass
class Replayed:
    """Outcome of the replay of one history."""

    failure: BaseException | None
    """Raised by the SDK's own replay."""
    differences: list[Difference] = field(default_factory=list)
    """Differences that the SDK does not look for."""

    @property
    def is_faithful(self) -> bool:
        """True if today's code would do and say exactly the same."""
        return self.failure is None and not self.differences


def prefixes(history: WorkflowHistory) -> list[WorkflowHistory]:
    """Cuts the history wherever a workflow task was about to be scheduled.

    Never elsewhere: the answer to an update is written after the task that gave it. Never before the first task is
    scheduled: the replay of a lone first event hangs.
    """
    events = list(history.events)
    cuts = [n for n, e in enumerate(events) if e.HasField("workflow_task_scheduled_event_attributes") and n >= 2]
    return [WorkflowHistory(history.workflow_id, events[:n]) for n in cuts]


async def replay(
    histories: Sequence[WorkflowHistory],
    workflow: type,
    *,
    to_the_end: bool = True,
    runner: WorkflowRunner | None = None,
    namespace: str = "default",
    converter: DataConverter = DATA_CONVERTER,
) -> list[Replayed]:
    """Replays each history of a workflow strictly. The histories are in clear, and so the converter has no codec.

    With `to_the_end` nothing may be sent beyond what the history holds; without it (a history that was cut) the last
    task may go further than the history does.
    """
    listening = Listening(runner or UnsandboxedWorkflowRunner(), workflow.__name__)
    replayer = Replayer(
        workflows=[workflow],
        namespace=namespace,
        data_converter=converter,
        runtime=quiet_runtime(),
        workflow_runner=listening,
        unsandboxed_workflow_runner=listening,
    )

    async def each() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            listening.sent = defaultdict(list)
            yield history

    outcomes: list[Replayed] = []
    async with replayer.workflow_replay_iterator(each()) as results:
        for history in histories:
            try:
                result = await asyncio.wait_for(anext(results), PATIENCE)
            except TimeoutError as waited:
                outcomes.append(Replayed(waited))
                break
            then = recorded(history)
            differences = _differences(then, _written(listening.sent, then), to_the_end=to_the_end)
            outcomes.append(Replayed(result.replay_failure, differences))
    return outcomes


def _written(sent: Commands, then: Commands) -> Commands:
    """Leaves out the timers that were cancelled in the very task that started them: the SDK writes neither of both.

    One that the code cancels later stands in the history, or the SDK's own replay fails.
    """
    started = {id for id, _ in then.get("timer", [])}
    never = {id for id in sent.get("timer cancelled", []) if id not in started}
    if not never:
        return sent
    timers = [timer for timer in sent["timer"] if timer[0] not in never]
    cancelled = [id for id in sent["timer cancelled"] if id not in never]
    return sent | {"timer": timers, "timer cancelled": cancelled}


def _differences(then: Commands, now: Commands, *, to_the_end: bool) -> list[Difference]:
    return [
        Difference(kind, number, before, after)
        for kind in sorted(then.keys() | now.keys())
        for number, (before, after) in enumerate(zip_longest(then.get(kind, []), now.get(kind, [])), start=1)
        if before != after and (before is not None or to_the_end)
    ]
