"""Links by which somebody without an account comes to a case: derived when they are sent, and stored nowhere."""

import base64
import hmac
from datetime import datetime

from sqlalchemy import Connection

from domain.actors import UNKNOWN, Actor
from domain.capabilities import in_force
from domain.case import Case
from domain.lifecycle import fold
from domain.parts.capability import Capability
from domain.permissions import is_closed_to
from domain.signin.tokens import CapabilityToken, capability_in
from models import book
from models.keys import LINK, CaseErased, CaseKeys, NoKey


def token_of(keys: CaseKeys, reference: str, capability: Capability) -> str:
    """The token of a capability of the case of this reference. Renewed, it has another, and this one is not good."""
    secret = _secret(keys, reference, capability.id, capability.generation)
    return str(CapabilityToken(reference, capability.id, capability.generation, secret))


def _secret(keys: CaseKeys, reference: str, id: str, generation: int) -> str:
    """The secret of one link: an HMAC of what it stands for, under a key that nothing else uses.

    The key is the one that is stored now: the moment it is replaced, no process takes a link of before.
    """
    secret = keys.fresh(LINK).commitment(f"{reference}|{id}|{generation}".encode())
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def capability_of(tx: Connection, keys: CaseKeys, token: str, at: datetime) -> tuple[str, Capability] | None:
    """The reference and the capability that a token opens at this instant; None if it opens nothing.

    The secret is compared before a case is looked for: of a token that was made up, nothing depends on the book.
    """
    said = capability_in(token)
    if said is None or not _is_ours(keys, said):
        return None
    case = _case(tx, keys, said.reference)
    capability = None if case is None else in_force(case, said.id, at)
    if case is None or capability is None or capability.generation != said.generation:
        return None
    return None if is_closed_to(capability.actor(said.reference), case) else (said.reference, capability)


def named_by(tx: Connection, keys: CaseKeys, token: CapabilityToken) -> Actor:
    """Whoever a token that opens nothing was made for; UNKNOWN if it was made up, or made under a former key."""
    case = _case(tx, keys, token.reference) if _is_ours(keys, token) else None
    for capability in () if case is None else case.capabilities:
        if capability.id == token.id:
            return capability.actor(token.reference)
    return UNKNOWN


def _is_ours(keys: CaseKeys, said: CapabilityToken) -> bool:
    """True for a token that was made here, under the key of now."""
    expected = _secret(keys, said.reference, said.id, said.generation)
    return hmac.compare_digest(expected.encode(), said.secret.encode())


def _case(tx: Connection, keys: CaseKeys, reference: str) -> Case | None:
    try:
        entries = book.history(tx, keys, reference)
    except (CaseErased, NoKey):
        return None
    return fold(reference, entries) if entries else None
