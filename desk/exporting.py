"""Exporting a case as evidence: one sealed file that an auditor verifies without us. It is noted in the journal."""

from typing import TYPE_CHECKING

from desk.histories import case_history
from desk.office import Office, reachable_records
from desk.sealing import no_seal_key
from desk.views.bundle import Bundle
from domain.actors import Actor
from models.journal import Access

if TYPE_CHECKING:
    from kit.crypto.signing import SigningKey


async def export_bundle(office: Office, actor: Actor, reference: str, why: str | None = None) -> Bundle:
    """Everything that the book and the histories have of a case, signed. Without an engine, archived histories only.

    Raises NotFound for a case that this account may not see, Refused for one that was erased and where no key can sign.
    """
    from audit.bundle import bundle

    case_history(office, actor, reference, Access.EXPORT, why)
    key = _signing_key(office)
    with office.watched():
        records = await reachable_records(office)
        content, counts = await bundle(
            office.database, office.keys, records, reference, key, office.settings.seal_origin
        )
    return Bundle(content=content, **counts)


def _signing_key(office: Office) -> "SigningKey":
    key = office.signing_key
    if key is None:
        raise no_seal_key()
    return key
