"""A case as evidence: one sealed file that an auditor verifies on a machine of their own, without us."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf.json_format import MessageToDict
from sqlalchemy import Connection

from documents.history import as_pdf
from domain.log.chain import FIELDS
from domain.log.checkpoint import PublicKey, signed
from domain.log.merkle import Tree
from kit.engine.histories import ENDS, at_rest
from models import book, seals

if TYPE_CHECKING:
    from audit.records import Records
    from kit.crypto.signing import SigningKey
    from kit.storage.database import Database
    from models.keys import CaseKey, CaseKeys

FORMAT = "aboutir.bundle.1"
HISTORY = "histoire.pdf"
VERIFIER = Path(__file__).with_name("verify_bundle.py")

_READ_ME = """Dossier d'audit d'un cas, scellé.

histoire.pdf    l'histoire du cas en français, à lire d'abord
entries.jsonl   chaque ligne du livre : qui, quoi, quand, et son empreinte
log.json        les points de contrôle signés du journal scellé et les preuves que les lignes y sont
histories/      ce que le moteur a retenu de son côté
key.txt         la clé publique de l'installation : à comparer avec celle que vous tenez d'ailleurs
manifest.json   l'empreinte de chaque fichier ; manifest.note : sa signature
verify.py       python verify.py CE_FICHIER.zip [--key CLE] [--witness POINT_DE_CONTROLE]

verify.py ne demande que Python et le paquet « cryptography » ; lisez-le avant de lui faire confiance.
Ce dossier contient des données personnelles en clair : conservez-le et détruisez-le comme telles.
"""


async def bundle(
    database: Database, keys: CaseKeys, records: Records, reference: str, key: SigningKey, origin: str
) -> tuple[bytes, dict[str, Any]]:
    """Makes the file, and counts what is in it. The same records give the same bytes.

    Raises Refused for an erased case.
    """
    public, of_case = PublicKey(origin, key.public), keys.of(reference)
    with database.read() as tx:
        rows = book.rows(tx, reference)
        lines = [_line(row, of_case) for row in rows]
        log = _log(tx, reference)
        entries = book.history(tx, keys, reference)
    files = {
        "LISEZMOI.txt": _READ_ME.encode(),
        HISTORY: as_pdf(reference, entries, [line["hash"] for line in lines]),
        "entries.jsonl": b"".join(_json(line) + b"\n" for line in lines),
        "key.txt": f"{public}\n".encode(),
        "log.json": _json(log),
        "verify.py": VERIFIER.read_bytes(),
    }
    runs = (await records.of(reference)).runs
    for run in runs:
        ended = run.history.events[-1].WhichOneof("attributes") in ENDS
        history = run.history if ended else at_rest(run.history)
        events = [MessageToDict(event) for event in history.events]
        files[f"histories/{run.run_id}.json"] = _json({"run_id": run.run_id, "events": events})
    manifest = _json(
        {
            "format": FORMAT,
            "reference": reference,
            "origin": origin,
            "commitments": "hmac-sha256",
            "commitment_key": of_case.committing.hex(),
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        }
    )
    text = f"{origin}\n{FORMAT}\n{hashlib.sha256(manifest).hexdigest()}\n"
    files |= {"manifest.json": manifest, "manifest.note": signed(text, public, key.sign).encode()}
    return _zipped(files), {"lines": len(lines), "sealed": len(log["inclusion"]), "histories": len(runs)}


def _line(row: book.StoredLine, key: CaseKey) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in FIELDS if name != "event"}
    return {
        **{name: _instant(value) if isinstance(value, datetime) else value for name, value in fields.items()},
        "event": book.in_clear(row, key).event.decode(),
        "event_as_kept": base64.b64encode(row.event).decode(),
        "previous": row.previous.hex(),
        "hash": row.line_hash.hex(),
    }


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _log(tx: Connection, reference: str) -> dict[str, Any]:
    """Proves that every sealed line is in the last checkpoint, which grew from those that first had each of them."""
    last = seals.last_checkpoint(tx)
    if last is None:
        return {"checkpoints": [], "consistency": [], "inclusion": []}
    tree = Tree(seals.leaf_hashes(tx, last.size))
    leaves = seals.leaves_of(tx, reference)
    points = {last.size: last}
    for leaf in leaves:
        first = seals.first_covering(tx, leaf.position)
        if first is not None:
            points[first.size] = first
    sizes = sorted(points)
    return {
        "checkpoints": [{"size": size, "note": points[size].note, "token": _token(tx, size)} for size in sizes],
        "consistency": [
            {"from": old, "to": new, "proof": [step.hex() for step in tree.consistency(old, new)]}
            for old, new in pairwise(sizes)
        ],
        "inclusion": [
            {
                "version": leaf.version,
                "index": leaf.position,
                "size": last.size,
                "commitment": leaf.commitment.hex() if leaf.commitment else None,
                "proof": [step.hex() for step in tree.inclusion(leaf.position)],
            }
            for leaf in leaves
        ],
    }


def _token(tx: Connection, size: int) -> str | None:
    row = seals.token_of(tx, size)
    return base64.b64encode(row.token).decode() if row else None


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            archive.writestr(info, files[name], compresslevel=9)
    return kept.getvalue()
