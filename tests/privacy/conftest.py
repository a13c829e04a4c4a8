"""A real embedded stack that is attacked: cases of two metropolises, and people who may see them or may not."""

import signal
from collections.abc import Iterator

import pytest

from tests.privacy.attacked import Attacked
from tests.support.starter import Folder


@pytest.fixture(scope="package")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """The stack, with what there is to be had in it."""
    folder = Folder(tmp_path_factory.mktemp("attacked") / "data")
    addresses = folder.up()
    try:
        with Attacked(folder, addresses) as attacked:
            yield attacked
        assert not [line for line in folder.logs().splitlines() if "Canari" in line], "a name in the logs"
    finally:
        folder.end(signal.SIGTERM)
