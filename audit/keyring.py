"""The key of a case, or the finding that there is none: a key that is lost is never taken for one destroyed."""

from kit.crypto.vault import KeyDestroyed, KeyUnknown, Tampered
from models.keys import CaseKey, CaseKeys


def key_or_why(keys: CaseKeys, reference: str) -> tuple[CaseKey | None, str]:
    """Gives the key; or None and the kind of finding that this is, unless the book says that the case was erased."""
    try:
        return keys.of(reference), ""
    except (KeyDestroyed, KeyUnknown):
        return None, "key_missing"
    except Tampered:
        return None, "key_damaged"
