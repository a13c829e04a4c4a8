"""Folds cases for the system's own work: nothing of any one may be told, and the journal notes no reader."""

from collections.abc import Iterator

from sqlalchemy import Connection

from domain.case import Case
from domain.lifecycle import fold
from models import book, cases
from models.keys import CaseKeys


def every_open_case(tx: Connection, keys: CaseKeys) -> Iterator[Case]:
    """Folds every open case, to be counted."""
    for reference in cases.open_references(tx):
        yield fold(reference, book.history(tx, keys, reference))


def case_in_care(tx: Connection, keys: CaseKeys, reference: str) -> Case:
    """Folds a case, for the care of its files' bytes. Raises Refused when it is erased."""
    return fold(reference, book.history(tx, keys, reference))
