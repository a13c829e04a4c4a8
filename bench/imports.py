"""Measures how fast two real files are imported: read and planned first, then opened and stepped through the desk."""

import asyncio
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from bench.lives import OPENER
from bench.say import progress
from cli.stack.embedded import ROOT, Running, embedded
from importer.known import known_in
from importer.mapping import load_mapping
from importer.rows import plan
from importer.run import run_import
from kit.engine.temporal import connect
from workflows.cases import CaseClient

NORMAL, QUICK = 250, 50

DATA = ROOT.parent / "shared" / "data"
FILES = {"receipt_wabo.csv": "receipt_wabo.toml", "us_doe_ocr_open_discrimination.csv": "us_doe_ocr.toml"}
"""The files, which are not in the repository (`docs/import.md` says where they come from), and their mappings."""


def missing() -> list[str]:
    """The files that are not here."""
    return [name for name in FILES if not (DATA / name).is_file()]


async def measure(folder: Path, cases: int) -> dict[str, Any]:
    """Imports the first `cases` cases of each file into a stack of its own."""
    figures: dict[str, Any] = {}
    for name in FILES:
        with tempfile.TemporaryDirectory(prefix="aboutir-bench-", dir=folder) as place:
            async with embedded(Path(place) / "data", 0, 0, lambda *_: None, asyncio.Event()) as running:
                progress(f"import: {name}")
                figures[name] = await _import(name, running, cases)
    return figures


async def _import(name: str, running: Running, cases: int) -> dict[str, Any]:
    began = time.perf_counter()
    planned = list(plan(DATA / name, load_mapping(ROOT / "examples" / FILES[name]), running.keys.digest))
    planning = time.perf_counter() - began
    desk = CaseClient(await connect(running.settings, running.keys), running.settings.task_queue, running.keys.mint)
    began = time.perf_counter()
    report = await run_import(islice(planned, cases), desk, OPENER, known_in(running.database, OPENER))
    importing = time.perf_counter() - began
    return {
        "cases_in_file": len(planned),
        "plan_per_s": len(planned) / planning,
        **report.as_dict(),
        "rows_per_s": report.rows / importing,
        "writes_per_s": (report.opened + report.commands) / importing,
    }
