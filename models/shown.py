"""The rows of one case, whoever asks: for verification and rebuilding, never for a page."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from models import alerts, cases, files
from models.tables import alerts as alert_rows
from models.tables import blind_index, parties
from models.tables import cases as case_rows
from models.tables import files as file_rows

_MARKS = select(blind_index.c.digest).where(blind_index.c.reference == bindparam("reference"))
_FOLLOW = (parties, alert_rows, file_rows, blind_index)
"""The tables whose rows stand beside a case's own."""


@dataclass(frozen=True)
class Shown:
    """The rows of a case, in every table that follows from the book."""

    row: cases.ListedCase | None
    parties: frozenset[str]
    alerts: list[dict[str, Any]]
    files: list[dict[str, Any]]
    marks: frozenset[str]
    """The keyed digests by which it is found."""


def shown(tx: Connection, reference: str) -> Shown:
    """Gathers the rows of a case."""
    return Shown(
        row=cases.row_of(tx, reference),
        parties=cases.parties_of(tx, reference),
        alerts=alerts.rows_of(tx, reference),
        files=files.rows_of(tx, reference),
        marks=frozenset(tx.execute(_MARKS, {"reference": reference}).scalars()),
    )


def strays(tx: Connection) -> list[tuple[str, str]]:
    """Finds rows without a case: the table, and the reference that they name, in order."""
    homeless: list[tuple[str, str]] = []
    for table in _FOLLOW:
        is_shown = select(case_rows.c.reference).where(case_rows.c.reference == table.c.reference).exists()
        query = select(table.c.reference).where(~is_shown).distinct().order_by(table.c.reference)
        homeless += [(table.name, reference) for reference in tx.execute(query).scalars()]
    return homeless
