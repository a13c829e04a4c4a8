"""The capabilities of a case, and their links: a link is derived anew each time it is sent, and stored nowhere."""

from datetime import UTC, datetime

from desk.histories import case_history
from desk.office import Office
from desk.views.link import CapabilitiesView, CapabilityView, LinkSent, LinkView
from domain.access import Access
from domain.actors import Actor
from domain.addresses import deliverable, require_deliverable
from domain.capabilities import in_force
from domain.case import Case
from domain.errors import Away, Refused
from domain.lifecycle import fold
from domain.messages.notices import Letter, link_letter, name_of
from domain.parts.capability import Capability, RenewCapability, require_alive
from domain.permissions import require
from domain.vocabulary import Audience
from models.links import token_of
from words import Words

PAGE = "access"
"""The page that a link opens."""


def list_capabilities(office: Office, actor: Actor, reference: str, *, why: str | None = None) -> CapabilitiesView:
    """Every capability of a case, those that have ended too, for its team.

    Raises NotFound for a case that this account may not see, Refused for whoever sees a part of it only.
    """
    case = fold(reference, case_history(office, actor, reference, Access.SHOW, why))
    at = datetime.now(UTC)
    return CapabilitiesView(capabilities=tuple(CapabilityView.of(each, case, at) for each in case.capabilities))


def link_of(office: Office, actor: Actor, reference: str, capability_id: str, *, why: str | None = None) -> LinkView:
    """The link of a capability of a case, for whoever may renew it; the journal notes first that it was made.

    Raises NotFound for a case that this account may not see, Refused for whoever may not renew it, and for a
    capability that is not there or opens nothing.
    """
    _case, capability = _to_be_sent(office, actor, reference, capability_id, why)
    return _link(office, reference, capability)


async def send_link(
    office: Office, actor: Actor, reference: str, capability_id: str, *, to: str | None = None, why: str | None = None
) -> LinkSent:
    """Mails the link of a capability to whoever it is for; neither the link nor the address is kept.

    The person is written to at the address of their complaint, unless `to` names another; a partner's is always named.
    Raises what `link_of` raises, Refused without an address of theirs or of our pages, Away when no server takes it.
    """
    case, capability = _to_be_sent(office, actor, reference, capability_id, why)
    address = _address_of(case, capability, to)
    link = _link(office, reference, capability)
    if link.address is None:
        raise Refused(
            "no_address_of_pages",
            "The address of the pages is not set, and the link leads to them.",
            "Whoever runs the service sets ABOUTIR_PUBLIC_URL.",
        )
    words = Words(_language(case, capability))
    letter = link_letter(link.address, words.day(capability.until), words.say)
    await _send(office, letter, address, f"link-{name_of(link.token, address)[:32]}")
    return LinkSent(reference=reference, capability=capability.id, until=capability.until)


def _to_be_sent(
    office: Office, actor: Actor, reference: str, capability_id: str, why: str | None
) -> tuple[Case, Capability]:
    """The case and a capability of it that opens something, once it is noted that its link is made."""
    with office.noting_denials(actor, reference):
        current = office.current(actor)
        case = fold(reference, case_history(office, current, reference, Access.LINK, why))
        require(current, RenewCapability, case)
    capability = case.capability(capability_id)
    require_alive(case, capability)
    if in_force(case, capability_id, datetime.now(UTC)) is None:
        raise Refused(
            "link_past",
            "The last day of {id} is past: its link opens nothing.",
            "Renew it until another day; that makes a new link.",
            field="capability",
            id=capability.id,
        )
    return case, capability


def _link(office: Office, reference: str, capability: Capability) -> LinkView:
    token, origin = token_of(office.keys, reference, capability), office.settings.origin
    return LinkView(
        reference=reference,
        capability=capability.id,
        until=capability.until,
        token=token,
        address=f"{origin}/{PAGE}/{token}" if origin else None,
    )


def _address_of(case: Case, capability: Capability, to: str | None) -> str:
    person = case.complaint.complainant if capability.audience is Audience.COMPLAINANT else None
    address = to if to is not None or person is None else person.email
    if address is None:
        raise Refused(
            "no_address_for_link",
            "Nobody knows to which address this link is to be sent.",
            "Give an address, or have the link shown and hand it over in another way.",
            field="to",
        )
    require_deliverable(address, "to")
    return deliverable(address) or address


def _language(case: Case, capability: Capability) -> str:
    """The language of ours that the person speaks; French for whoever speaks another, and for partners."""
    person = case.complaint.complainant if capability.audience is Audience.COMPLAINANT else None
    return "en" if person is not None and person.language == "en" else "fr"


async def _send(office: Office, letter: Letter, address: str, id: str) -> None:
    # Imported here: of all services this one alone mails.
    from kit.mail.mailbox import Mail, NotTaken, mailbox_of

    mail = Mail(id=id, to=address, subject=letter.subject, body=letter.body, at=datetime.now(UTC))
    try:
        await mailbox_of(office.settings).send(mail)
    except NotTaken as refusal:
        raise _not_taken(refusal.why) from None


def _not_taken(why: str) -> Refused | Away:
    if why == "ADDRESS_REFUSED":
        return Refused(
            "address_refused", "The mail server refuses this address.", "Check it letter by letter.", field="to"
        )
    return Away(
        "mail_not_sent",
        "No mail server has taken the link: nothing was sent.",
        "Try again, or have the link shown and hand it over in another way.",
    )
