"""Lists, the book's own lines and the journal come to say something else: planted row by row, found and named."""

import asyncio
import contextlib
import sqlite3
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from activities.calendar import french_calendar
from audit.findings import Finding
from audit.rebuild import restore_all
from audit.records import Records
from audit.verify import Verifier
from domain.errors import Away, Problem
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.files import AttachFile
from kit.crypto.vault import KeyFile
from kit.storage.archive import FolderArchive
from kit.storage.database import Database, sqlite_url
from kit.storage.store import new_name
from models import book as lines
from models import journal
from models.chaining import chain, chain_all
from models.journal import Access
from models.keys import JOURNAL, CaseKeys, case_keys
from models.migrate import VAULT
from models.reading import read_case
from models.tables import access_journal, alerts, blind_index, book, cases, files, parties
from tests.people import SUPERVISOR, SUPERVISOR_2, WORKER
from tests.support.builders import a_file, closing, note
from tests.support.clerk import Clerk
from tests.support.seals import off, rewritten, sealer, tampered
from tests.support.servers import KEYS

Change = Callable[[Connection], Any]


def verifier(database: Database, keys: CaseKeys = KEYS) -> Verifier:
    """Looks at the database alone."""
    records = Records(database, FolderArchive(Path("/nowhere")), keys, None)
    return Verifier(database, keys, records, french_calendar(), None)


def found(database: Database, keys: CaseKeys = KEYS) -> list[Finding]:
    async def all_of_it() -> list[Finding]:
        looking = verifier(database, keys)
        return [f async for _, looked in looking.every() for f in looked.findings] + await looking.beside()

    return asyncio.run(all_of_it())


def kinds(database: Database) -> set[str]:
    return {finding.kind for finding in found(database)}


@pytest.fixture(autouse=True)
def nothing_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks once: what is planted stays."""
    monkeypatch.setattr("audit.verify.TRIES", 1)


def with_a_file(clerk: Clerk, given_name: str) -> str:
    """A case of somebody of that name, with a file that is in no store."""
    complainant = {"given_name": given_name, "family_name": "Exemple", "email": f"{given_name}@example.org"}
    reference = clerk.open(complainant=complainant, respondent={"kind": "COMPANY", "name": "Agence Exemple"})
    content = a_file() | {"stored": new_name(), "to_scan": False}
    clerk.ask(reference, AttachFile(piece="EV001", description="-", **content))
    return reference


def erased(clerk: Clerk) -> str:
    reference = with_a_file(clerk, "Ola")
    clerk.ask(reference, closing(outcome="NO_RESULT", reason="WITHDRAWN"), SUPERVISOR)
    clerk.ask(reference, ProposeErasure(reason="PERSON_ASKED"), SUPERVISOR)
    clerk.ask(reference, Erase(reason="PERSON_ASKED"), SUPERVISOR_2)
    KEYS.destroy(reference)
    return reference


def test_every_row_that_follows_from_the_book_is_held_against_it(clerk: Clerk) -> None:
    mine, other, gone = with_a_file(clerk, "Lou"), with_a_file(clerk, "Ida"), erased(clerk)
    assert found(clerk.database) == []
    off(clerk.database)
    with clerk.database.read() as tx:
        digests = set(tx.execute(select(blind_index.c.digest).where(blind_index.c.reference == mine)).scalars())
        others = set(tx.execute(select(blind_index.c.digest).where(blind_index.c.reference == other)).scalars())
    own, shared, foreign = digests - others, digests & others, others - digests
    assert (len(own), len(shared), len(foreign)) == (2, 1, 2), "a name and an address each, and one respondent"

    file, marks, tries = files.c.reference == mine, blind_index.c.reference == mine, dict[str, tuple[Change, str]]()

    def plant(what: str, statement: Any, kind: str) -> None:
        tries[what] = (lambda tx: tx.execute(statement), kind)

    # Files.
    plant("a file left out", delete(files).where(file), "files_differ")
    for column, value in {"stored": new_name(), "scan": "PENDING", "id": "D2"}.items():
        plant(f"another {column} of a file", update(files).where(file).values({column: value}), "files_differ")
    for whose in (mine, gone):
        row = {"reference": whose, "id": "D9", "stored": new_name(), "scan": "CLEAN"}
        plant(f"a file put into {whose}", insert(files).values(row), "files_differ")
    theirs = select(files.c.stored).where(files.c.reference == other).scalar_subquery()
    swapped = update(files).where(file).values(stored=theirs, shared=True)
    plant("another case's bytes", swapped, "files_differ")
    # What a case is found by.
    for digest in digests:
        here = blind_index.c.digest == digest
        plant(f"mark {digest} left out", delete(blind_index).where(marks, here), "mark_missing")
        changed = update(blind_index).where(marks, here).values(digest="0" * 64)
        plant(f"mark {digest} changed", changed, "mark_missing")
    for whose, digest in [*((mine, one) for one in foreign), *((gone, one) for one in digests)]:
        row = {"reference": whose, "digest": digest}
        plant(f"mark {digest} put into {whose}", insert(blind_index).values(row), "mark_unknown")
    # The others.
    plant("a party put in", insert(parties).values(reference=mine, organisation="somebody"), "parties_differ")
    plant("the parties left out", delete(parties).where(parties.c.reference == mine), "parties_differ")
    raised = {"reference": mine, "key": "x", "kind": "STALL", "level": "SUPERVISOR", "due": clerk.at}
    plant("an alert put in", insert(alerts).values(raised_at=clerk.at, **raised), "alerts_differ")
    for column, value in {
        "version": 99, "head": bytes(32), "step": "CLOSED", "domain": "SANTE", "metropolis": "AMP", "commune": "13055",
        "neighbourhood": "QN", "outcome": "SETTLEMENT", "closure_reason": "SETTLED", "fictitious": False,
    }.items():  # fmt: skip
        for whose in (mine, gone):
            edited = update(cases).where(cases.c.reference == whose).values({column: value})
            plant(f"another {column} of {whose}", edited, "row_differs")

    missed = []
    for what, (do, kind) in tries.items():
        with tampered(clerk.database, do) as database:
            if kind not in kinds(database):
                missed.append(what)
    print(f"\nlists: {len(tries)} rows edited, deleted or put in, {len(tries) - len(missed)} found and named")
    assert missed == []
    assert found(clerk.database) == []


def test_lists_forget_an_erased_case_again(clerk: Clerk) -> None:
    reference = erased(clerk)
    with clerk.database.write() as tx:
        tx.execute(insert(blind_index).values(reference=reference, digest="0" * 64))
        tx.execute(insert(files).values(reference=reference, id="D1", stored=new_name(), scan="CLEAN"))
    assert kinds(clerk.database) == {"mark_unknown", "files_differ"}
    records = Records(clerk.database, FolderArchive(Path("/nowhere")), KEYS, None)

    def rebuilt() -> tuple[int, int]:
        again = restore_all(None, records, clerk.database, KEYS, french_calendar(), lambda _: None)
        done = asyncio.run(again)
        return done.cases, done.shown

    assert (rebuilt(), rebuilt()) == ((0, 1), (0, 0))
    assert found(clerk.database) == []


def test_how_far_it_is_is_told_often_where_cases_take_long(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    references = sorted(clerk.open() for _ in range(3))

    async def told() -> list[tuple[str, int]]:
        return [(after, looked.cases) async for after, looked in verifier(clerk.database).every()]

    assert asyncio.run(told()) == [(references[-1], 3)]
    monkeypatch.setattr("audit.verify.OFTEN", -1.0)
    assert asyncio.run(told()) == [(one, 1) for one in references]


def test_a_mark_that_is_wrong_is_counted_and_never_shown(clerk: Clerk) -> None:
    reference = with_a_file(clerk, "Lou")
    with tampered(clerk.database, lambda tx: tx.execute(delete(blind_index))) as database:
        assert [(f.case, f.kind, f.where) for f in found(database)] == [(reference, "mark_missing", "blind_index: 3")]


def test_rows_beside_no_case_are_found(sqlite_database: Database) -> None:
    clerk = Clerk(sqlite_database)
    reference = with_a_file(clerk, "Lou")
    with contextlib.closing(sqlite3.connect(str(sqlite_database.url.database))) as plain, plain:  # it checks no keys
        plain.execute("insert into blind_index values ('2222-2222-2222', 'x')")
        plain.execute("insert into files (reference, id, stored, scan) values ('2222-2222-2222', 'D1', 'x', 'CLEAN')")
        plain.execute("delete from cases where reference = ?", [reference])
    strays = [(f.case, f.where) for f in found(sqlite_database) if f.kind == "row_stray"]
    assert set(strays) == {(reference, table) for table in ("parties", "files", "blind_index")} | {
        ("2222-2222-2222", "files"), ("2222-2222-2222", "blind_index"),
    }  # fmt: skip


# --- Lines in clear --------------------------------------------------------------------------------------


def test_a_line_in_clear_is_read_and_named(clerk: Clerk) -> None:
    """Every hash is right: it stands as lines of before encryption do, and nobody may write one today."""
    reference, gone = with_a_file(clerk, "Lou"), erased(clerk)
    for _ in range(3):
        clerk.ask(reference, note())
    off(clerk.database)
    with clerk.database.read() as tx:
        rows = lines.rows(tx, reference)
        history = lines.history(tx, KEYS, reference)
        last = lines.rows(tx, gone)[-1]
    assert last.tag == lines.ERASED and not lines.is_bare(last), "the one kind that is to be in clear"
    words = {row.version: lines.event_of(row, KEYS.of(reference)) for row in rows}
    told = b'{"tag":"note_added.1","text":"In clear"}'
    tries = {(reference, version): clear for version, clear in words.items()}
    tries |= {(gone, version): told for version in range(1, last.version)}
    missed = []
    for (whose, version), clear in tries.items():
        with tampered(clerk.database, lambda tx: bare(tx, whose, version, clear)) as database:  # noqa: B023
            if ("not_sealed", whose, f"v{version}") not in {(f.kind, f.case, f.where) for f in found(database)}:
                missed.append((whose, version))
            with database.read() as tx:
                assert lines.history(tx, KEYS, reference) == history, "it is read all the same"
    print(f"\nclear lines: {len(tries)} put where sealed ones belong, {len(tries) - len(missed)} found and named")
    assert missed == []
    # Nor does a tag that may stand in clear hide one.
    with tampered(clerk.database, lambda tx: bare(tx, reference, 2, words[2], tag=lines.ERASED)) as database:
        assert {"not_sealed", "tag_differs"} <= kinds(database)
    with tampered(clerk.database, lambda tx: bare(tx, gone, last.version, told, tag=lines.ERASED)) as database:
        assert {"not_sealed", "unreadable"} <= kinds(database)


def bare(tx: Connection, reference: str, version: int, event: bytes, **changes: Any) -> None:
    """One line with an event in clear, every hash after it right, and the head that lists show."""

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for row in rows:
            if (row["reference"], row["version"]) == (reference, version):
                row.update({"event": event} | changes)
        return rows

    rewritten(tx, change)
    head = select(book.c.hash).where(book.c.reference == reference).order_by(book.c.version.desc()).limit(1)
    tx.execute(update(cases).where(cases.c.reference == reference).values(head=head.scalar_subquery()))


def test_an_erased_case_whose_key_is_no_more_gives_no_finding_and_a_lost_key_does(clerk: Clerk) -> None:
    erased(clerk)
    lost = with_a_file(clerk, "Lou")
    KEYS.destroy(lost)
    assert [(f.case, f.kind) for f in found(clerk.database)] == [(lost, "key_missing")]


def test_a_store_of_keys_that_is_another_one_is_told_of_once(clerk: Clerk, tmp_path: Path) -> None:
    """A restore gone wrong: the store is empty, and new cases get their keys in it."""
    for _ in range(11):
        clerk.open()
    with contextlib.closing(Database(sqlite_url(tmp_path / "keys.db"))) as other:
        VAULT.migrate(other)
        keys = CaseKeys(other, KeyFile.made_if_missing(tmp_path / "master.key"))
        assert not found(clerk.database)
        assert [(f.kind, f.case, f.where) for f in found(clerk.database, keys)] == [("other_keys", "", "11")]
        for _ in range(11):  # as many again: then each that is lost is named
            keys.mint(clerk.open())
        assert [f.kind for f in found(clerk.database, keys)].count("key_missing") == 11


def test_a_line_that_was_sealed_without_its_key_is_named_when_the_key_is_back(clerk: Clerk) -> None:
    """As it stands it is under the seal. That it says the same could be shown by a commitment, and there is none."""
    reference = with_a_file(clerk, "Lou")
    sealer(clerk.database).seal()
    clerk.ask(reference, note())
    with KEYS.store.write() as tx:
        wrapped = tx.execute(select(case_keys.c.wrapped).where(case_keys.c.reference == reference)).scalar_one()
        tx.execute(update(case_keys).where(case_keys.c.reference == reference).values(wrapped=bytes(60)))
    assert sealer(clerk.database, keys=CaseKeys(KEYS.store, KEYS.master)).seal().added == 1
    with KEYS.store.write() as tx:
        tx.execute(update(case_keys).where(case_keys.c.reference == reference).values(wrapped=wrapped))
    assert [(f.kind, f.where) for f in found(clerk.database)] == [
        ("commitment_missing", f"v{clerk.case(reference).version}")
    ]


def test_a_key_that_was_damaged_is_named(clerk: Clerk) -> None:
    reference = with_a_file(clerk, "Lou")
    with KEYS.store.write() as tx:
        tx.execute(text("update case_keys set wrapped = :w where reference = :r"), {"w": bytes(60), "r": reference})
    KEYS._held.clear()
    assert [(f.case, f.kind) for f in found(clerk.database)] == [(reference, "key_damaged")]
    with pytest.raises(Away) as told, clerk.database.write() as tx:
        read_case(tx, KEYS, SUPERVISOR, reference, Access.SHOW)
    assert told.value.code == "key_damaged"


def test_a_case_with_a_line_that_was_changed_is_told_to_nobody_as_if_it_held(clerk: Clerk) -> None:
    reference = with_a_file(clerk, "Lou")
    off(clerk.database)
    with clerk.database.write() as tx:
        second = (book.c.reference == reference, book.c.version == 2)
        event = tx.execute(select(book.c.event).where(*second)).scalar_one()
        tx.execute(update(book).where(*second).values(event=event[:-1] + bytes([event[-1] ^ 1])))
    with pytest.raises(Problem) as told, clerk.database.write() as tx:
        read_case(tx, KEYS, SUPERVISOR, reference, Access.SHOW)
    assert (told.value.code, told.value.params) == ("line_not_opened", {"reference": reference})


# --- The access journal ----------------------------------------------------------------------------------


def test_the_access_journal_is_verified(clerk: Clerk) -> None:
    database = clerk.database
    with database.write() as tx:
        for _ in range(5):
            journal.note(tx, KEYS.of(JOURNAL), WORKER, Access.SHOW, why=str(uuid.uuid4()))
    chain_all(database, KEYS.of(JOURNAL))
    assert found(database) == []
    off(database)
    number = access_journal.c.id == 3
    for what, do in {
        "an entry edited": update(access_journal).where(number).values(entry=bytes(80)),
        "an entry left out": delete(access_journal).where(number),
        "a hash": update(access_journal).where(number).values(hash=bytes(32)),
    }.items():
        with tampered(database, lambda tx: tx.execute(do)) as changed:  # noqa: B023
            assert "journal_broken" in kinds(changed), what

    def of_another_key(tx: Connection) -> None:
        """The whole journal written anew by somebody who has not its key: the chain holds."""
        tx.execute(delete(access_journal))
        for _ in range(5):
            journal.note(tx, KEYS.of("index"), WORKER, Access.SHOW)
        chain(tx, KEYS.of("index"))

    with tampered(database, of_another_key) as changed:
        assert [(f.kind, f.where) for f in found(changed)] == [("journal_not_opened", "1")]
