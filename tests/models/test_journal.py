"""The access journal: nobody reads without standing in it, nobody changes it, and only auditors read it."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.errors import NotFound
from kit.storage.database import Database
from models import journal
from models.chaining import chain_all
from models.journal import Access
from models.keys import JOURNAL
from models.reading import read_case
from tests.people import STRANGER, SUPERVISOR, WORKER
from tests.support.clerk import Clerk
from tests.support.servers import KEYS, ROOT


def noted(database: Database) -> list[journal.Noted]:
    with database.read() as tx:
        return journal.entries(tx, KEYS.of(JOURNAL))


def test_who_reads_a_case_stands_in_the_journal_and_who_may_not_reads_nothing(database: Database) -> None:
    reference = Clerk(database).open()
    with database.write() as tx:
        entries = read_case(tx, KEYS, WORKER, reference, Access.SHOW, "Called back")
    assert [entry.version for entry in entries] == [1, 2]
    with pytest.raises(NotFound), database.write() as tx:
        read_case(tx, KEYS, STRANGER, reference, Access.SHOW)
    (entry,) = noted(database)
    said = entry.reading
    assert (said.account, said.access, said.reference, said.why) == ("camille", "show", reference, "Called back")


def test_what_is_read_in_a_transaction_that_fails_was_not_told(database: Database) -> None:
    reference = Clerk(database).open()
    with pytest.raises(KeyError), database.write() as tx:
        read_case(tx, KEYS, WORKER, reference, Access.SHOW)
        raise KeyError
    assert noted(database) == []


def test_the_journal_is_not_readable_in_the_database_and_cannot_be_changed_there(database: Database) -> None:
    reference = Clerk(database).open()
    for _ in range(5):
        with database.write() as tx:
            journal.note(tx, KEYS.of(JOURNAL), SUPERVISOR, Access.SHOW, reference=reference, why="Kanari")
    chain_all(database, KEYS.of(JOURNAL))
    with database.read() as tx:
        raw = b"".join(bytes(row[0]) for row in tx.execute(text("select entry from access_journal")))
        assert journal.broken_entry(tx) is None
    assert b"Kanari" not in raw and reference.encode() not in raw and b"sacha" not in raw
    for statement in ("update access_journal set at = at", "delete from access_journal"):
        with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
            tx.execute(text(statement))
    off = (
        ["drop trigger access_journal_refuses_update", "drop trigger access_journal_refuses_delete"]
        if database.is_sqlite
        else ["alter table access_journal disable trigger all"]
    )
    with database.write() as tx:
        for statement in off:
            tx.execute(text(statement))
    for statement in (
        "delete from access_journal where id = 3",
        "update access_journal set entry = previous where id = 2",
        "update access_journal set id = 9 where id = 5",
        "update access_journal set at = '2020-01-01 00:00:00' where id = 1",
    ):
        with database.engine.connect() as plain, plain.execution_options(writes=True).begin() as transaction:
            plain.execute(text(statement))
            assert journal.broken_entry(plain) is not None, statement
            transaction.rollback()


# --- Every query goes through visible_cases ----------------------------------------------------------------

GUARDED = {"cases", "parties", "alerts", "book", "blind_index"}
"""Tables that tell of cases."""

OF_THE_SYSTEM = {
    ("models/cases.py", "head"): "where a history ends, for the one writer",
    ("models/cases.py", "closed_to"): "references, of which nothing is told to whoever asks",
    ("models/quotas.py", "require_within"): "how many lines the account that asks has written, and when",
    ("models/quotas.py", "_is_recent"): "when a line was written, whatever it is",
    ("models/sources.py", "opened_from"): "whether a complaint was imported already, by keyed digest",
    ("models/sources.py", "place_anew"): "the place of a case whose rows are written again",
    ("models/cases.py", "under_another_policy"): "references, for the rollout",
    ("models/cases.py", "references_after"): "references, for the sweep",
    ("models/cases.py", "known"): "which references are in the book, for the sweep",
    ("models/sweeps.py", "end"): "its own findings, counted",
    ("models/cases.py", "open_references"): "references, for every_open_case, which counts",
    ("models/cases.py", "not_erased"): "references, to tell a store of keys that is another one",
    ("models/cases.py", "visible_cases"): "the rule itself",
    ("models/book.py", "_lines"): "the reader, behind read_case, the writer and verification",
    ("models/book.py", "of_command"): "the writer",
    ("models/book.py", "commands_recorded"): "which command ids of an import are known",
    ("models/book.py", "erasure"): "the last line of an erased case, which is in clear",
    ("models/cases.py", "every_reference"): "references, to tell the keys that belong to none",
    ("models/cases.py", "living"): "which references are cases that need a workflow, for the hourly look",
    ("models/cases.py", "newest"): "references, whose keys the store of this book has",
    ("models/cases.py", "erased_before"): "references, whose keys must not come back",
    ("models/destroyed_keys.py", "must_be_gone"): "references, whose keys must not come back",
    ("models/mails.py", "forgotten"): "references, for the hourly round of notices",
    ("models/finding.py", "_bearing"): "a part of a query on visible cases",
    ("models/book.py", "has"): "whether there is such a case, for rebuilding",
    ("models/shown.py", "shown"): "verification, which tells how many rows differ and no more",
    ("models/shown.py", "strays"): "references of rows that no list shows",
    ("models/book.py", "first"): "what a case was opened with, to start its workflow again",
    ("models/cases.py", "known_after"): "references, for verification and rebuilding",
    ("models/cases.py", "count_known"): "a number, to say how far a verification is",
    ("models/cases.py", "row_of"): "verification, which tells nothing of what it says",
    ("models/cases.py", "parties_of"): "verification, which tells which case differs and no more",
    ("models/alerts.py", "rows_of"): "verification, which tells which alert differs by its key",
    ("models/seals.py", "unsealed"): "the seal, which reads every line",
    ("models/seals.py", "count_unsealed"): "a number",
    ("models/cases.py", "open_held_by"): "a number, for whoever administers accounts",
    ("models/cases.py", "held_by_closed"): "references, for the hand-over of what somebody who left held",
    ("models/account_history.py", "append"): "the number of the last line",
    ("models/seals.py", "every_leaf"): "hashes",
    ("models/situations.py", "_away"): "a condition that the guarded lists of cases are narrowed by",
    ("models/situations.py", "_left"): "a condition that the guarded lists of cases are narrowed by",
    ("models/situations.py", "_count"): "a condition that the guarded lists of cases are narrowed by",
    ("models/situations.py", "_refused"): "a condition that the guarded lists of cases are narrowed by",
    ("models/situations.py", "_closure"): "a condition that the guarded lists of cases are narrowed by",
}
"""The only functions that select from these tables without asking who looks, and why each may."""
TELLING = {
    *("history", "of_command", "open_references", "under_another_policy", "head"),
    *("rows", "first", "row_of", "parties_of"),
}
"""The functions among them that the edges may not call."""
EDGES = ("cli", "desk", "importer", "web")


def test_no_query_goes_round_the_function_that_says_who_sees_what() -> None:
    round_it: set[tuple[str, str]] = set()
    for file in sorted((ROOT / "models").glob("*.py")):
        tree = ast.parse(file.read_text())
        for name, node in _functions(tree):
            if _selects(node) & GUARDED and not _calls(node) & {"visible_cases", "cases_of_team", "find_case"}:
                round_it.add((f"models/{file.name}", name))
    assert round_it == set(OF_THE_SYSTEM)


def test_the_edges_reach_cases_through_what_is_guarded_only() -> None:
    for folder in EDGES:
        for file in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text())
            tables = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "models.tables"]
            imported = {alias.name for node in tables for alias in node.names}
            assert not imported & GUARDED, f"{file.name} reads a table by itself"
            called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call)
                      and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
                      and node.func.value.id in ("book", "cases")}  # fmt: skip
            assert not called & TELLING, f"{file.name} goes round read_case"


def test_the_scan_sees_what_it_looks_for(tmp_path: Path) -> None:
    tree = ast.parse(
        "def leak(tx):\n    for table in (cases, parties):\n        yield tx.execute(select(table.c.reference))\n"
    )
    ((name, node),) = _functions(tree)
    assert (name, _selects(node), _calls(node) & {"visible_cases"}) == ("leak", {"cases", "parties"}, set())


def _functions(tree: ast.Module) -> list[tuple[str, ast.AST]]:
    functions: list[tuple[str, ast.AST]] = [
        (node.name, node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    # A query that is a constant of the module belongs to every function that names it.
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    named = []
    for name, node in functions:
        used = [constants[n.id] for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in constants]
        named.append((name, ast.Module(body=[node, *map(ast.Expr, used)], type_ignores=[])))
    return named


def _selects(node: ast.AST) -> set[str]:
    """The tables that a function names, if it selects at all."""
    if not _calls(node) & {"select", "exists", "join"}:
        return set()
    return GUARDED & {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def _calls(node: ast.AST) -> set[str]:
    return {_last(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}


def _last(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
