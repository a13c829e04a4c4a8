"""Which version this is: said in pyproject.toml, and nowhere else."""

import tomllib
from pathlib import Path


def version() -> str:
    """The version of these sources."""
    project = Path(__file__).resolve().parent.parent / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
