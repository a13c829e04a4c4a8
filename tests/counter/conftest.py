"""Both teams of the desk's tests, at a counter."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.counter.serving import served
from tests.desk.scene import Scene, scene_on


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Both teams in one real book."""
    folder = tmp_path_factory.mktemp("counter")
    with closing(Database(sqlite_url(folder / "book.db"))) as database:
        migrate(database)
        yield scene_on(database, folder)


@pytest.fixture
async def place(scene: Scene, tmp_path: Path) -> AsyncIterator[Path]:
    """The socket at which both are served."""
    async with served(scene.office, tmp_path) as place:
        yield place
