"""The bundle of a case is verified by whoever has Python and `cryptography`, and nothing of it can be changed."""

import base64
import hashlib
import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing as closed_after
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from audit.bundle import bundle
from audit.records import Records
from audit.verify_bundle import canonical, said_by
from domain.log.checkpoint import PublicKey, signed
from domain.vocabulary import Door
from kit.crypto.signing import SigningKey
from kit.storage.archive import FolderArchive
from kit.storage.database import Database, sqlite_url
from models import seals
from models.keys import CaseKeys
from models.migrate import VAULT
from tests.people import WORKER
from tests.support.builders import note
from tests.support.clerk import Clerk
from tests.support.seals import KEY, ORIGIN, PUBLIC, sealer
from tests.support.servers import KEYS
from tests.support.verified import Stack, another_result, stack

Files = dict[str, bytes]


async def bundled(s: Stack, reference: str) -> bytes:
    records = Records(s.database, s.store, KEYS, s.running.client)
    return (await bundle(s.database, KEYS, records, reference, KEY, ORIGIN))[0]


@pytest.fixture
def alone(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the bundle's own verifier in an interpreter that has the standard library and `cryptography`, no more."""
    only = tmp_path / "only"
    only.mkdir()
    for name in ("cryptography", "cffi", "_cffi_backend"):
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None
        path = Path(spec.origin)
        path = path.parent if path.name == "__init__.py" else path
        (only / path.name).symlink_to(path)

    def run(content: bytes, *words: object) -> subprocess.CompletedProcess[str]:
        file, program = tmp_path / "dossier.zip", tmp_path / "verify.py"
        file.write_bytes(content)
        program.write_bytes(opened(content).get("verify.py", b""))
        start = f"import sys, runpy; sys.path.append({str(only)!r}); sys.argv = sys.argv[1:]; " + (
            "runpy.run_path(sys.argv[0], run_name='__main__')"
        )
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", start, program, file, *map(str, words)],
            check=False, capture_output=True, text=True, env={"PYTHONIOENCODING": "utf-8"}, cwd="/",
        )  # fmt: skip

    return run


async def test_lines_that_were_sealed_without_their_key_are_counted(
    alone: Callable[..., subprocess.CompletedProcess[str]], sqlite_database: Database, tmp_path: Path
) -> None:
    clerk = Clerk(sqlite_database)
    records = Records(sqlite_database, FolderArchive(tmp_path / "kept"), KEYS, None)
    with closed_after(Database(sqlite_url(tmp_path / "keys.db"))) as other:
        VAULT.migrate(other)
        for keys, counted in ((CaseKeys(other, KEYS.master), True), (KEYS, False)):
            reference = clerk.open()
            clerk.ask(reference, note(), door=Door.SESSION)
            sealer(sqlite_database, keys=keys).seal()
            content, told = await bundle(sqlite_database, KEYS, records, reference, KEY, ORIGIN)
            verdict = alone(content)
            assert (verdict.returncode, told["sealed"]) == (0, 3), verdict.stdout
            assert ("3 lignes scellées sans leur clé" in verdict.stdout) is counted


def opened(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as kept:
        return {name: kept.read(name) for name in kept.namelist()}


def closed(files: Files) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as out:
        for name, content in files.items():
            out.writestr(name, content)
    return kept.getvalue()


def listed_anew(files: Files, key: SigningKey | None = None) -> Files:
    """With a manifest that fits what was changed; signed, if there is a key to do it with."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {n: hashlib.sha256(c).hexdigest() for n, c in files.items() if not n.startswith("manifest")}
    files["manifest.json"] = json.dumps(manifest).encode()
    if key is not None:
        text = f"{ORIGIN}\naboutir.bundle.1\n{hashlib.sha256(files['manifest.json']).hexdigest()}\n"
        files["manifest.note"] = signed(text, PublicKey(ORIGIN, key.public), key.sign).encode()
    return files


def edit_line(files: Files, change: Callable[[list[Any]], Any]) -> None:
    lines = [json.loads(line) for line in files["entries.jsonl"].splitlines()]
    change(lines)
    files["entries.jsonl"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def edit_log(files: Files, change: Callable[[Any], Any]) -> None:
    log = json.loads(files["log.json"])
    change(log)
    files["log.json"] = json.dumps(log).encode()


def edit_history(files: Files) -> None:
    name = next(name for name in files if name.startswith("histories/"))
    stretch = json.loads(files[name])
    another_result(stretch["events"])
    files[name] = json.dumps(stretch).encode()


def forged(lines: list[Any]) -> None:
    """The last line says something else, its hash made right."""
    line = lines[-1]
    line["event"] = line["event"].replace("Asked", "Never asked")
    line["event_as_kept"] = base64.b64encode(line["event"].encode()).decode()
    content = canonical("aboutir.entry.1", line["previous"], *said_by(line, line["event"].encode()))
    line["hash"] = hashlib.sha256(content).hexdigest()


TAMPERED: dict[str, Callable[[Files], Any]] = {
    "the door of a line": lambda f: edit_line(f, lambda lines: lines[2].update(door="client")),
    "a word of a line": lambda f: edit_line(f, lambda lines: lines[2].update(account="somebody")),
    "a line taken out": lambda f: edit_line(f, lambda lines: lines.pop(2)),
    "the last line cut off": lambda f: edit_line(f, lambda lines: lines.pop()),
    "two lines swapped": lambda f: edit_line(f, lambda lines: lines.insert(1, lines.pop(2))),
    "a line forged with its hash": lambda f: edit_line(f, forged),
    "what is read, and not what is kept": lambda f: edit_line(f, lambda lines: lines[0].update(event="{}")),
    "a proof": lambda f: edit_log(f, lambda log: log["inclusion"][0]["proof"].pop()),
    "the place of a leaf": lambda f: edit_log(f, lambda log: log["inclusion"][0].update(index=1)),
    "a commitment": lambda f: edit_log(f, lambda log: log["inclusion"][0].update(commitment="00" * 32)),
    "a proof of consistency": lambda f: edit_log(f, lambda log: log["consistency"][0].update(proof=[])),
    "no proof of consistency": lambda f: edit_log(f, lambda log: log.update(consistency=[])),
    "a root": lambda f: edit_log(f, lambda log: log["checkpoints"][0].update(note=log["checkpoints"][1]["note"])),
    "the word of the engine": edit_history,
}


async def test_a_bundle_stands_for_itself_and_no_change_to_it_goes_unseen(
    dev_server: WorkflowEnvironment, sqlite_database: Database, alone: Any, tmp_path: Path
) -> None:
    async with stack(dev_server, sqlite_database) as s:
        reference, other = await s.case(4), await s.case(0)
        s.seal()
        await s.running.desk.submit(other, note(), WORKER)
        s.seal()
        await s.running.desk.submit(reference, note("Asked once more"), WORKER)
        s.seal()
        content = await bundled(s, reference)
        assert content == await bundled(s, reference), "the same records, other bytes"
        (seen,) = [row for row in sqlite_checkpoints(sqlite_database) if row[0] == 11]

    answer = alone(content, "--key", PUBLIC)
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stdout
    assert answer.stdout.startswith("TOUT SE TIENT.\n")
    assert f"Dossier {reference} : 8 lignes" in answer.stdout and "8 lignes confirmées" in answer.stdout
    assert "comparez-la" in alone(content).stdout
    assert opened(content)["histoire.pdf"].startswith(b"%PDF-1.7") and "histoire.pdf" in answer.stdout

    witness = tmp_path / "witness.txt"
    witness.write_text(seen[1])
    assert alone(content, "--witness", witness).returncode == 0

    other_key = SigningKey(b"y" * 32)
    assert alone(content, "--key", PublicKey(ORIGIN, other_key.public)).returncode == 5
    for what, do in TAMPERED.items():
        for key in (None, KEY):  # even by whoever holds the key: the proofs and the engine still tell otherwise
            files = opened(content)
            do(files)
            said = alone(closed(listed_anew(files, key)), "--key", PUBLIC)
            assert (said.returncode, said.stderr) == (5, ""), f"{what}, signed: {key is not None}: {said.stdout}"
            assert said.stdout.startswith("NE SE TIENT PAS")
    more = {
        "a file more": {"x.txt": b""},
        "nonsense": {"entries.jsonl": b"{}"},
        "another readable history": {"histoire.pdf": b"%PDF-1.7"},
        "no manifest": {"manifest.json": b"[]"},
    }
    for changed in more.values():
        assert alone(closed(opened(content) | changed)).returncode == 5
    print(f"\nbundle: {len(content)} bytes for 8 lines; {2 * len(TAMPERED) + len(more)} changes, all seen")


def sqlite_checkpoints(database: Database) -> list[tuple[int, str]]:
    with database.read() as tx:
        return [(row.size, row.note) for row in seals.all_checkpoints(tx)]
