"""`worker.py` that seals nothing and asks for no key, to measure what encryption costs. For no real case."""

import asyncio

import kit.engine.temporal
import worker
from kit.crypto.vault import DataKey, new_material
from kit.process.leave import leave
from models.keys import CaseKeys

_KEY = DataKey("plain", new_material())


def take_encryption_out() -> None:
    """From this process, and for good."""
    kit.engine.temporal.converter = lambda _: kit.engine.temporal.DATA_CONVERTER  # type: ignore[assignment]
    DataKey.seal = lambda _, plain, __: plain  # type: ignore[method-assign]
    CaseKeys.of = lambda _, __: _KEY  # type: ignore[method-assign]


if __name__ == "__main__":
    take_encryption_out()
    leave(asyncio.run(worker.main()))
