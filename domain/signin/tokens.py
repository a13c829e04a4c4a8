"""Opaque tokens: a kind that can be read, 256 bits that cannot be guessed, and the digest under which one is kept.

Sessions, capabilities and clients of the API, invitations and links that sign in once: all have this form, so that
whoever is brought a token knows where to look for it, and a token that was leaked is recognised by those who search
for such things.
"""

import hashlib
import re
import secrets
from enum import Enum
from typing import NamedTuple

_SIZE = 32  # bytes: 256 bits (OWASP ASVS 5.0, 7.2.3 asks for 128)


class Kind(Enum):
    """The kinds of tokens, each with the letters that it begins with."""

    SESSION = "abs"
    CAPABILITY = "abk"
    CLIENT = "abc"
    INVITATION = "abi"
    LINK = "abl"
    """It signs in once, in the embedded stack."""


_RANDOM = "[A-Za-z0-9_-]{43}"
_FORM = re.compile(rf"({'|'.join(kind.value for kind in Kind if kind is not Kind.CAPABILITY)})_{_RANDOM}")
_CAPABILITY = re.compile(
    rf"{Kind.CAPABILITY.value}_([0-9A-Z]{{4}}-[0-9A-Z]{{4}}-[0-9A-Z]{{4}})\.(K[1-9][0-9]{{0,3}})\.([1-9][0-9]{{0,5}})\.({_RANDOM})"
)
"""A capability is kept nowhere by its token, which therefore says where to look for it."""


class CapabilityToken(NamedTuple):
    """The token of a capability, taken apart."""

    reference: str
    id: str
    generation: int
    secret: str

    def __str__(self) -> str:
        return f"{Kind.CAPABILITY.value}_{self.reference}.{self.id}.{self.generation}.{self.secret}"


def capability_in(token: str) -> CapabilityToken | None:
    """The token of a capability, taken apart; None if it does not have the form of one."""
    form = _CAPABILITY.fullmatch(token)
    return CapabilityToken(form[1], form[2], int(form[3]), form[4]) if form else None


def new_token(kind: Kind) -> str:
    """A fresh token, of any kind but a capability's. It is told once, to its bearer; only its digest is kept."""
    return f"{kind.value}_{secrets.token_urlsafe(_SIZE)}"


def kind_of(token: str) -> Kind | None:
    """The kind of a token; None if it does not have the form of one."""
    if capability_in(token) is not None:
        return Kind.CAPABILITY
    form = _FORM.fullmatch(token)
    return Kind(form.group(1)) if form else None


def digest_of(token: str) -> str:
    """The digest under which a token is kept: SHA-256, in hexadecimal.

    A token is long and random, so that a plain digest cannot be turned back into it.
    """
    return hashlib.sha256(token.encode(errors="backslashreplace")).hexdigest()
