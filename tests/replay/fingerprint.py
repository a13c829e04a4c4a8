"""The fingerprint of the workflow: every call in its code that makes a command, in order, with what it must not change.

`python -m tests.replay.fingerprint` writes it down. What does not show in a history shows here: the options of local
activities, and commands on a path that no golden history takes.
"""

import ast
import json
from pathlib import Path

from tests.support.servers import ROOT

BASELINE = Path(__file__).with_name("fingerprint.json")

SOURCES = tuple(f"workflows/{name}.py" for name in ("complaint", "book", "outbox", "doors", "attributes"))

COMMANDS = frozenset(
    {
        "as_completed", "call_later", "continue_as_new", "create_task", "deprecate_patch", "ensure_future",
        "execute_activity", "execute_activity_class", "execute_activity_method", "execute_child_workflow",
        "execute_local_activity", "execute_local_activity_class", "execute_local_activity_method", "gather",
        "get_external_workflow_handle", "new_random", "now", "patched", "random", "sleep", "start_activity",
        "start_activity_class", "start_activity_method", "start_child_workflow", "start_local_activity", "timeout",
        "upsert_memo", "upsert_search_attributes", "uuid4", "uuid7", "wait", "wait_condition", "wait_for",
    }
)  # fmt: skip
"""Calls of `workflow` and of `asyncio` by which a workflow makes a command, draws from the run's random numbers,
reads its clock, or changes the order in which things happen."""

_OWNERS = ("", "workflow", "asyncio", "asyncio.get_running_loop()")

UNIMPORTANT = frozenset({"result_type"})
"""Options that the engine never sees."""


def scan() -> list[str]:
    """A line for each call, in the order of the source."""
    return [line for source in SOURCES for line in scan_text((ROOT / source).read_text(), source)]


def scan_text(text: str, source: str) -> list[str]:
    """The same for one file."""
    calls: list[tuple[int, int, str]] = []

    def look(node: ast.AST, where: str) -> None:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            where = f"{where}.{node.name}"
        if isinstance(node, ast.Call) and (described := _said(node)):
            calls.append((node.lineno, node.col_offset, f"{where}: {described}"))
        for child in ast.iter_child_nodes(node):
            look(child, where)

    look(ast.parse(text), source)
    return [line for _, _, line in sorted(calls)]


def _said(call: ast.Call) -> str | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name not in COMMANDS or owner not in _OWNERS:
        return None
    named = [repr(a.value) for a in call.args[:1] if isinstance(a, ast.Constant)]
    options = [f"{k.arg}={ast.unparse(k.value)}" for k in call.keywords if k.arg not in UNIMPORTANT]
    return f"{name}({', '.join(named + sorted(options))})"


if __name__ == "__main__":
    BASELINE.write_text(json.dumps(scan(), indent=1) + "\n")
