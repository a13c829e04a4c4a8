"""Records the data folder of a version: `python -m tests.replay.record_folder CHECKOUT NAME`.

CHECKOUT is a working tree of that version. Its own starter.py tells the fictitious stories there, then a case with
files and mails, and an erasure; what it left behind goes into tests/fixtures/folders/NAME.tar.xz, and stays there for
ever: what a version has written is what a later one must take over.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.support.folders import FOLDERS, LEFT
from tests.support.pdfs import pdf
from tests.support.servers import ROOT, until

LARGEST = 600_000
"""A folder that is kept for ever is small."""

TELLING = """
import asyncio, pathlib, sys
from datetime import UTC, datetime
from cli.place import engine_client, find
from cli.story import tell

async def told():
    place = find(pathlib.Path(sys.argv[1]))
    async with place.desk() as desk:
        await tell(desk, place, datetime.now(UTC))
    await (await engine_client(place)).get_schedule_handle("keep-histories").trigger()

asyncio.run(told())
"""
"""Has a checkout tell its stories, then put the histories of its closed cases away."""

AT_ONCE = {"grace": 0}
"""The policy: what was late when it was recorded falls due at once."""


class Checkout:
    """A version at work on a folder, by its own command line."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root, self.folder = root, folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._env = kept | {"LANG": "C.UTF-8", "ABOUTIR_DATA": str(folder), "PYTHONPATH": str(root)}
        self._up: subprocess.Popen[str] | None = None

    def up(self) -> None:
        words = [sys.executable, "starter.py", "up", "--json", "--port", "0", "--temporal-port", "0"]
        self._up = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=self._env, cwd=self._root)
        assert self._up.stdout is not None
        assert "error" not in json.loads(self._up.stdout.readline())

    def down(self) -> None:
        assert self._up is not None
        self._up.send_signal(signal.SIGTERM)
        assert self._up.wait(60) == 0

    def run(self, *words: object, stdin: str = "") -> str:
        ended = subprocess.run(
            [sys.executable, *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            env=self._env,
            cwd=self._root,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def ask(self, *words: object, **said: Any) -> Any:
        """The answer to a command, to which `said` is given as JSON."""
        stdin = json.dumps(said) if said else ""
        return json.loads(self.run("starter.py", *words, *(["-"] if said else []), "--json", stdin=stdin))


def main(root: Path, name: str) -> int:
    target = FOLDERS / f"{name}.tar.xz"
    if target.exists():
        print(f"{target.relative_to(ROOT)} is there already, and is never written again.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="aboutir-record-") as place:
        folder = Path(place) / "data"
        checkout = Checkout(root.resolve(), folder)
        checkout.up()
        try:
            live(checkout)
        finally:
            checkout.down()
        pack(folder, target)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size} bytes")
    return 0


def live(checkout: Checkout) -> None:
    """The stories, and what they leave out: files, mails, an erasure."""
    today, ask = date.today(), checkout.ask  # noqa: DTZ011
    checkout.run("-c", TELLING, checkout.folder)
    rows = ask("list", "--as", "superviseur")["cases"]
    closed = [row["reference"] for row in rows if row["step"] == "CLOSED"]

    ask("submit", closed[0], "propose_erasure", "--as", "superviseur", reason="La personne le demande.")
    ask("submit", closed[0], "erase", "--as", "superviseur-bis", reason="PERSON_ASKED")

    example = json.loads(checkout.run("starter.py", "open", "--print-example"))
    reference = ask("open", **example)["reference"]
    ask("submit", reference, "start_evidence")
    with tempfile.TemporaryDirectory() as name:
        for piece, file, content in (("EV001", "Bail.pdf", pdf()), ("EV002", "Notes.txt", b"Appel du matin.\n")):
            (Path(name) / file).write_bytes(content)
            ask("attach", reference, piece, Path(name) / file, "--description", "Remis au guichet")
    perishing = {"label": "Les images", "held_by": "RESPONDENT", "perishes_on": str(today + timedelta(days=7))}
    ask("submit", reference, "add_piece", **perishing)

    ask("policy", "set", "--reason", "Everything shows at once", "--as", "pilote", **AT_ONCE)
    ask("policy", "rollout", "--as", "pilote")

    outbox, kept = checkout.folder / "outbox", checkout.folder / "histories"
    until(lambda: outbox.is_dir() and any(outbox.iterdir()), "a mail went out")
    until(lambda: kept.is_dir() and any(path.is_file() for path in kept.rglob("*")), "a history was put away")
    ask("seal")
    print(json.dumps(ask("verify", "--all", "--as", "auditeur"))[:600])


def pack(folder: Path, target: Path) -> None:
    """The folder of a stack that is down, with what it holds of each case; nothing of the machine."""
    for database in folder.glob("*.db"):
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")
    with closing(sqlite3.connect(folder / "aboutir.db")) as book:
        lines = "select reference, version, hash from book order by version"
        left = {reference: [version, hash.hex()] for reference, version, hash in book.execute(lines)}
    (folder / LEFT).write_text(json.dumps(left, indent=1, sort_keys=True) + "\n")
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_kept(path.relative_to(folder))]
    names = (f"@{socket.gethostname()}", str(ROOT), str(folder))
    ours = [path for path in files if path.name != "temporal.db"]  # the engine's own workers sign with their machine
    traces = {(path.name, name) for path in ours for name in names if name.encode() in path.read_bytes()}
    assert not traces, f"it tells of the machine that recorded it: {traces}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:xz", preset=9) as archive:
        for path in files:
            member = archive.gettarinfo(path, str(path.relative_to(folder)))
            member.uid = member.gid = member.mtime = 0
            member.uname = member.gname = ""
            with path.open("rb") as content:
                archive.addfile(member, content)
    assert target.stat().st_size < LARGEST, target.stat().st_size


def _is_kept(path: Path) -> bool:
    """False for what a stack makes anew at each start."""
    return path.parts[0] not in ("logs", "lock", "stack.json") and not path.name.endswith(("-wal", "-shm"))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
