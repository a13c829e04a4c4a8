"""Fresh PostgreSQL databases: made from a template, and given out again once nothing of their last test is left.

To make and to drop one takes up to half a second of the processor, for catalogs that are the same in each.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection

from tests.support.servers import Postgres

_NUMBERS = itertools.count(1)

_CATALOGS = (
    *("pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_type", "pg_namespace"),
    *("pg_rewrite", "pg_policy", "pg_default_acl", "pg_enum", "pg_extension", "pg_event_trigger", "pg_sequence"),
    *("pg_largeobject_metadata", "pg_statistic_ext", "pg_depend", "pg_publication"),
)
"""Catalogs of one database of which no row may have been written since it was copied."""
_OF_RELATIONS = (
    "oid, relname, relnamespace, relowner, relkind, relacl, reloptions, relhasindex, relchecks, relhastriggers"
)
_STATE = " union all ".join(
    [
        *(f"select '{name}', count(*), sum(hashtext(ctid::text || xmin::text)) from {name}" for name in _CATALOGS),  # noqa: S608
        f"select 'pg_class', count(*), sum(hashtext(({_OF_RELATIONS})::text)) from pg_class",  # noqa: S608
        "select 'settings', count(*), sum(hashtext(s::text)) from pg_db_role_setting s where setdatabase in "
        "(0, (select oid from pg_database where datname = current_database()))",
        "select 'database', count(*), sum(hashtext((datacl, datconnlimit, datallowconn)::text)) from pg_database "
        "where datname = current_database()",
        "select 'prepared', count(*), 0 from pg_prepared_xacts where database = current_database()",
    ]
)
"""What tests may change besides rows: with another answer than that of the template, a database is thrown away."""
_TABLES = """
    select c.oid::regclass::text from pg_class c
    where relkind = 'r' and relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    order by 1
"""
_SEQUENCES = "select format('%I.%I', schemaname, sequencename), start_value, last_value from pg_sequences order by 1"


class Fresh:
    """Databases that are each a copy of a template, which nobody is connected to."""

    def __init__(self, server: Postgres, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[str] = []
        with self._connection(template) as connection:
            self._state = _rows(connection, _STATE)
            self._sequences = _rows(connection, _SEQUENCES)
            self._tables = [str(name) for (name,) in _rows(connection, _TABLES)]
            self._content = {name: _copied(connection, name) for name in self._filled(connection)}

    @contextmanager
    def one(self) -> Iterator[str]:
        """The URL of a database that is as the template, for as long as the block runs."""
        name = self._free.pop() if self._free else self._made()
        yield self._server.url(name)
        if self._is_as_before(name):
            self._free.append(name)
        else:
            self._server.run(f"drop database if exists {name} with (force)")

    def _made(self) -> str:
        name = f"{self._template}_{next(_NUMBERS)}"
        # Copied file by file: page by page, through the log, takes twice the processor.
        self._server.run(f"create database {name} template {self._template} strategy file_copy")
        return name

    def _connection(self, name: str) -> "Connection[tuple[object, ...]]":
        return psycopg.connect(self._server.url(name).replace("+psycopg", ""), connect_timeout=10)

    def _filled(self, connection: "Connection[tuple[object, ...]]") -> list[str]:
        """The tables that have a row."""
        asked = " union all ".join(
            f"select '{name}' where exists (select from {name})"  # noqa: S608 - names of its own tables
            for name in self._tables
        )
        return [str(name) for (name,) in _rows(connection, asked)]

    def _is_as_before(self, name: str) -> bool:
        """True once the database has the rows of the template again; False if it cannot be had that way."""
        try:
            with self._connection(name) as connection:
                connection.execute(
                    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                    "where datname = current_database() and pid <> pg_backend_pid()"
                )
                if _rows(connection, _STATE) != self._state:
                    return False
                connection.execute("set local session_replication_role = replica")  # lines are guarded by triggers
                for table in self._filled(connection):
                    connection.execute(f"delete from {table}")  # noqa: S608 - a name of its own tables
                for table, content in self._content.items():
                    with connection.cursor().copy(f"copy {table} from stdin (format binary)") as copy:
                        copy.write(content)
                for sequence, start, last in self._sequences:
                    connection.execute("select setval(%s, %s, %s)", (sequence, last or start, last is not None))
                return True
        except psycopg.Error:
            return False


def _rows(connection: "Connection[tuple[object, ...]]", query: str) -> list[tuple[object, ...]]:
    return sorted(connection.execute(query).fetchall(), key=str)  # type: ignore[call-overload]


def _copied(connection: "Connection[tuple[object, ...]]", table: str) -> bytes:
    with connection.cursor().copy(f"copy {table} to stdout (format binary)") as copy:
        return b"".join(bytes(part) for part in copy)
