"""The database: SQLite embedded, PostgreSQL in production. Spoken to synchronously, in short transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, DateTime, Engine, create_engine, event, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import TypeDecorator

from kit.storage.lanes import keep_lanes
from kit.storage.patience import Patience

LONGEST_PATH = 504
"""Bytes of a SQLite file's path, made absolute: SQLite takes 512, of which it needs eight for the names beside it."""
_CUT_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"
_READ_ONLY = "25006"
"""SQLSTATE by which PostgreSQL refuses to write on a server that only reads."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, kept in UTC whatever the database makes of time zones. Refuses a naive datetime."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: in UTC, and without a zone where the database has none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is no instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database: always aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One database and its two ways in: `read()` and `write()`, each one transaction."""

    def __init__(
        self, url: str | URL, password: str | None = None, *, wipes: bool = False, patience: Patience | None = None
    ) -> None:
        """With `wipes`, SQLite overwrites what is deleted instead of leaving it in free pages."""
        self.url = make_url(url) if isinstance(url, str) else url
        self._wipes, self._patience = wipes, patience or Patience()
        if password:
            self.url = self.url.set(password=password)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql()
        self._writer = self.engine.execution_options(writes=True)  # shares the engine and its pool

    def _postgresql(self) -> Engine:
        engine = create_engine(
            self.url,
            pool_pre_ping=True,
            pool_size=8,
            pool_timeout=5,
            connect_args={"connect_timeout": 5, "options": self._patience.options, **self._patience.keepalives},
        )
        keep_lanes(engine)
        return engine

    def _sqlite(self) -> Engine:
        engine = create_engine(self.url, connect_args={"timeout": 10, "check_same_thread": False}, pool_timeout=5)

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: Any) -> None:
            # The driver's own transaction handling is switched off: "begin" below says exactly when one starts.
            connection.isolation_level = None
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")  # an acknowledged event survives a power cut
            connection.execute("PRAGMA foreign_keys=ON")
            if self._wipes:
                connection.execute("PRAGMA secure_delete=ON")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            # A writer takes the write lock at once: taking it halfway could fail after reading.
            writes = connection.get_execution_options().get("writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: all of it or nothing."""
        with self._writer.begin() as connection:
            yield connection

    def wipe(self, table: str) -> None:
        """Has the files let go of what was deleted or replaced in a table, as far as the database can.

        Raises OperationalError when somebody reads for so long that it cannot: to be done again.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.is_sqlite:
                # It does not fail: it tells whether it was kept from its work.
                kept_from_it = connection.exec_driver_sql(_CUT_LOG).one()[0]
                if kept_from_it:
                    raise OperationalError(_CUT_LOG, None, sqlite3.OperationalError("the log is being read"))
            else:
                connection.exec_driver_sql(f'VACUUM "{table}"')

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()


def beside(url: str | URL, suffix: str) -> URL:
    """The address of another database next to this one: the same name, with a suffix."""
    url = make_url(url) if isinstance(url, str) else url
    if url.get_backend_name() == "sqlite":
        path = Path(url.database or "")
        return url.set(database=str(path.with_name(f"{path.stem}-{suffix}{path.suffix}")))
    return url.set(database=f"{url.database}_{suffix}")


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file. No sign of its path means anything in it: neither ? nor # nor %."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def is_away(error: BaseException) -> bool:
    """True if the database could not be reached or was busy: nothing was written, and trying again can help."""
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | ConnectionError):
        return True
    # A server only reads while it is about to take over from another, or to give way to one.
    only_reads = getattr(getattr(error, "orig", None), "sqlstate", None) == _READ_ONLY
    return isinstance(error, DBAPIError) and (error.connection_invalidated or only_reads)


def is_damaged(error: BaseException) -> bool:
    """True if the file of the database is damaged, or is no database. Trying again does not help."""
    cause = getattr(error, "orig", None)
    damage = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) & 0xFF in damage


def is_conflict(error: BaseException) -> bool:
    """True if another process wrote the same first: nothing was written, and its row can be read now.

    No other constraint counts: what breaks a CHECK today breaks it tomorrow, and trying again would never end.
    """
    if not isinstance(error, IntegrityError):
        return False
    if isinstance(error.orig, sqlite3.IntegrityError):
        return error.orig.sqlite_errorname in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
    from psycopg.errors import UniqueViolation  # not where there is SQLite only

    return isinstance(error.orig, UniqueViolation)
