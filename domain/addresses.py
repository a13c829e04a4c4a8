"""E-mail addresses to which a mail can be sent. Pure.

What was kept before this was checked stays readable: the type `domain.values.Email` alone does not refuse it.
"""

import re
import unicodedata

from domain.errors import Refused

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""A dot-atom (RFC 5321, 4.1.2). Few servers take anything else before the @, and none letters with accents surely."""
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_DEVIATING = frozenset("ßς\u200c\u200d")
"""Letters that the two editions of IDNA (RFC 3490, RFC 5891) write differently: nobody can tell which was meant."""


def deliverable(address: str) -> str | None:
    """The address as it travels, its domain in ASCII (IDNA); None if no mail can be sent to it."""
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    ascii_domain = _domain(domain)
    if not at or not _LOCAL.fullmatch(local) or len(local) > 64 or ascii_domain is None:
        return None
    whole = f"{local}@{ascii_domain}"
    return whole if len(whole) <= 254 else None


def _domain(text: str) -> str | None:
    labels = [_label(label) for label in re.split("[.。．]", text)]
    if len(labels) < 2 or not all(labels):
        return None
    last = labels[-1] or ""
    return None if last.isdigit() or len(last) < 2 else ".".join(label for label in labels if label)


def _label(text: str) -> str | None:
    """One part of a domain in ASCII."""
    if _DEVIATING & set(text):
        return None
    plain = unicodedata.normalize("NFKC", text).casefold()
    if not plain.isascii():
        if not all(letter.isalnum() or letter == "-" or unicodedata.combining(letter) for letter in plain):
            return None
        plain = "xn--" + plain.encode("punycode").decode("ascii")
    return plain if _LABEL.fullmatch(plain) and len(plain) <= 63 else None


def require_deliverable(address: str | None, field: str) -> None:
    """Raises Refused, naming the field, for an address to which no mail can be sent."""
    if address is None or deliverable(address) is not None:
        return
    raise Refused(
        "address_impossible",
        "{field}: no mail can be sent to this address.",
        "Check each letter: two dots in a row, a letter with an accent before the @ or a domain that is none.",
        field=field,
    )
