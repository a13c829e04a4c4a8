"""The handbook of the command line says what the commands say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_handbook_is_the_one_that_the_commands_make() -> None:
    check = [sys.executable, "-m", "cli.handbook", "--check"]
    made = subprocess.run(check, check=False, cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, f"docs/commands.md is out of date: run python -m cli.handbook. {made.stderr}"
