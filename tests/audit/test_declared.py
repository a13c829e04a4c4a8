"""A log is not signed below what a witness holds, and what was declared about it is followed for ever."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from temporalio.exceptions import ApplicationError

from activities.seal import Seal
from audit.log import known_declarations, look_through
from domain.log.checkpoint import PublicKey, signed
from domain.log.declarations import NewKey, Restored, declared, new_key_note
from kit.crypto.signing import SigningKey, verify
from kit.crypto.witness import Contradicted, FolderWitness
from kit.storage.database import Database
from models import declarations, seals
from tests.support.builders import note
from tests.support.clerk import Clerk
from tests.support.seals import KEY, ORIGIN, PUBLIC, kinds, off, sealer, three_cases

NEXT, THIRD = SigningKey(bytes(31) + b"\x01"), SigningKey(bytes(31) + b"\x02")


def public(key: SigningKey) -> PublicKey:
    return PublicKey(ORIGIN, key.public)


def refused(seal: Callable[[], object]) -> tuple[str | None, bool]:
    with pytest.raises(ApplicationError) as failed:
        seal()
    return failed.value.type, failed.value.non_retryable


def put_back(database: Database, size: int) -> None:
    """The log as it was when it had so many leaves: the newer lines of the book go on waiting to be sealed."""
    off(database)
    with database.write() as tx:
        tx.execute(text("delete from checkpoints where size > :size"), {"size": size})
        tx.execute(text("delete from leaves where position >= :size"), {"size": size})


# --- A witness that is ahead -----------------------------------------------------------------------------


def told(clerk: Clerk, witness: FolderWitness, *, cases: list[str] | None = None) -> tuple[int, list[str]]:
    """Seals what is new and tells the witness; gives the size of the log, and the cases."""
    cases = cases or three_cases(clerk)
    seal = sealer(clerk.database, witness)
    size = seal.seal().size
    seal.send_checkpoint(size)
    return size, cases


def test_an_older_book_is_not_sealed_below_what_a_witness_holds(clerk: Clerk, witness: FolderWitness) -> None:
    size, cases = told(clerk, witness)
    clerk.ask(cases[0], note())
    told(clerk, witness, cases=cases)
    put_back(clerk.database, size)
    clerk.ask(cases[1], note())
    before = list(witness.notes())
    assert refused(sealer(clerk.database, witness).seal) == ("WitnessAhead", True)
    with clerk.database.read() as tx:
        assert seals.tree(tx).size == size, "nothing was signed"
    assert list(witness.notes()) == before


def test_a_restore_is_declared_and_stands_for_ever(clerk: Clerk, witness: FolderWitness) -> None:
    size, cases = told(clerk, witness)
    clerk.ask(cases[0], note())
    lost, _ = told(clerk, witness, cases=cases)
    put_back(clerk.database, size)
    seal = sealer(clerk.database, witness)
    assert seal.declare_restored() == 1
    assert seal.declare_restored() == 0, "asked again, nothing is declared twice"
    for _ in range(3):
        clerk.ask(cases[1], note())
        grown = seal.seal().size
        assert seal.send_checkpoint(grown) == 1
    assert grown > lost
    assert kinds(clerk.database, witness) == set(), "what was lost is declared, and no finding"
    with clerk.database.read() as tx:
        (restored,) = known_declarations(tx, [PUBLIC]).restorations
    assert (restored.kept, restored.lost) == (size, lost)
    again = FolderWitness(Path(str(witness._folder)))
    assert again.latest() == list(witness.notes())[-1]
    assert sealer(clerk.database, witness).seal().added == 0


def test_two_who_seal_one_book_apart_are_found_out_by_the_witness(clerk: Clerk, witness: FolderWitness) -> None:
    size, cases = told(clerk, witness)
    clerk.ask(cases[0], note())
    newer, _ = told(clerk, witness, cases=cases)
    put_back(clerk.database, size)
    for case in cases[1:]:
        clerk.ask(case, note())
    blind = sealer(clerk.database)  # it asks no witness before it signs
    other = blind.seal().size
    assert other > newer
    seal = sealer(clerk.database, witness)
    assert refused(lambda: seal.send_checkpoint(other)) == ("Contradicted", True)
    assert refused(seal.seal)[0] == "WitnessAhead"
    folder = Path(str(witness._folder))
    assert len(list(folder.glob("refused-*.txt"))) == 1, "it keeps what it refused"
    assert [kept for kept, _ in witness.notes()] == [size, newer]


def test_a_witness_that_was_put_back_itself_is_told_on_from_there(clerk: Clerk, witness: FolderWitness) -> None:
    _, cases = told(clerk, witness)
    clerk.ask(cases[0], note())
    size, _ = told(clerk, witness, cases=cases)
    (Path(str(witness._folder)) / f"checkpoint-{size:012}.txt").unlink()
    clerk.ask(cases[0], note())
    grown, _ = told(clerk, witness, cases=cases)
    assert witness.latest() is not None and witness.latest() == list(witness.notes())[-1]
    assert [kept for kept, _ in witness.notes()][-1] == grown
    assert kinds(clerk.database, witness) == set()


def test_a_note_that_nobody_signed_does_not_keep_the_book_from_being_sealed(
    clerk: Clerk, witness: FolderWitness
) -> None:
    witness.receive(99, "anything\n")
    three_cases(clerk)
    assert sealer(clerk.database, witness).seal().added == 18
    assert kinds(clerk.database, witness) == {"witness_ahead"}


def test_a_witness_takes_no_other_declaration_of_a_number(witness: FolderWitness) -> None:
    witness.declare(1, "one\n")
    witness.declare(1, "one\n")
    with pytest.raises(Contradicted):
        witness.declare(1, "another\n")


# --- Another key -----------------------------------------------------------------------------------------


def signing(*keys: SigningKey) -> Callable[[], list[SigningKey]]:
    return lambda: list(keys)


def look(database: Database, *keys: SigningKey, witnesses: tuple[FolderWitness, ...] = ()) -> set[str]:
    return {finding.kind for finding in look_through(database, [public(key) for key in keys], witnesses)}


def sealed_by(clerk: Clerk, witness: FolderWitness, *keys: SigningKey) -> Seal:
    seal = sealer(clerk.database, witness, signing=signing(*keys))
    seal.send_checkpoint(seal.seal().size)
    return seal


def test_a_key_is_handed_over_once_and_whoever_knows_the_last_one_knows_those_before(
    clerk: Clerk, witness: FolderWitness
) -> None:
    cases = three_cases(clerk)
    for keys in ([KEY], [KEY, NEXT], [KEY, NEXT], [NEXT], [NEXT, THIRD], [THIRD]):
        clerk.ask(cases[0], note())
        sealed_by(clerk, witness, *keys)
    with clerk.database.read() as tx:
        known = known_declarations(tx, [public(THIRD)])
    assert [(made.former, made.key) for made in known.new_keys] == [
        (PUBLIC, public(NEXT)), (public(NEXT), public(THIRD))
    ]  # fmt: skip
    assert all(made.is_signed_by_former for made in known.new_keys)
    assert look(clerk.database, THIRD, witnesses=(witness,)) == set()
    assert "signature_wrong" in look(clerk.database, NEXT, witnesses=(witness,)), "an older key vouches for no newer"


def test_a_former_key_signs_nothing_any_more(clerk: Clerk, witness: FolderWitness) -> None:
    cases = three_cases(clerk)
    sealed_by(clerk, witness, KEY)
    clerk.ask(cases[0], note())
    sealed_by(clerk, witness, KEY, NEXT)
    clerk.ask(cases[0], note())
    assert refused(sealer(clerk.database, witness).seal) == ("OtherSealKey", True)
    off(clerk.database)
    with clerk.database.write() as tx:  # somebody who has the former key, and the database
        last = seals.last_checkpoint(tx)
        assert last is not None
        forged = signed(last.note.rpartition("\n\n")[0] + "\n", PUBLIC, KEY.sign)
        tx.execute(text("update checkpoints set note = :note where size = :size"), {"note": forged, "size": last.size})
    with clerk.database.read() as tx:
        (made,) = known_declarations(tx, [public(NEXT)]).new_keys
    assert last.size > made.size
    assert "signature_wrong" in look(clerk.database, NEXT)


def test_a_key_that_nobody_handed_over_to_seals_nothing(clerk: Clerk, witness: FolderWitness) -> None:
    cases = three_cases(clerk)
    sealed_by(clerk, witness, KEY)
    clerk.ask(cases[0], note())
    assert refused(sealer(clerk.database, witness, signing=signing(NEXT)).seal) == ("OtherSealKey", True)
    assert refused(lambda: sealer(clerk.database, witness, signing=signing(NEXT)).declare_lost_key("x")) == (
        "OtherSealKey", True,
    )  # fmt: skip
    assert refused(
        lambda: sealer(clerk.database, witness, signing=signing(NEXT)).declare_lost_key(str(public(THIRD)))
    ) == ("OtherSealKey", True)


def test_a_lost_key_is_declared_to_be_and_nothing_else_vouches_for_the_new_one(
    clerk: Clerk, witness: FolderWitness
) -> None:
    cases = three_cases(clerk)
    sealed_by(clerk, witness, KEY)
    clerk.ask(cases[0], note())
    alone = sealer(clerk.database, witness, signing=signing(NEXT))
    assert alone.declare_lost_key(str(PUBLIC))
    assert not alone.declare_lost_key(str(PUBLIC)), "asked again, nothing is declared twice"
    alone.send_checkpoint(alone.seal().size)
    with clerk.database.read() as tx:
        (made,) = known_declarations(tx, [public(NEXT)]).new_keys
    assert not made.is_signed_by_former
    assert look(clerk.database, NEXT, witnesses=(witness,)) == set()


def test_the_key_is_handed_over_although_nothing_is_new(clerk: Clerk, witness: FolderWitness) -> None:
    three_cases(clerk)
    sealed_by(clerk, witness, KEY)
    assert sealer(clerk.database, witness, signing=signing(KEY, NEXT)).seal().added == 0
    with clerk.database.read() as tx:
        assert len(known_declarations(tx, [public(NEXT)]).new_keys) == 1


def test_a_forged_declaration_is_not_followed_and_is_found() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    handed = NewKey(ORIGIN, 5, PUBLIC, public(NEXT), at)
    good = new_key_note(handed, NEXT.sign, KEY.sign)
    forgeries = [
        new_key_note(replace(handed, key=public(THIRD)), THIRD.sign, None),  # by a key that nobody trusts
        new_key_note(handed, THIRD.sign, KEY.sign),  # not signed by the key that it names
        signed(Restored(ORIGIN, 1, 5, bytes(32), at).text(), public(THIRD), THIRD.sign),
        good.replace("size=5", "size=6"),
        "anything\n",
    ]
    for forged in forgeries:
        known = declared([good, forged], [public(NEXT)], verify)
        assert (known.unread, known.keys_at(5), known.keys_at(6)) == (1, [public(NEXT), PUBLIC], [public(NEXT)])
    stripped = good.rpartition("\u2014")[0]  # without the signature of the former key it is another declaration
    (alone,) = declared([stripped], [public(NEXT)], verify).new_keys
    assert not alone.is_signed_by_former


def test_declarations_are_only_added_to(database: Database) -> None:
    with database.write() as tx:
        declarations.add(tx, "a declaration\n", datetime(2026, 3, 2, tzinfo=UTC))
    statements = ["update declarations set note = '-'", "delete from declarations"]
    for statement in statements if database.is_sqlite else [*statements, "truncate declarations"]:
        with pytest.raises(DBAPIError, match="append-only"), database.write() as tx:
            tx.execute(text(statement))
