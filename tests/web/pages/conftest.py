"""Pages over a desk whose sign-in is the real one, and somebody who signs in there by a password with a code."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from counter.bearer import Resolvers
from counter.rates import Rates
from desk.signin.resolving import resolve, resolve_enrolling
from kit.storage.database import Database
from tests.counter.serving import served
from tests.people import WORKER
from tests.support.signing_in import Person, signin_office
from tests.web.visiting import Pages
from web.settings import PageSettings

Opened = AbstractAsyncContextManager[tuple[Pages, Person]]


@pytest.fixture
def signing_in(sqlite_database: Database, tmp_path: Path) -> Callable[[Rates | None], Opened]:
    """Opens them, at these rates or the real ones."""

    @asynccontextmanager
    async def opened(rates: Rates | None) -> AsyncIterator[tuple[Pages, Person]]:
        office = signin_office(sqlite_database)
        person = await Person(office, WORKER).with_password()
        async with served(office, tmp_path, rates, resolvers=Resolvers(resolve, resolve_enrolling)) as place:
            yield Pages(PageSettings(desk_socket=place)), person

    return opened
