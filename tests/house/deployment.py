"""The files that production is deployed from."""

import fnmatch
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SCRIPTS = sorted((ROOT / "deploy").rglob("*.sh"))
DYNAMIC_CONFIG: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (ROOT / "deploy" / "temporal" / "dynamicconfig.yaml").read_text()
)

needs_engine = pytest.mark.skipif(
    not (BIN / "temporal").is_file(), reason="the dependency group `embedded` is not installed"
)


def as_it_is() -> dict[str, Any]:
    """The compose file."""
    return dict(yaml.safe_load(COMPOSE))


def enters_the_image(path: str) -> bool:
    """True if docker copies this path: the last line of .dockerignore that fits it, or a folder above, decides."""
    kept = True
    above = [str(parent) for parent in Path(path).parents if str(parent) != "."]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        exception, pattern = pattern.startswith("!"), pattern.removeprefix("!")
        tried = [pattern, pattern.removeprefix("**/")]
        if any(fnmatch.fnmatchcase(each, glob) for each in (path, *above) for glob in tried):
            kept = exception
    return kept
