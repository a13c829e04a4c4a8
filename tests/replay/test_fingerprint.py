"""Nothing that the workflow asks of the engine has changed unnoticed, and every command has its door."""

import json

import pytest
from temporalio import workflow

from domain.commands import COMMANDS, OF_THE_CLOCK
from domain.exchange.cases import Ask, Receipt
from tests.replay.fingerprint import BASELINE, scan, scan_text
from workflows.complaint import ComplaintWorkflow

WHAT_TO_DO = """
The calls by which the workflow speaks to the engine have changed. Cases are running that remember the old ones: with
this code they would stop with a non-determinism error, or take another path than they took.

1. Keep the old path for them: `if workflow.patched("what-changed"):` new, `else:` old (docs/decisions/0004).
2. If `tests/replay/test_golden.py` fails, that path is not kept yet. Never edit or record again an old golden history.
3. Raise the version and record the new paths: python -m tests.replay.record
4. Then, and only then, take the new fingerprint: python -m tests.replay.fingerprint

If only a method has another name, or an option of a local activity another value, step 4 is enough.
"""


def test_the_calls_that_make_commands_are_those_written_down() -> None:
    before, now = json.loads(BASELINE.read_text()), scan()
    gone, new = [line for line in before if line not in now], [line for line in now if line not in before]
    said = "\n".join([*(f"- {line}" for line in gone), *(f"+ {line}" for line in new)] or ["(the order has changed)"])
    if now != before:
        pytest.fail(f"{said}\n{WHAT_TO_DO}", pytrace=False)


def test_the_fingerprint_sees_what_it_must() -> None:
    seen = " ".join(scan())
    for call in (
        "execute_local_activity('commit'", "execute_activity('commit'", "wait_condition(timeout=",
        "upsert_search_attributes(", "continue_as_new(", "uuid4()", "schedule_to_close_timeout=", "retry_policy=",
    ):  # fmt: skip
        assert call in seen, call


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("await workflow.sleep(1)", "pass"),
        ("await workflow.execute_activity('a', x)", "await workflow.execute_activity('b', x)"),
        ("workflow.execute_activity('a', x, start_to_close_timeout=1)", "workflow.execute_activity('a', x)"),
        ("await workflow.wait_condition(f)", "await workflow.wait_condition(f, timeout=t)"),
        ("workflow.uuid4(); workflow.upsert_memo(m)", "workflow.upsert_memo(m); workflow.uuid4()"),
        ("execute_local_activity('a')", "execute_activity('a')"),
        ("pass", "workflow.patched('p')"),
    ],
)
def test_the_fingerprint_tells_these_apart(before: str, after: str) -> None:
    assert scan_text(f"async def f():\n    {before}", "s") != scan_text(f"async def f():\n    {after}", "s")


def test_the_fingerprint_is_blind_to_what_makes_no_command() -> None:
    text = "def f():\n    workflow.logger.info('x')\n    workflow.execute_activity('a', x, result_type={})"
    assert scan_text(text.format("A"), "s") == scan_text(text.format("B"), "s") == ["s.f: execute_activity('a')"]


def test_every_command_has_an_update_of_its_name_and_no_other_update_is_there() -> None:
    """The book opens a case with the first, and only the case's own timer asks the second."""
    definition = workflow._Definition.must_from_class(ComplaintWorkflow)
    wanted = set(COMMANDS) - {"open"} - OF_THE_CLOCK | {"opened", "review"}
    assert set(definition.updates) == wanted
    assert all(definition.updates[name].validator is not None for name in wanted - {"opened", "review"})
    assert definition.updates["opened"].validator is None  # a rejected opening would leave a case that is none
    assert set(definition.signals) == set()
    # Without this the SDK would give the handlers a dictionary, which shows in no replay: validators do not run there.
    assert all(definition.updates[name].arg_types == [Ask] for name in wanted - {"opened", "review"})
    assert all(definition.updates[name].ret_type is Receipt for name in wanted)
