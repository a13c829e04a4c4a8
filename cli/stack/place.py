"""Finding the book and the engine: in an embedded stack's folder, or by the settings of production."""

from pathlib import Path
from typing import Any

from bootstrap import office_of
from cli.stack.contents import DATABASE_FILE, MASTER_KEY_FILE, OUTBOX, book_missing, contents, nothing_there
from desk.office import Office
from kit.settings import Settings
from kit.storage.database import sqlite_url
from kit.storage.folder import DataFolder


def find(data: Path | None) -> Office:
    """The office to work from: a folder if one is named or no database is set, else what the settings say."""
    settings = Settings()
    if settings.database_url and data is None:
        return office_of(settings, settings.temporal_address)
    return _of_folder(data or settings.data, settings)


def _of_folder(folder: Path, settings: Settings) -> Office:
    there = contents(folder)
    if not there.book:
        raise book_missing(folder) if there.keys or there.engine else nothing_there(folder)
    stack = DataFolder(folder).read_stack()
    web = {"public_url": stack["web"]} if stack and stack.get("web") else {}
    settings = settings.model_copy(update=in_folder(folder) | web)
    return office_of(settings, stack["temporal"] if stack else None, folder)


def in_folder(folder: Path) -> dict[str, Any]:
    """The places in which an embedded stack keeps the book, the keys and mails, whatever the environment says."""
    return {
        "database_url": sqlite_url(folder / DATABASE_FILE),
        "database_password": None,
        "vault_url": "",
        "master_key": None,
        "master_key_file": folder / MASTER_KEY_FILE,
        "data": folder,
        "mail_outbox": folder / OUTBOX,
    }
