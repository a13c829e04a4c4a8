"""The ceremonies of passkeys (WebAuthn level 3): what is asked of a browser, and what its answer is worth."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

_LARGEST = 64 * 1024
"""Characters of an answer. Without attestation it has a few hundred."""


class NotVerified(Exception):
    """An answer is not one to this challenge, of this place, by this key, of a person who was verified."""


@dataclass(frozen=True)
class RelyingParty:
    """The place that passkeys are bound to."""

    id: str
    origin: str
    name: str
    """The name that browsers show of it."""


def registration_options(
    party: RelyingParty, account: str, handle: bytes, challenge: bytes, known: Sequence[bytes], lasts: timedelta
) -> dict[str, Any]:
    """What a browser is asked for to make a passkey: one that it finds by itself, and that verifies its person."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=handle,
        user_name=account,
        user_display_name=account,
        challenge=challenge,
        timeout=int(lasts.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
    )
    return _plain(options_to_json(options))


def assertion_options(
    party: RelyingParty, challenge: bytes, known: Sequence[bytes], lasts: timedelta
) -> dict[str, Any]:
    """What a browser is asked for to show a passkey: any of this place, or one of those that are known."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=int(lasts.total_seconds() * 1000),
        allow_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _plain(options_to_json(options))


@dataclass(frozen=True)
class Registered:
    """A passkey that was made."""

    credential: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class Answer:
    """The answer of a browser, of which nothing has been verified yet."""

    content: dict[str, Any]
    challenge: bytes
    credential: bytes
    handle: bytes | None


def read_answer(content: dict[str, Any]) -> Answer:
    """Reads which challenge, credential and account an answer names. Raises NotVerified for what is none."""
    try:
        if len(json.dumps(content)) > _LARGEST:
            raise NotVerified
        response = content["response"]
        client = json.loads(_decoded(response["clientDataJSON"]))
        handle = response.get("userHandle")
        return Answer(
            content=content,
            challenge=_decoded(client["challenge"]),
            credential=_decoded(content["rawId"]),
            handle=_decoded(handle) if handle else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise NotVerified from None


def verify_registration(party: RelyingParty, answer: Answer) -> Registered:
    """Verifies that a passkey was made, by a person who was verified. Raises NotVerified."""
    try:
        verified = verify_registration_response(
            credential=answer.content,
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - whatever a hostile answer provokes in the libraries that read it is a refusal
        raise NotVerified from None
    return Registered(verified.credential_id, verified.credential_public_key, verified.sign_count)


def verify_assertion(party: RelyingParty, answer: Answer, public_key: bytes, handle: bytes) -> int:
    """Verifies that a passkey was shown, by a person who was verified; gives its new count. Raises NotVerified.

    Whether the count goes up is looked at as it is written, so that of two at once one is refused.
    """
    if answer.handle is not None and answer.handle != handle:
        raise NotVerified
    try:
        verified = verify_authentication_response(
            credential=answer.content,
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - whatever a hostile answer provokes in the libraries that read it is a refusal
        raise NotVerified from None
    return verified.new_sign_count


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _plain(options: str) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(options)
    return plain
