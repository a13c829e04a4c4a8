"""Calls of each service of sign-in: with a session of the holder of a corner, who alone may ask with it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyotp
from sqlalchemy import text

from desk.signin.asking_again import begin_asking_again
from desk.signin.clients import issue_client
from desk.signin.common import limits_of
from desk.signin.passkeys import add_passkey, begin_passkey
from desk.signin.passwords import add_password, begin_second_factor
from domain.actors import OPERATOR
from domain.vocabulary import Means
from models.signin import sessions
from tests.desk.scene import Corner, Scene
from tests.support.authenticator import Authenticator
from tests.support.signing_in import HERE, PASSWORD

Call = Callable[[Scene, Corner], dict[str, Any]]


def _session(scene: Scene, corner: Corner) -> str:
    with scene.office.writing() as tx:
        at, limits = datetime.now(UTC), limits_of(scene.office)
        _, session = sessions.make(tx, corner.holder.account, Means.PASSKEY, "Firefox", at, limits)
    return session


def _with_session(**others: Any) -> Call:
    return lambda scene, corner: {"session": _session(scene, corner), **others}


def _adding_passkey(scene: Scene, corner: Corner, device: Authenticator | None = None) -> dict[str, Any]:
    session = _session(scene, corner)
    options = begin_passkey(scene.office, corner.holder, session).options
    device = device or Authenticator(scene.office.settings.origin)
    return {"session": session, "name": "Clé", "answer": device.make(options)}


def _removing_passkey(scene: Scene, corner: Corner) -> dict[str, Any]:
    with scene.office.writing() as tx:
        tx.execute(text("delete from passkeys"))  # an account has twenty at most
    for _ in range(2):
        call = _adding_passkey(scene, corner)
        added = add_passkey(scene.office, corner.holder, **call)
    return {"session": call["session"], "passkey": added.means.passkeys[0].id}


def _showing_passkey(scene: Scene, corner: Corner) -> dict[str, Any]:
    with scene.office.writing() as tx:
        tx.execute(text("delete from passkeys"))
        tx.execute(text("delete from signin_tries"))
    device = Authenticator(scene.office.settings.origin)
    call = _adding_passkey(scene, corner, device)
    add_passkey(scene.office, corner.holder, **call)
    options = begin_asking_again(scene.office, corner.holder, call["session"]).options
    return {"session": call["session"], "visitor": HERE, "answer": device.show(options)}


def _setting_password(scene: Scene, corner: Corner) -> dict[str, Any]:
    session = _session(scene, corner)
    secret = begin_second_factor(scene.office, corner.holder, session).secret
    return {"session": session, "password": PASSWORD, "code": pyotp.TOTP(secret).now()}


def _typing_password(scene: Scene, corner: Corner) -> dict[str, Any]:
    call = _setting_password(scene, corner)
    asyncio.run(add_password(scene.office, corner.holder, **call))
    with scene.office.writing() as tx:
        tx.execute(text("update passwords set last_step = 0"))
        tx.execute(text("delete from signin_tries"))
    return call | {"visitor": HERE}


def _removing_password(scene: Scene, corner: Corner) -> dict[str, Any]:
    add_passkey(scene.office, corner.holder, **_removing_first(scene, corner))
    return {"session": _typing_password(scene, corner)["session"]}


def _removing_first(scene: Scene, corner: Corner) -> dict[str, Any]:
    with scene.office.writing() as tx:
        tx.execute(text("delete from passkeys"))
    return _adding_passkey(scene, corner)


def _revoking(scene: Scene, corner: Corner) -> dict[str, Any]:
    return {"client": issue_client(scene.office, OPERATOR, "Guichet", "asso", scopes=["cases:read"]).client.id}


def _ending(scene: Scene, corner: Corner) -> dict[str, Any]:
    session = _session(scene, corner)
    return {"session": session, "ended": session}


CALLS: dict[str, Call] = {
    "asking_again.ask_again_by_passkey": _showing_passkey,
    "asking_again.ask_again_by_password": _typing_password,
    "asking_again.begin_asking_again": _with_session(),
    "clients.issue_client": lambda _scene, corner: {
        "name": "Guichet",
        "metropolis": corner.holder.metropolis,
        "organisation": "asso",
        "scopes": ["cases:read"],
    },
    "clients.list_clients": lambda _scene, _corner: {},
    "clients.revoke_client": _revoking,
    "invitations.invite": lambda _scene, corner: {"account": corner.holder.account},
    "invitations.sign_in_link": lambda _scene, corner: {"account": corner.holder.account},
    "means.own_means": _with_session(),
    "means.remove_passkey": _removing_passkey,
    "means.remove_password": _removing_password,
    "passkeys.add_passkey": _adding_passkey,
    "passkeys.begin_passkey": _with_session(),
    "passwords.add_password": _setting_password,
    "passwords.begin_second_factor": _with_session(),
    "reading.own_record": lambda _scene, _corner: {},
    "reading.read_record": lambda _scene, corner: {"account": corner.holder.account},
    "sessions.end_own_sessions": _with_session(),
    "sessions.end_session": _ending,
    "sessions.end_sessions": lambda _scene, corner: {"account": corner.holder.account},
    "sessions.list_sessions": lambda _scene, _corner: {},
    "sessions.own_sessions": _with_session(),
}
"""The arguments of a call of each service that somebody with an account asks."""

OF_NOBODY_YET: dict[str, str] = {
    "signin.resolving.resolve": "the token tells who asks",
    "signin.resolving.resolve_enrolling": "the token tells who asks",
    "signin.signing_in.begin_sign_in": "it draws a challenge, which is the same for everybody",
    "signin.signing_in.sign_in_by_passkey": "the passkey tells who asks",
    "signin.signing_in.sign_in_by_password": "the password and the code tell who asks",
    "signin.invitations.look_at_invitation": "the invitation tells whom it is for",
    "signin.invitations.use_invitation": "the invitation tells whom it is for",
    "signin.invitations.sign_in_by_link": "the link tells who asks",
}
"""Services that somebody asks who is nobody yet, each with what tells who they are. They know of no case."""

_STEP = "a step of the services of sign-in, in a transaction of theirs"
STEPS_OF_SIGN_IN: dict[str, str] = {
    "signin.common.begin_session": _STEP,
    "signin.common.cannot_sign_in": "the words of a refusal",
    "signin.common.full_session_of": _STEP,
    "signin.common.has_to_wait": "the words of a refusal",
    "signin.common.hasher_of": "it composes what hashes, from the settings",
    "signin.common.key_of": "the key of sign-in, which services are given from here",
    "signin.common.limits_of": "limits of the settings",
    "signin.common.promoted": _STEP,
    "signin.common.relying_party": "a name of the settings",
    "signin.common.session_of": _STEP,
    "signin.common.session_that_changes_means": _STEP,
    "signin.means.count_means": _STEP,
    "signin.means.means_of": _STEP,
    "signin.resolving.resolve_in": "it resolves a token in a transaction of its caller's",
    "signin.verifying.accepted": _STEP,
    "signin.verifying.asking_again": "a value",
    "signin.verifying.shown_passkey": _STEP,
    "signin.verifying.typed_password": _STEP,
}
"""Public functions of sign-in that are no services."""
