"""Payloads are sealed under the key of their case, or do not reach the engine; and no failure ends a case."""

import asyncio
from pathlib import Path

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter, WorkflowSerializationContext
from temporalio.exceptions import ApplicationError

from domain.errors import Away
from domain.values import new_reference
from kit.crypto.vault import KeyDestroyed, KeyFile, KeyUnknown, Tampered
from kit.engine.temporal import converter
from kit.storage.database import Database, sqlite_url
from models.keys import ENGINE, CaseKeys


def of(keys: CaseKeys, workflow_id: str) -> DataConverter:
    return converter(keys).with_context(WorkflowSerializationContext(namespace="default", workflow_id=workflow_id))


async def test_a_case_is_sealed_under_its_own_key_and_all_else_under_one(keys: CaseKeys) -> None:
    reference = new_reference()
    keys.mint(reference)
    for workflow_id, name in ((reference, reference), ("policy-rollout-3", ENGINE), (reference + "-x", ENGINE)):
        (payload,) = await of(keys, workflow_id).encode([{"narrative": "Kanari"}])
        assert payload.metadata["key"].decode() == name
        assert b"Kanari" not in payload.SerializeToString()
        assert await converter(keys).decode([payload]) == [{"narrative": "Kanari"}]


async def test_a_failure_says_nothing_in_clear(keys: CaseKeys) -> None:
    reference, failure = new_reference(), Failure()
    keys.mint(reference)
    error = ApplicationError("Kanari message", {"detail": "Kanari"}, type="Refused", non_retryable=True)
    error.__cause__ = KeyError("Kanari cause")
    await of(keys, reference).encode_failure(error, failure)
    assert b"Kanari" not in failure.SerializeToString()
    again = await converter(keys).decode_failure(failure)
    assert isinstance(again, ApplicationError)
    assert (again.message, again.details) == ("Kanari message", ({"detail": "Kanari"},))


async def test_a_payload_of_one_case_does_not_open_as_anothers(keys: CaseKeys) -> None:
    one, other = new_reference(), new_reference()
    keys.mint(one)
    keys.mint(other)
    (payload,) = await of(keys, one).encode(["words"])
    payload.metadata["key"] = other.encode()
    with pytest.raises(Tampered):
        await converter(keys).decode([payload])


async def test_without_a_key_nothing_is_sent_and_what_fails_can_be_tried_again(
    keys: CaseKeys, master: KeyFile, tmp_path: Path
) -> None:
    never, gone = new_reference(), new_reference()
    keys.mint(gone)
    (sealed,) = await of(keys, gone).encode(["words"])
    keys.destroy(gone)
    away = CaseKeys(Database(sqlite_url(tmp_path / "none" / "keys.db")), master)
    for held, reference, kind in (
        (keys, never, KeyUnknown),
        (keys, gone, KeyDestroyed),
        (away, never, Away),
    ):
        with pytest.raises(kind) as failed:
            await of(held, reference).encode(["words"])
        assert not isinstance(failed.value, ApplicationError), "one that may not be tried again would end a live case"
    with pytest.raises(KeyDestroyed):
        await converter(keys).decode([sealed])


async def test_a_converter_that_could_not_be_made_is_made_again_and_never_seals_nothing(
    keys: CaseKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, root = new_reference(), converter(keys)
    keys.mint(reference)
    context = WorkflowSerializationContext(namespace="default", workflow_id=reference)
    with monkeypatch.context() as failing:
        failing.setattr(keys, "name_for", lambda _: (_ for _ in ()).throw(MemoryError))
        with pytest.raises(MemoryError):
            root.with_context(context)
    (payload,) = await root.with_context(context).encode(["Kanari"])
    assert payload.metadata["key"].decode() == reference
    assert b"Kanari" not in payload.SerializeToString()


async def test_a_slow_store_does_not_hold_up_the_event_loop(keys: CaseKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not at hand is asked for in a thread."""
    reference = new_reference()
    keys.mint(reference)
    fresh = CaseKeys(keys.store, keys.master)
    loop = asyncio.get_running_loop()
    asked: list[bool] = []
    real = fresh.of

    def of_in_thread(name: str) -> object:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            asked.append(True)
        return real(name)

    monkeypatch.setattr(fresh, "of", of_in_thread)
    await of(fresh, reference).encode(["words"])
    await of(fresh, reference).encode(["words"])
    assert (asked, loop.is_running()) == ([True], True)
