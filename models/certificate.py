"""The certificate of destruction: what proves that a case was erased, when, by whom, and that its chain still holds."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from domain.actors import Actor
from domain.errors import Away, Refused
from domain.parts.erasure import CaseErased
from domain.permissions import no_such_case
from domain.values import Value
from models import book, journal
from models.cases import find_case
from models.journal import Access
from models.keys import JOURNAL, CaseKeys


class Certificate(Value):
    """That a case was erased. It holds nothing of a person but the accounts of those who did it."""

    reference: str
    erased_at: datetime
    erased_by: str
    key_made_at: datetime
    key_destroyed_at: datetime
    master_key: str
    """The id of the master key that had wrapped it last."""
    lines: int
    head: str
    """The hash of the last line of its history, in hexadecimal."""
    chain_holds: bool
    facts: CaseErased
    """What is kept for statistics."""

    @property
    def digest(self) -> str:
        """SHA-256 of the certificate as JSON: to be noted elsewhere."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def certificate_of(tx: Connection, keys: CaseKeys, actor: Actor, reference: str) -> Certificate:
    """The certificate of a case that this account may see. `tx` writes: asking for it is noted.

    Raises NotFound, Refused for a case that was not erased, Away while its key is still to be destroyed.
    """
    if find_case(tx, actor, reference) is None:
        raise no_such_case()
    if (found := book.erasure(tx, reference)) is None:
        raise Refused("not_erased", "This case was not erased.", "Nothing to do.", field="reference")
    if (key := keys.destroyed(reference)) is None:
        raise Away("erasure_under_way", "The key of this case is about to be destroyed.", "Ask again in a moment.")
    line, facts = found
    journal.note(tx, keys.of(JOURNAL), actor, Access.CERTIFICATE, reference=reference)
    return Certificate(
        reference=reference,
        erased_at=line.recorded_at,
        erased_by=line.account,
        key_made_at=key.created_at,
        key_destroyed_at=key.destroyed_at,
        master_key=key.master_key,
        lines=line.version,
        head=line.hash.hex(),
        chain_holds=book.broken_link(tx, reference) is None,
        facts=facts,
    )
