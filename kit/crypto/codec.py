"""Encrypts whatever the engine is given to keep, each payload under the key of the workflow that it belongs to.

A seal binds the payload to its namespace and workflow: put before another workflow, it does not open. A worker is
strict: it refuses what was not sealed for the very workflow that it runs. So whoever reaches the engine's port, and
holds no key, can ask nothing of a case.
"""

import asyncio
import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol, Self

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    EncodingPayloadConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)
from temporalio.exceptions import ApplicationError

from kit.crypto.vault import DataKey, KeyUnknown, Tampered

ENCODING = b"binary/aboutir-sealed-2"
"""The encoding of a sealed payload. Beside it stand, in clear, the name of its key, its namespace and its workflow."""
UNBOUND = b"binary/aboutir-sealed-1"
"""The encoding of seals made before they were bound to a workflow: they are bound by their key alone."""
REFUSED = b"binary/aboutir-refused"
"""The encoding under which a strict codec passes on what it does not let in."""

_REMEMBERED_AT_MOST = 10_000
"""Workflows whose converters are remembered."""


class Keyring(Protocol):
    """Gives a codec its keys. It may block, but for `held`."""

    def name_for(self, workflow_id: str | None) -> str:
        """The name of the key that seals a workflow's payloads; one key serves all workflows that are no subject."""

    def held(self, name: str) -> DataKey | None:
        """A key that is at hand, without asking anybody."""

    def of(self, name: str) -> DataKey:
        """The key of that name. Raises an ordinary exception when there is none or the store does not answer."""


@dataclass(frozen=True)
class Owner:
    """The workflow that a payload belongs to; empty when none is known."""

    namespace: str = ""
    workflow_id: str = ""

    @classmethod
    def told_by(cls, context: SerializationContext) -> "Owner":
        """The workflow that a context of the SDK tells of."""
        return cls(getattr(context, "namespace", None) or "", getattr(context, "workflow_id", None) or "")

    @cached_property
    def marks(self) -> dict[str, bytes]:
        """What a seal says of its owner, in clear. Made once: every message of a step is sealed with them."""
        return {"namespace": self.namespace.encode(), "workflow": self.workflow_id.encode()}

    def made(self, payload: Payload) -> bool:
        """True if a payload says that it was sealed for this workflow."""
        return all(payload.metadata.get(mark, b"") == value for mark, value in self.marks.items())

    def place(self, key: str) -> str:
        """The place that a seal under a key is bound to."""
        return _place(key, self.namespace, self.workflow_id)


@lru_cache(maxsize=_REMEMBERED_AT_MOST)
def _place(*names: str) -> str:
    # As JSON: no name of a key or a workflow can be written so that it reads as another pair.
    return json.dumps(["engine", *names])


class SealingCodec(PayloadCodec, WithSerializationContext):
    """Seals every payload on its way to the engine; opens those that are sealed on their way back.

    It fails closed: without a key nothing is encoded. It never raises an ApplicationError: one that may not be tried
    again, raised from a codec, would end a workflow for good, when all that is missing may be a key store for a minute.

    A strict one also refuses what is not sealed, or sealed for another workflow. It does not raise then, which would
    fail the whole task and stop the case: it passes the payload on under an encoding that only `RefusedPayloads` reads.
    """

    def __init__(self, keys: Keyring, owner: Owner | None = None, *, strict: bool = False) -> None:
        self._keys, self._owner, self._strict = keys, owner or Owner(), strict
        self._name = keys.name_for(self._owner.workflow_id or None)
        self._has_opened = self._has_refused = False

    def with_context(self, context: SerializationContext) -> Self:
        """The codec for the workflow that the context tells of."""
        owner = Owner.told_by(context)
        return self if owner == self._owner else type(self)(self._keys, owner, strict=self._strict)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seals each payload, whatever it says of itself, for this workflow and under its key."""
        key = await self._sealing_key()
        metadata = {"encoding": ENCODING, "key": key.name.encode(), **self._owner.marks}
        place = self._owner.place(key.name)
        return [Payload(metadata=metadata, data=key.seal(p.SerializeToString(), place)) for p in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Opens what is sealed. What is not is left as it is or, by a strict codec, refused."""
        return [await self._decoded(p) for p in payloads]

    async def _decoded(self, payload: Payload) -> Payload:
        name = key_name(payload)
        if self._strict and (name is None or not self._is_ours(payload, name)):
            return self.refuse()
        if name is None:
            return payload
        key = await self._key(name)
        try:
            content = _opened(payload, key, self._owner if self._owner.made(payload) else _owner(payload))
        except Tampered:
            if self._strict:
                return self.refuse()
            raise
        self._has_opened = True
        return content

    def refuse(self) -> Payload:
        """Gives what stands for a payload that is refused, or that should have come and did not."""
        self._has_refused = True
        return _REFUSED

    async def _sealing_key(self) -> DataKey:
        """The key of this workflow or, for a run of which nothing but forgeries came, the key of no subject.

        Somebody may start a workflow under a name that has no key. Its run holds nothing, and has to be able to fail.
        """
        try:
            return await self._key(self._name)
        except KeyUnknown:
            if self._has_opened or not self._has_refused:
                raise
            return await self._key(self._keys.name_for(None))

    def _is_ours(self, payload: Payload, name: str) -> bool:
        """True if a payload says that it was sealed for this workflow; opening it shows whether that is so."""
        if not self._owner.workflow_id:
            return True
        return name == self._name and (payload.metadata["encoding"] == UNBOUND or self._owner.made(payload))

    async def _key(self, name: str) -> DataKey:
        held = self._keys.held(name)
        return held if held is not None else await asyncio.to_thread(self._keys.of, name)


_REFUSED = Payload(metadata={"encoding": REFUSED})


class RefusedPayloads(EncodingPayloadConverter):
    """Says no in the place of a payload that a strict codec refused.

    It says so by an ApplicationError: an Update is then rejected, a signal dropped, a query answered with it, and a
    start ends that run alone. After any other exception the engine would try the same task again for ever.
    """

    @property
    def encoding(self) -> str:
        return REFUSED.decode()

    def to_payload(self, value: Any) -> Payload | None:  # noqa: ARG002 - nothing of ours is refused
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ARG002 - there is nothing to read
        raise ApplicationError("this was not sealed for this workflow", type="NotSealed")


def key_name(payload: Payload) -> str | None:
    """The name of the key under which a payload is sealed; None when it is not."""
    is_sealed = payload.metadata.get("encoding") in (ENCODING, UNBOUND)
    return payload.metadata["key"].decode(errors="replace") if is_sealed else None


def opened(payload: Payload, of: Callable[[str], DataKey]) -> Payload:
    """The payload that was sealed into this one; the payload itself when it was not sealed."""
    name = key_name(payload)
    if name is None:
        return payload
    return _opened(payload, of(name), _owner(payload))


def _opened(payload: Payload, key: DataKey, owner: Owner) -> Payload:
    name = key_name(payload) or ""
    place = f"engine|{name}" if payload.metadata["encoding"] == UNBOUND else owner.place(name)
    return Payload.FromString(key.open(payload.data, place))


def _owner(payload: Payload) -> Owner:
    names = (payload.metadata.get(field, b"").decode(errors="replace") for field in ("namespace", "workflow"))
    return Owner(*names)


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
        # Not a field: a copy that `dataclasses.replace` makes seals otherwise, and must not share these.
        converters: dict[Owner, Self] = vars(self).setdefault("_converters", {})
        owner = Owner.told_by(context)
        if (converter := converters.get(owner)) is None:
            if len(converters) >= _REMEMBERED_AT_MOST:
                converters.clear()
            converter = object.__new__(type(self))
            vars(converter).update(vars(self), payload_codec=codec.with_context(context))
            converters[owner] = converter  # last: half made, it would seal nothing
        return converter


def sealing(plain: DataConverter, keys: Keyring, *, strict: bool = False) -> DataConverter:
    """The converter that seals what this one makes. A strict one refuses what was not sealed for its workflow."""
    fields = {f.name: getattr(plain, f.name) for f in dataclasses.fields(plain) if f.init}
    return SealingConverter(**(fields | {"payload_codec": SealingCodec(keys, strict=strict)}))
