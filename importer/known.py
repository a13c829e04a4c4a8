"""What the book knows already of a file that is imported again."""

import asyncio
from collections.abc import Sequence

from domain.errors import Away
from importer.run import Known, Lookup
from kit.database import Database, is_away
from models.book import commands_recorded
from models.cases import opened_from


def known_in(database: Database) -> Lookup:
    """The lookup of an import into this database."""

    def look(keys: Sequence[str], ids: Sequence[str]) -> Known:
        try:
            with database.read() as tx:
                return Known(opened_from(tx, keys), frozenset(commands_recorded(tx, ids)))
        except Exception as error:
            if not is_away(error):
                raise
            raise Away(
                "database_away", "The database does not answer.", "Check that it is up, then run it again."
            ) from None

    async def lookup(keys: Sequence[str], ids: Sequence[str]) -> Known:
        return await asyncio.to_thread(look, keys, ids)

    return lookup
