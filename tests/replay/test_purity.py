"""The workflow stays pure: light to import, nothing read or loaded while it runs, nothing from outside by oversight."""

import subprocess
import sys
import warnings
from importlib.metadata import version

import pytest
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from domain import reference
from tests.replay.impure import Loads, Reads
from tests.replay.record import HISTORIES
from tests.replay.strict import load, replay

HEAVY = (
    "sqlalchemy", "sqlmodel", "structlog", "psycopg", "alembic", "babel", "holidays",
    "typer", "rich", "activities", "models", "kit", "documents", "audit", "importer", "desk", "cli", "workers",
    "bootstrap", "worker", "starter",
)  # fmt: skip

STRICTEST = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_import_notification_policy(
        SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        | SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
    )
)
"""Written down here and not taken from elsewhere: nobody loosens it in passing."""


def test_importing_the_workflow_pulls_in_nothing_heavy() -> None:
    """For every new case the sandbox, if it is used, loads again whatever is not passed through."""
    look = f"import sys, workflows.complaint; print(*sorted({{m.split('.')[0] for m in sys.modules}} & set({HEAVY!r})))"
    said = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert said.stdout.split() == []


@pytest.mark.parametrize("name", ["closed", "alerts", "book_away", "refused_by_the_book", "not_opened", "continued_2"])
async def test_the_workflow_runs_in_the_strictest_sandbox_without_a_warning(name: str) -> None:
    """From the first complaint it reads, with nothing read before it in this process."""
    _forget_the_tables()
    history = load(next(HISTORIES.glob(f"*/{name}.json")))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        (found,) = await replay([history], runner=STRICTEST)
    assert found.failure is None, found.failure
    assert [str(w.message) for w in warned] == []


def _forget_the_tables() -> None:
    for kept in vars(reference).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()


@pytest.mark.parametrize(
    ("impure", "says"),
    [(Loads, "UnintentionalPassthroughError: Module kit"), (Reads, "Cannot access __builtins__.open")],
)
async def test_the_strictest_sandbox_does_object(impure: type, says: str, caplog: pytest.LogCaptureFixture) -> None:
    """Keeps the test above honest."""
    history = load(next(HISTORIES.glob("*/intake.json")))
    (found,) = await replay([history], runner=STRICTEST, workflow=impure)
    assert found.failure is not None
    assert says in caplog.text


def test_the_engines_sdk_is_the_one_that_the_histories_were_tried_with() -> None:
    """An upgrade is a change of its own (docs/decisions/0004); `kit/engine/sdk.py` names what we use of its insides."""
    assert version("temporalio") == "1.35.0"
