"""The domain drags in no database, no engine, no logger: what a lawyer reads runs by itself."""

import subprocess
import sys

import pytest

HEAVY = ("sqlalchemy", "sqlmodel", "temporalio", "structlog", "kit", "models", "activities", "workflows", "holidays")
LOOK = (
    "import importlib, pkgutil, sys, domain\n"
    "every = [m.name for m in pkgutil.walk_packages(domain.__path__, 'domain.')]\n"
    "names = sys.argv[1].split(',') if sys.argv[1] else every\n"
    "[importlib.import_module(n) for n in names]\n"
    f"print(*sorted(set(m.split('.')[0] for m in sys.modules) & set({HEAVY!r})))"
)


@pytest.mark.parametrize("modules", ["domain.lifecycle", ""], ids=["the lifecycle", "every module of the domain"])
def test_importing_the_domain_imports_nothing_heavy(modules: str) -> None:
    said = subprocess.run([sys.executable, "-c", LOOK, modules], capture_output=True, text=True, check=True)
    assert said.stdout.split() == []
