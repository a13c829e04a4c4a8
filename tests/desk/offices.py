"""An office over a book of the tests, with the keys of the run and no engine."""

from pathlib import Path

from pydantic import SecretStr

from desk.office import Office
from kit.settings import Settings
from kit.storage.database import Database
from tests.support.servers import MASTER_KEY, VAULT_URL


def office_on(database: Database, folder: Path | None = None) -> Office:
    """An office over this database; its files are kept in the folder, if one is given."""
    settings = Settings(
        database_url=database.url.render_as_string(hide_password=False),
        vault_url=VAULT_URL,
        master_key_file=MASTER_KEY,
        files=str(folder / "files") if folder else "",
        seal_key=SecretStr("0" * 64),
    )
    return Office(database, settings, engine=None)
