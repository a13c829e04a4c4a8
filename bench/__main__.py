"""`python -m bench [--quick] [--json FILE] [--folder DIR] [NAME...]`."""

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import audit, desk, encryption, files, footprint, herd, imports, say, speed
from kit.process.leave import leave

NAMES = ("speed", "encryption", "footprint", "files", "import", "audit", "desk", "herd")
USUAL = NAMES[:7]
"""A herd takes as long as all the others together, and is measured when it is named."""

# In memory, /tmp may be: writing there is safe in no time at all, and everything would look quicker than it is.
_ON_DISK = Path("/var/tmp")  # noqa: S108 - only the place where a private folder is made


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed and size, as ratios to references.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"what to measure: {', '.join(NAMES)} (default: {', '.join(USUAL)})"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds and cases: a rough look")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument(
        "--folder",
        type=Path,
        default=_ON_DISK if _ON_DISK.is_dir() else Path(tempfile.gettempdir()),
        metavar="DIR",
        help="where to make the stacks' folders: on the disk to be measured",
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}; there are: {', '.join(NAMES)}")
    return arguments


async def main(arguments: argparse.Namespace) -> None:
    """Measures what was asked for and tells it."""
    names, quick = arguments.names or USUAL, arguments.quick
    figures: dict[str, Any] = {"cores": os.cpu_count(), "python": platform.python_version(), "quick": quick}
    say.console.print(f"{figures['cores']} cores, Python {figures['python']}{', quick' if quick else ''}\n")
    began = time.perf_counter()
    if "speed" in names:
        figures["speed"] = await speed.measure(arguments.folder, speed.QUICK if quick else speed.NORMAL)
        say.speed(figures["speed"])
    if "encryption" in names:
        size = speed.QUICK if quick else speed.NORMAL
        figures["encryption"] = await encryption.measure(arguments.folder, size)
        say.encryption(figures["encryption"])
    if "footprint" in names:
        figures["footprint"] = await footprint.measure(arguments.folder, footprint.QUICK if quick else footprint.NORMAL)
        say.footprint(figures["footprint"])
    if "files" in names:
        figures["files"] = files.measure(arguments.folder, files.QUICK if quick else files.NORMAL)
        say.files(figures["files"])
    if "import" in names:
        if absent := imports.missing():
            say.console.print(f"import: left out, because {' and '.join(absent)} are not in {imports.DATA}.")
        else:
            figures["import"] = await imports.measure(arguments.folder, imports.QUICK if quick else imports.NORMAL)
            say.imports(figures["import"])
    if "herd" in names:
        figures["herd"] = await herd.measure(arguments.folder, herd.QUICK if quick else herd.NORMAL)
        say.herd(figures["herd"])
    if "audit" in names:
        figures["audit"] = await audit.measure(arguments.folder, audit.QUICK if quick else audit.NORMAL)
        say.audit(figures["audit"])
    if "desk" in names:
        figures["desk"] = await desk.measure(arguments.folder, desk.QUICK if quick else desk.NORMAL)
        say.desk(figures["desk"])
    figures["seconds"] = time.perf_counter() - began
    say.console.print(f"It took {figures['seconds']:.0f} s.")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main(_arguments()))
    leave(0)
