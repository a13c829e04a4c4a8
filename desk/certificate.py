"""Giving the certificate that a case was erased."""

from desk.office import Office
from desk.views.certificate import CertificateView, ExportView
from domain.access import Access
from domain.actors import Actor
from domain.errors import Away, Refused
from domain.permissions import no_such_case
from models import book, cases, journal
from models.keys import JOURNAL

_MOST_EXPORTS = 1_000


def certificate_of(office: Office, actor: Actor, reference: str) -> CertificateView:
    """The certificate of a case that this account may see; the journal notes that it was asked for.

    Raises NotFound, Refused for a case that was not erased, Away while its key is still to be destroyed.
    """
    with office.writing_as(actor, reference) as (tx, actor):
        if cases.find_case(tx, actor, reference) is None:
            raise no_such_case()
        if (erasure := book.erasure(tx, reference)) is None:
            raise Refused("not_erased", "This case was not erased.", "Nothing to do.", field="reference")
        if (key := office.keys.destroyed(reference)) is None:
            raise Away("erasure_under_way", "The key of this case is about to be destroyed.", "Ask again in a moment.")
        line, facts = erasure
        key_of_journal = office.keys.of(JOURNAL)
        exports = journal.entries(tx, key_of_journal, reference=reference, access=Access.EXPORT, limit=_MOST_EXPORTS)
        journal.note(tx, key_of_journal, actor, Access.CERTIFICATE, reference=reference)
        return CertificateView(
            reference=reference,
            erased_at=line.recorded_at,
            erased_by=line.account,
            key_made_at=key.created_at,
            key_destroyed_at=key.destroyed_at,
            master_key=key.master_key,
            lines=line.version,
            head=line.line_hash.hex(),
            chain_holds=book.broken_link(tx, reference) is None,
            facts=facts,
            exports=tuple(
                ExportView(at=noted.at, account=noted.reading.account, file=noted.reading.file)
                for noted in reversed(exports)
                if noted.at <= line.recorded_at
            ),
        )
