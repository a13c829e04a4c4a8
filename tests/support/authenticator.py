"""A software authenticator: it makes passkeys and shows them as a browser would, with real keys and signatures."""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one passkey (ES256). What it does wrongly is asked for by name."""

    origin: str
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    sign_count: int = 0
    counts: bool = True
    """False for one that always says zero, as those that are synchronised between devices do."""
    handle: bytes = b""
    rp_id: str = ""

    def make(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        """Makes the passkey; gives what the browser would send."""
        self.rp_id, self.handle = options["rp"]["id"], decoded(options["user"]["id"])
        client = self._client("webauthn.create", options["challenge"], wrong)
        attested = b"\0" * 16 + struct.pack(">H", len(self.credential)) + self.credential + self._public()
        data = self._data(_ATTESTED, wrong) + attested
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer({"clientDataJSON": encoded(client), "attestationObject": encoded(cbor2.dumps(statement))})

    def show(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        """Shows the passkey; gives what the browser would send."""
        if self.counts:
            self.sign_count += 1
        client = self._client("webauthn.get", options["challenge"], wrong)
        data = self._data(0, wrong)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        if wrong.get("tampered"):
            client = client.replace(b"}", b', "more": 1}')
        return self._answer(
            {
                "clientDataJSON": encoded(client),
                "authenticatorData": encoded(data),
                "signature": encoded(signature),
                "userHandle": encoded(wrong.get("handle", self.handle)),
            }
        )

    def _client(self, kind: str, challenge: str, wrong: dict[str, Any]) -> bytes:
        said = {
            "type": wrong.get("kind", kind),
            "challenge": wrong.get("challenge", challenge),
            "origin": wrong.get("origin", self.origin),
        }
        return json.dumps(said).encode()

    def _data(self, flags: int, wrong: dict[str, Any]) -> bytes:
        rp = hashlib.sha256(wrong.get("rp_id", self.rp_id).encode()).digest()
        flags |= _PRESENT | (0 if wrong.get("unverified") else _VERIFIED)
        return rp + struct.pack(">BI", flags, wrong.get("sign_count", self.sign_count))

    def _public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        name = encoded(self.credential)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
