"""What the tests of the audit share."""

import pytest


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is planted stays: there is no need to look at it for long."""
    monkeypatch.setattr("audit.verify.PAUSE", 0.05)
