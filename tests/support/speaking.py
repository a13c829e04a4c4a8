"""Whoever reads what the command line prints."""

import pytest

from cli import say
from words import Words


def reads(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """Has the command line speak a language until the test ends."""
    monkeypatch.setattr(say._reader, "words", Words(language))
