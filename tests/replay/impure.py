"""Workflows as they must not be, under the real one's name, to see that the sandbox objects."""

from typing import Any

from temporalio import workflow


@workflow.defn(name="ComplaintWorkflow")
class Loads:
    """Brings a module of ours in without saying so."""

    @workflow.init
    def __init__(self, start: dict[str, Any]) -> None:  # noqa: ARG002
        import kit.process.ports  # noqa: F401

    @workflow.run
    async def run(self, start: dict[str, Any]) -> None: ...


@workflow.defn(name="ComplaintWorkflow")
class Reads:
    """Reads a file."""

    @workflow.init
    def __init__(self, start: dict[str, Any]) -> None:  # noqa: ARG002
        with open("/dev/null"):  # noqa: PTH123
            pass

    @workflow.run
    async def run(self, start: dict[str, Any]) -> None: ...
