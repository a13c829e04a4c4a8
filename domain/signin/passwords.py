"""The rule for passwords: long, and not one of those that everybody tries. No rule of composition, no expiry.

After NIST SP 800-63B-4 (3.1.1.2) and the ANSSI's guide on authentication (R21 to R25, 2021).
"""

import re
import unicodedata
from bisect import bisect_left
from hashlib import sha256
from importlib.resources import files
from itertools import pairwise

from domain.errors import Invalid

SHORTEST, LONGEST = 12, 200
"""Characters. Passphrases are welcome; what is longer would only keep the processor busy."""


def normalised(password: str) -> str:
    """The password as it is hashed: the same however a keyboard composes its letters (NFKC)."""
    whole = password.encode(errors="replace").decode()  # half a character, which JSON can hold, is none
    return unicodedata.normalize("NFKC", whole)


def require_strong(password: str, account: str) -> None:
    """Refuses a password that would be guessed. It names the rule, and never the password."""
    text = normalised(password)
    folded = text.casefold()
    if len(text) < SHORTEST:
        raise Invalid(
            "password_short",
            "The password has fewer than {count} characters.",
            "Take four or five words that nobody would put together, for example.",
            field="password",
            count=SHORTEST,
        )
    if len(text) > LONGEST:
        raise Invalid(
            "password_long",
            "The password has more than {count} characters.",
            "Take a shorter one.",
            field="password",
            count=LONGEST,
        )
    if any(part in folded for part in _names(account)):
        raise Invalid(
            "password_names_account",
            "The password holds the name of the account.",
            "Take one that has nothing to do with you.",
            field="password",
        )
    if _is_common(folded) or _is_of_this_place(folded):
        raise Invalid(
            "password_common",
            "This password is one of those that are tried first.",
            "Take four or five words that nobody would put together, for example.",
            field="password",
        )


def _names(account: str) -> list[str]:
    """The name of an account and its parts, as far as they are long enough to tell of it."""
    return [part for part in {account, *re.split(r"[._-]", account)} if len(part) >= 4]


def _is_common(folded: str) -> bool:
    letters = _letters(folded)
    was_leaked = _was_leaked(folded) or (len(letters) >= 4 and _was_leaked(letters))
    return was_leaked or letters in _COMMON or _is_repeated(folded) or _is_run(folded)


def _letters(folded: str) -> str:
    return re.sub(r"[\W\d_]+", "", folded)


def _is_of_this_place(folded: str) -> bool:
    """True if little is left once the words of this service, its cities and its offices are taken out."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(letter))
    letters = _letters(plain)
    left = _WORDS_OF_THIS_PLACE.sub("", letters)
    return left != letters and len(left) < 5


def _was_leaked(text: str) -> bool:
    digest = sha256(text.encode()).digest()[:_DIGEST]
    place = bisect_left(range(len(_LEAKED) // _DIGEST), digest, key=_leaked)
    return _leaked(place) == digest


def _leaked(place: int) -> bytes:
    return _LEAKED[place * _DIGEST : (place + 1) * _DIGEST]


def _is_repeated(text: str) -> bool:
    """True for a short text said again and again: aaaaaaaaaaaa, 123412341234."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 5))


def _is_run(text: str) -> bool:
    """True for letters or figures in a row, up or down: abcdefghijkl, 098765432109."""
    steps = {(ord(second) - ord(first)) % 10 if text.isdigit() else ord(second) - ord(first)
             for first, second in pairwise(text)}  # fmt: skip
    return len(steps) == 1 and steps <= {1, -1, 9}


_COMMON = frozenset(files("domain.signin").joinpath("common_passwords.txt").read_text(encoding="utf-8").split())
"""What is left of the commonest passwords without their figures and signs."""
_DIGEST = 5
"""Bytes of SHA-256 that are kept of a leaked password: one of twenty million others is refused with it."""
_LEAKED = files("domain.signin").joinpath("leaked_passwords.bin").read_bytes()
"""Digests, in order, of the passwords that were leaked most often (SecLists, "10-million-password-list-top-1000000"),
folded: the 44,000 that are long enough here, and the letters of the first 10,000 without their figures and signs."""
_WORDS_OF_THIS_PLACE = re.compile(
    files("domain.signin").joinpath("words_of_this_place.txt").read_text(encoding="utf-8").strip().replace("\n", "|")
)
"""Words that somebody who knows this service would try, the longest first."""
