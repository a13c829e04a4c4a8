"""Encrypts whatever the engine is given to keep, each payload under the key of the workflow that it belongs to."""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol, Self

from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec, SerializationContext, WithSerializationContext

from kit.crypto.vault import DataKey

ENCODING = b"binary/aboutir-sealed-1"
"""What a sealed payload calls itself. Beside it stands, in clear, the name of its key."""

_KNOWN_AT_MOST = 10_000
"""Workflows whose converter is remembered."""


class Keyring(Protocol):
    """Where a codec finds its keys. It may block, but for `held`."""

    def name_for(self, workflow_id: str | None) -> str:
        """The name of the key under which a workflow's payloads are; one key for all that are no subject."""

    def held(self, name: str) -> DataKey | None:
        """A key that is at hand, without asking anybody."""

    def of(self, name: str) -> DataKey:
        """The key of that name. Raises an ordinary exception when there is none or the store does not answer."""


class SealingCodec(PayloadCodec, WithSerializationContext):
    """Seals every payload on its way to the engine; opens those that are sealed on their way back.

    It fails closed: without a key nothing is encoded. It never raises an ApplicationError: one that may not be tried
    again, raised from a codec, would end a workflow for good, when all that is missing may be a key store for a minute.
    """

    def __init__(self, keys: Keyring, name: str | None = None) -> None:
        self._keys = keys
        self._name = keys.name_for(None) if name is None else name

    def with_context(self, context: SerializationContext) -> Self:
        """The codec for the workflow that the context tells of."""
        name = self._keys.name_for(getattr(context, "workflow_id", None))
        return self if name == self._name else type(self)(self._keys, name)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seals each payload, whatever it says of itself, under this workflow's key."""
        key = await self._key(self._name)
        metadata = {"encoding": ENCODING, "key": key.name.encode()}
        place = _place(key.name)
        return [Payload(metadata=metadata, data=key.seal(p.SerializeToString(), place)) for p in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Opens what is sealed, each under the key that it names; leaves the rest as it is."""
        return [p if key_name(p) is None else await self._opened(p) for p in payloads]

    async def _opened(self, payload: Payload) -> Payload:
        key = await self._key(payload.metadata["key"].decode())
        return opened(payload, lambda _: key)

    async def _key(self, name: str) -> DataKey:
        held = self._keys.held(name)
        return held if held is not None else await asyncio.to_thread(self._keys.of, name)


def key_name(payload: Payload) -> str | None:
    """The name of the key under which a payload is sealed; None when it is not."""
    return payload.metadata["key"].decode() if payload.metadata.get("encoding") == ENCODING else None


def opened(payload: Payload, of: Callable[[str], DataKey]) -> Payload:
    """What was sealed into a payload; the payload itself when it was not sealed."""
    name = key_name(payload)
    return payload if name is None else Payload.FromString(of(name).open(payload.data, _place(name)))


def _place(name: str) -> str:
    return f"engine|{name}"


class SealingConverter(DataConverter):
    """A data converter that takes on a context by changing its codec only.

    The SDK asks for another context a dozen times a step, nearly always that of the same workflow, and builds all
    converters anew each time: these here have no use for it.
    """

    def with_context(self, context: SerializationContext) -> Self:
        """The same converter for one workflow."""
        codec = self.payload_codec
        if not isinstance(codec, SealingCodec):
            return self
        # Not a field: whoever is made of this one by `dataclasses.replace` is another, and begins afresh.
        known: dict[str | None, Self] = vars(self).setdefault("_known", {})
        workflow_id = getattr(context, "workflow_id", None)
        if (found := known.get(workflow_id)) is None:
            if len(known) >= _KNOWN_AT_MOST:
                known.clear()
            found = object.__new__(type(self))
            vars(found).update(vars(self), payload_codec=codec.with_context(context))
            known[workflow_id] = found  # last: half made, it would seal nothing
        return found


def sealing(plain: DataConverter, keys: Keyring) -> DataConverter:
    """The converter that seals what this one makes."""
    fields = {f.name: getattr(plain, f.name) for f in dataclasses.fields(plain) if f.init}
    return SealingConverter(**(fields | {"payload_codec": SealingCodec(keys)}))
