"""The link of a capability, to be sent: it is derived anew each time, and stored nowhere."""

from desk.histories import case_history
from desk.office import Office
from desk.views.link import LinkView
from domain.access import Access
from domain.actors import Actor
from domain.lifecycle import fold
from domain.parts.capability import RenewCapability, require_alive
from domain.permissions import require
from models.links import token_of


def link_of(office: Office, actor: Actor, reference: str, capability_id: str, *, why: str | None = None) -> LinkView:
    """The token of a capability of a case, for whoever may renew it; the journal notes first that they looked.

    Raises NotFound for a case that this account may not see, Refused for whoever may not renew it, and for a
    capability that is not there or has ended.
    """
    current = office.current(actor)
    case = fold(reference, case_history(office, current, reference, Access.EXPORT, why))
    require(current, RenewCapability, case)
    capability = case.capability(capability_id)
    require_alive(case, capability)
    return LinkView(
        reference=reference,
        capability=capability.id,
        until=capability.until,
        token=token_of(office.keys, reference, capability),
    )
