"""Both teams of the desk's tests, behind pages: the real book, the real counter at its socket, the real application."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kit.storage.database import Database, sqlite_url
from models.migrate import migrate
from tests.counter.serving import served
from tests.desk.scene import Scene, scene_on
from tests.web.visiting import Pages
from web.settings import PageSettings


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Both teams in one real book."""
    folder = tmp_path_factory.mktemp("web")
    with closing(Database(sqlite_url(folder / "book.db"))) as database:
        migrate(database)
        yield scene_on(database, folder)


@pytest.fixture
async def pages(scene: Scene, tmp_path: Path) -> AsyncIterator[Pages]:
    """The pages, over a counter that serves both."""
    async with served(scene.office, tmp_path) as place:
        yield Pages(PageSettings(desk_socket=place))
