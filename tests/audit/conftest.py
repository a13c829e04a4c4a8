"""Fixtures that the tests of the audit share."""

import pytest


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks again at once: what is planted stays."""
    monkeypatch.setattr("audit.verify.PAUSE", 0.05)
