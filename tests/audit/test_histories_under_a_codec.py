"""A history under a codec is read, replayed and put away like one in clear."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec, WorkflowSerializationContext

from activities.archive import name_of
from audit.records import Records, decoded
from audit.strict import replay
from audit.told import told
from kit.engine.histories import Stretch
from kit.storage.archive import FolderArchive
from kit.storage.database import Database
from models import histories
from tests.replay.record import HISTORIES
from tests.replay.strict import load
from tests.support.servers import KEYS, SEALED
from workflows.complaint import ComplaintWorkflow


class Reversed(PayloadCodec):
    """Stands for encryption: what it makes cannot be read without it."""

    async def encode(self, payloads: Any) -> list[Payload]:
        return [Payload(metadata={"encoding": b"test/reversed"}, data=p.SerializeToString()[::-1]) for p in payloads]

    async def decode(self, payloads: Any) -> list[Payload]:
        decoded = []
        for payload in payloads:
            if payload.metadata.get("encoding") != b"test/reversed":
                decoded.append(payload)
                continue
            plain = Payload()
            plain.ParseFromString(payload.data[::-1])
            decoded.append(plain)
        return decoded


@pytest.mark.parametrize("path", sorted(HISTORIES.glob("*/*.json")), ids=lambda path: path.stem)
async def test_a_history_under_a_codec_is_read_and_replayed_like_one_in_clear(path: Path) -> None:
    plain = load(path)
    coded = await encoded(plain, Reversed())
    assert b"Exemple" not in b"".join(event.SerializeToString() for event in coded.events)
    back = await decoded(coded, Reversed())
    assert list(back.events) == list(plain.events)
    assert told(back) == told(plain)
    (found,) = await replay([back], ComplaintWorkflow)
    assert found.is_faithful


async def encoded(history: Any, codec: PayloadCodec) -> Any:
    class Encodes(Reversed):
        async def decode(self, payloads: Any) -> list[Payload]:
            return await codec.encode(payloads)

    return await decoded(history, Encodes())


async def test_what_was_put_away_under_a_codec_is_read_without_an_engine(
    sqlite_database: Database, tmp_path: Path
) -> None:
    plain = load(next(HISTORIES.glob("*/closed.json")))
    KEYS.mint(plain.workflow_id)
    seals = SEALED.with_context(WorkflowSerializationContext("default", plain.workflow_id)).payload_codec
    assert seals is not None
    store, coded = FolderArchive(tmp_path / "kept"), await encoded(plain, seals)
    assert b"Exemple" not in b"".join(event.SerializeToString() for event in coded.events)
    stretch = Stretch(plain.workflow_id, "a-run", coded.events)
    content = stretch.to_bytes("default")
    store.put(name_of(plain.workflow_id, "a-run", stretch.first, stretch.last), content)
    digest = hashlib.sha256(content).digest()
    with sqlite_database.write() as tx:
        histories.add(tx, plain.workflow_id, "a-run", stretch.first, stretch.last, ended=False, digest=digest)
    records = Records(sqlite_database, store, KEYS, None)
    (run,) = (await records.of(plain.workflow_id)).runs
    assert list(run.history.events) == list(plain.events)
    assert records.converter.payload_codec is None
