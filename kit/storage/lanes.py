"""Places without gaps for the rows that one connection adds, however many add to the same table and wait for nobody.

A sequence of the database leaves a gap wherever a transaction is rolled back; a counter in a row makes all wait for
whoever has it. A connection has one transaction at a time: its rows are numbered by itself.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event

LIFE = 24 * 3600.0
"""Seconds after which a connection begins another lane, so that what is known of old ones can be forgotten."""
_LANE = "lane"


@dataclass
class _Lane:
    name: str
    began: float
    last: int = 0


def next_place(tx: Connection) -> tuple[str, int]:
    """The lane of this connection, and the number in it of the next row that this transaction adds, from 1."""
    lane = tx.info.get(_LANE)
    if lane is None or time.monotonic() - lane.began > LIFE:
        lane = tx.info[_LANE] = _Lane(secrets.token_hex(16), time.monotonic())
    lane.last += 1
    return lane.name, lane.last


def keep_lanes(engine: Engine) -> None:
    """Has connections leave their lane at each rollback: the number that was taken back is missed by nobody."""

    @event.listens_for(engine, "rollback")
    def leave(connection: Connection) -> None:
        # What was invalidated has no connection any more, and its next one begins anew.
        info: dict[Any, Any] = {} if connection.invalidated else connection.info
        info.pop(_LANE, None)
