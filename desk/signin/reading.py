"""The record of sign-in, read: by auditors whole, by everybody the lines that are about their own account."""

from desk.office import Office
from desk.views.signin import SignInLine, SignInRecord
from domain.actors import Actor
from domain.permissions import require_record_reader
from domain.signin.kept import Line
from models.signin import record

MOST = 1_000


def read_record(office: Office, actor: Actor, account: str | None = None, limit: int = 100) -> SignInRecord:
    """The last lines, of one account if it is named. Raises Refused for whoever is no auditor."""
    with office.reading_as(actor) as (tx, actor):
        require_record_reader(actor)
        return _record(record.lines(tx, account, min(limit, MOST)))


def own_record(office: Office, actor: Actor, limit: int = 100) -> SignInRecord:
    """The last lines about the account that asks: what it did, and what others did for it."""
    with office.reading_as(actor) as (tx, actor):
        return _record(record.lines(tx, actor.account, min(limit, MOST)))


def _record(lines: list[Line]) -> SignInRecord:
    return SignInRecord(lines=tuple(SignInLine.of(line) for line in lines))
