"""A client of the cases that looks before it decides, as people do."""

from typing import Any

from domain.actors import Actor
from domain.exchange.cases import Receipt
from domain.parts.base import Command
from kit.storage.database import Database
from models.cases import row_of
from workflows.cases import CaseClient


class Looking(CaseClient):
    """Names the version at which the book has the case with each decision that cannot be undone."""

    def __init__(self, database: Database, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._book = database

    async def submit(
        self,
        reference: str,
        command: Command,
        actor: Actor,
        *,
        command_id: str | None = None,
        expected_version: int | None = None,
    ) -> Receipt:
        if command.irreversible and expected_version is None:
            expected_version = version_of(self._book, reference)
        return await super().submit(reference, command, actor, command_id=command_id, expected_version=expected_version)


def version_of(database: Database, reference: str) -> int:
    """The version of a case in the book; 0 for none."""
    with database.read() as tx:
        row = row_of(tx, reference)
    return row.version if row else 0
