"""Lists the Python files of a checkout that are measured, and parses them.

They are those that git would list (tracked, or new and not ignored); outside of a git checkout, all below the root.
Left out are tests, migrations, fixtures and generated code wherever they stand, hidden folders such as `.venv`, and of
the top-level folders the two that serve developers only: `bench` and `locales`.
"""

import ast
import subprocess
from dataclasses import dataclass
from pathlib import Path

TOP = "(top)"
"""Room of the files that stand beside the rooms, such as `worker.py`."""

_UNMEASURED = {"tests", "test", "migrations", "fixtures", "generated", "venv", "node_modules", "__pycache__"}
_UNMEASURED_ROOMS = {"bench", "locales"}
_GENERATED = ("@generated", "code generated", "do not edit")
_HEADER_LINES = 5


@dataclass(frozen=True)
class Source:
    """One Python file, read and parsed."""

    path: Path
    """Path below the root of the checkout."""
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """Top-level folder that the file belongs to."""
        parts = _importable(self.path)
        return parts[0] if len(parts) > 1 else TOP

    @property
    def module(self) -> str:
        """Dotted name that the file is imported by."""
        *packages, last = _importable(self.path.with_suffix(""))
        return ".".join(packages if last == "__init__" else [*packages, last])

    @property
    def is_package(self) -> bool:
        """True for an `__init__.py`."""
        return self.path.name == "__init__.py"

    @property
    def lines(self) -> int:
        """Number of lines, blank ones and comments included."""
        return len(self.text.splitlines())


def read(root: Path) -> list[Source]:
    """Parses the measured files below `root`, ordered by path; raises SyntaxError at the first that is not Python."""
    sources = []
    for path in sorted(filter(_is_measured, _listed(root))):
        text = (root / path).read_text(encoding="utf-8")
        if not _is_generated(text):
            sources.append(Source(path, text, ast.parse(text, filename=str(path))))
    return sources


def _listed(root: Path) -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py"]
    try:
        answer = subprocess.run(command, cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return [path.relative_to(root) for path in root.rglob("*.py")]
    listed = [Path(name) for name in answer.stdout.decode().split("\0") if name]
    return [path for path in listed if (root / path).is_file()]


def _is_measured(path: Path) -> bool:
    *folders, name = path.parts
    if any(folder in _UNMEASURED or folder.startswith(".") for folder in folders):
        return False
    if folders and folders[0] in _UNMEASURED_ROOMS:
        return False
    return not (name == "conftest.py" or name.startswith("test_") or name.endswith(("_test.py", "_pb2.py")))


def _is_generated(text: str) -> bool:
    comments = [line for line in text.splitlines()[:_HEADER_LINES] if line.startswith("#")]
    return any(mark in comment.lower() for comment in comments for mark in _GENERATED)


def _importable(path: Path) -> tuple[str, ...]:
    return path.parts[1:] if path.parts[0] == "src" else path.parts
