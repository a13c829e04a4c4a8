"""The browser that tests are run in: the system's Chromium, else Debian's package, else Playwright's own download.

`python -m tests.support.browsers` brings one, and says in one line which.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
REQUIRED = "ABOUTIR_BROWSER_REQUIRED"
"""Set where a run without a browser is no run: tests fail there instead of being skipped."""
ABSENT = "there is no browser here: install Debian's chromium, or `python -m playwright install chromium`"
_PATIENCE = 300
"""Seconds that a package or a download may take."""


def program(own: str) -> str | None:
    """The program of a browser: the system's, else Playwright's `own` if that was downloaded; None for neither."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    return installed or (own if Path(own).is_file() else None)


def arguments() -> list[str]:
    """The arguments it starts with. Root, as which a container tests, has no sandbox; it opens our own pages alone."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


def find() -> tuple[str, str] | None:
    """The program of a browser and whose it is; None where there is none."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    there = program(own)
    return (there, "Playwright's own" if there == own else "the system's") if there else None


def bring() -> tuple[str, str] | None:
    """Finds a browser, or installs one where that is allowed."""
    if (found := find()) is not None:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        if _ran(install) or (_ran(["apt-get", "update"]) and _ran(install)):
            there = find()
            return (there[0], "Debian's package, installed now") if there else None
    _ran([sys.executable, "-m", "playwright", "install", "chromium"])
    return find()


def _ran(command: list[str]) -> bool:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=quiet, capture_output=True, timeout=_PATIENCE, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> None:
    """Says which browser the tests will have. Where there is none it is the tests that say what they make of it."""
    brought = bring()
    print("browser:", f"{brought[0]} ({brought[1]})" if brought else ABSENT)


if __name__ == "__main__":
    main()
