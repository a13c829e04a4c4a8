"""Hashes of passwords: argon2id (RFC 9106), a few at a time, and as long for nobody's password as for somebody's."""

import asyncio
import base64
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_LANES = 4
_AT_ONCE = 2
_THREADS = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="argon2")
"""Each takes its memory for a tenth of a second: however many ask, two have it at once."""


class PasswordHasher:
    """Hashes and verifies, by the cost of the settings. A hash of another cost verifies too, and is made anew."""

    def __init__(self, memory_mb: int, rounds: int) -> None:
        memory = 1024 * memory_mb
        self._hasher = PasswordHash((Argon2Hasher(time_cost=rounds, memory_cost=memory, parallelism=_LANES),))
        salt, nothing = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
        self.nobodys = f"$argon2id$v=19$m={memory},t={rounds},p={_LANES}${salt}${nothing}"
        """A hash of no password, which costs as much to verify as any other."""

    async def hash(self, password: str) -> str:
        """The hash of a password."""
        return await asyncio.get_running_loop().run_in_executor(_THREADS, self._hasher.hash, password)

    async def verify(self, password: str, hash: str | None) -> tuple[bool, str | None]:
        """Tells whether it is the password of this hash; and its hash of today's cost, if that one has another.

        Without a hash it takes as long, and is not.
        """
        turn = asyncio.get_running_loop().run_in_executor
        return await turn(_THREADS, self._hasher.verify_and_update, password, hash or self.nobodys)


@cache
def password_hasher(memory_mb: int, rounds: int) -> PasswordHasher:
    """The hasher of this cost."""
    return PasswordHasher(memory_mb, rounds)
