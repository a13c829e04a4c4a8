"""Looking after the keys, the store and the sealed log: what is refused rather than done by mistake."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from activities.seal import Seal
from desk.decoding import decoding
from desk.exporting import export_bundle
from desk.keys import forget_master_keys, orphan_keys, rotate_master_key
from desk.office import Office
from desk.sealing import check_checkpoint, last_checkpoint, prove_line
from desk.store import check_files, scan_files, sweep_store
from desk.sweeping import last_sweep
from desk.verifying import verify_all, verify_case
from domain.access import Access
from domain.actors import OPERATOR
from domain.errors import Invalid, NotFound, Refused
from domain.values import new_reference
from kit.crypto.vault import KeyFile
from kit.storage.database import Database, sqlite_url
from models.decoders import bearer
from models.keys import keys_of
from models.migrate import VAULT
from models.tables import decoders
from tests.desk.cases import noted, office_with_lives, with_file
from tests.people import OFFICE_AUDITOR, STRANGER, WORKER
from tests.support.lives import Lives

NOW = timedelta(0)


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> tuple[Office, Lives]:
    return office_with_lives(sqlite_database, tmp_path)


@pytest.fixture
def with_own_keys(place: tuple[Office, Lives], tmp_path: Path) -> Iterator[Office]:
    """An office with a store of keys that no other test uses."""
    office, _ = place
    master = tmp_path / "own-master.key"
    KeyFile.made_if_missing(master)
    own = {"vault_url": sqlite_url(tmp_path / "own-keys.db"), "master_key_file": master}
    office = replace(office, settings=office.settings.model_copy(update=own))
    with closing(keys_of(office.settings)) as keys:
        VAULT.migrate(keys.store)
        yield office
    office.keys.close()


# --- Keys ---


def test_keys_without_a_case_are_counted_and_destroyed_only_while_the_book_seems_whole(with_own_keys: Office) -> None:
    office = with_own_keys
    orphan = new_reference()
    office.keys.mint(orphan)
    assert orphan_keys(office, OPERATOR, NOW).found == 1
    with pytest.raises(Refused) as refused:
        orphan_keys(office, OPERATOR, NOW, destroy=True)
    assert refused.value.code == "too_many_orphans", "a book that was lost has no case"
    assert office.keys.living() == {orphan}
    assert orphan_keys(office, OPERATOR, timedelta(days=30)).found == 0, "it may still be opened"


def test_a_master_key_is_forgotten_once_another_wraps_every_key(with_own_keys: Office) -> None:
    office = with_own_keys
    office.keys.mint(new_reference())
    before = office.keys.master.id
    assert forget_master_keys(office, OPERATOR).forgotten == 0, "it is in use"
    rotated = rotate_master_key(office, OPERATOR)
    assert (rotated.wrapped, rotated.file) == (1, office.settings.master_key_file)
    assert rotated.master_key != before
    assert forget_master_keys(office, OPERATOR).forgotten == 1


# --- The store ---


def test_a_file_that_is_not_as_it_was_is_named(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = with_file(office, lives)
    assert check_files(office, OPERATOR).wrong == ()
    (file,) = (path for path in Path(office.settings.files).rglob("*") if path.is_file())
    file.write_bytes(file.read_bytes()[:-1])
    (fault,) = check_files(office, OPERATOR).wrong
    assert (fault.reference, fault.id, fault.code) == (reference, "D1", "file_damaged")
    assert sweep_store(office, OPERATOR, NOW).deleted == 0, "a case holds it"


async def test_without_a_scanner_nothing_is_said_to_be_scanned(place: tuple[Office, Lives]) -> None:
    with pytest.raises(Refused) as refused:
        await scan_files(place[0], OPERATOR)
    assert refused.value.code == "no_scanner"


# --- The records ---


def test_what_is_not_sealed_is_not_proved(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    for ask in (lambda: last_checkpoint(office, WORKER), lambda: prove_line(office, WORKER, reference, 1)):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.code == "nothing_sealed"
    with pytest.raises(Refused) as refused:
        prove_line(office, WORKER, reference, 99)
    assert (refused.value.code, refused.value.field) == ("no_such_version", "version")
    with pytest.raises(Refused) as refused:
        check_checkpoint(office, OFFICE_AUDITOR, b"Bonjour")
    assert refused.value.code == "no_checkpoint_in_it"


def test_auditors_hold_the_log_against_a_checkpoint_that_somebody_kept(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    assert office.signing_key is not None
    Seal(office.database, office.keys, office.settings.seal_origin, lambda: office.signing_keys).seal()
    kept = last_checkpoint(office, WORKER)
    assert kept.unsealed == 0
    assert prove_line(office, WORKER, reference, 1).note == kept.note
    checked = check_checkpoint(office, OFFICE_AUDITOR, kept.note.encode())
    assert (checked.size, checked.findings) == (kept.size, ())
    with office.writing() as tx:
        tx.execute(text("drop trigger leaves_refuses_delete"))
        tx.execute(text("delete from leaves"))
    assert check_checkpoint(office, OPERATOR, kept.note.encode()).findings
    with pytest.raises(Refused, match="verify_for_auditors"):  # what does not hold is told with references of all cases
        check_checkpoint(office, STRANGER, kept.note.encode())


async def test_of_a_case_of_others_nothing_is_verified_proved_or_exported(place: tuple[Office, Lives]) -> None:
    office, lives = place
    reference = lives.open()
    with pytest.raises(NotFound):
        prove_line(office, STRANGER, reference, 1)
    with pytest.raises(NotFound):
        await verify_case(office, STRANGER, reference)
    with pytest.raises(NotFound):
        await export_bundle(office, STRANGER, reference)
    assert noted(office, reference) == [(Access.DENIED, STRANGER.account, None)] * 3
    with pytest.raises(Refused) as refused:
        await verify_all(office, WORKER)
    assert refused.value.code == "verify_for_auditors"


def test_before_the_first_sweep_there_is_nothing_to_tell(place: tuple[Office, Lives]) -> None:
    with pytest.raises(NotFound):
        last_sweep(place[0], OPERATOR)


UPKEEP: dict[str, Callable[[Office], object]] = {
    "rotate": lambda office: rotate_master_key(office, WORKER),
    "orphans": lambda office: orphan_keys(office, WORKER, NOW, destroy=True),
    "forget": lambda office: forget_master_keys(office, WORKER),
    "check": lambda office: check_files(office, WORKER),
    "sweep": lambda office: sweep_store(office, WORKER, NOW),
    "scan": lambda office: asyncio.run(scan_files(office, WORKER)),
    "last sweep": lambda office: last_sweep(office, WORKER),
}


@pytest.mark.parametrize("what", UPKEEP)
def test_whoever_does_not_run_the_service_looks_after_nothing(place: tuple[Office, Lives], what: str) -> None:
    with pytest.raises(Refused) as refused:
        UPKEEP[what](place[0])
    assert refused.value.code == "operator_only"


# --- Decoding ---


def test_cases_are_decoded_for_auditors_who_say_why_and_no_token_outlives_the_service(
    place: tuple[Office, Lives],
) -> None:
    office, _ = place
    words = {"at": ("127.0.0.1", 0), "origin": None, "tool_lasts": timedelta(hours=1), "page_lasts": timedelta(hours=1)}
    for actor, why, kind in ((WORKER, "Contrôle", Refused), (OFFICE_AUDITOR, "  ", Invalid)):
        with pytest.raises(kind), decoding(office, actor, why, **words):
            pass
    with decoding(office, OFFICE_AUDITOR, "Contrôle", **words) as service:
        assert service.page is None
        assert tokens(office) == 1
    assert tokens(office) == 0
    with office.reading() as tx:
        assert bearer(tx, service.token) is None


def tokens(office: Office) -> int:
    with office.reading() as tx:
        return len(tx.execute(decoders.select()).all())
