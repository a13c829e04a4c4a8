"""An office in which people sign in, and what they do there: steps that tests of sign-in share."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyotp
from pydantic import SecretStr
from sqlalchemy import text

from desk.office import Office
from desk.signin.invitations import invite, use_invitation
from desk.signin.passkeys import add_passkey, begin_passkey
from desk.signin.passwords import add_password, begin_second_factor
from desk.signin.signing_in import begin_sign_in, sign_in_by_passkey, sign_in_by_password
from desk.views.signin import SignedIn
from domain.actors import OPERATOR, Actor
from domain.signin.visitor import Visitor, visitor_of
from kit.settings import Settings
from kit.storage.database import Database
from models.accounts import add_account
from models.keys import SIGN_IN
from tests.people import AUDITOR, COLLEAGUE, PARTNER_WORKER, SUPERVISOR, SUPERVISOR_AMP, WORKER
from tests.support.authenticator import Authenticator
from tests.support.servers import KEYS, MASTER_KEY, VAULT_URL

ORIGIN = "https://aboutir.exemple.fr"
PASSWORD = "quatre chevaux lisent dehors"  # noqa: S105
HERE = visitor_of("192.0.2.17", "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
ELSEWHERE = visitor_of("198.51.100.4", "curl/8")
TIMES = {
    "sessions": ("made_at", "used_at", "asked_at", "ends_at"),
    "challenges": ("expires_at",),
    "invitations": ("made_at", "expires_at"),
    "signin_tries": ("last_at", "forgotten_at"),
    "usual_places": ("until",),
    "api_clients": ("made_at", "expires_at"),
}
"""Every instant that sign-in goes by."""


def signin_office(database: Database, **settings: Any) -> Office:
    """An office with the accounts of the tests; passwords cost the least that is allowed."""
    wanted: dict[str, Any] = {"argon2_mb": 19, "argon2_rounds": 2, "public_url": ORIGIN} | settings
    office = Office(
        database,
        Settings(
            database_url=database.url.render_as_string(hide_password=False),
            vault_url=VAULT_URL,
            master_key_file=MASTER_KEY,
            seal_key=SecretStr("0" * 64),
            **wanted,
        ),
        engine=None,
    )
    KEYS.of(SIGN_IN)
    with database.write() as tx:
        for actor in (WORKER, COLLEAGUE, SUPERVISOR, SUPERVISOR_AMP, AUDITOR, PARTNER_WORKER):
            add_account(tx, actor)
    return office


@dataclass
class Person:
    """Somebody at a browser: their account, their means, and the session that they have."""

    office: Office
    actor: Actor
    visitor: Visitor = HERE
    device: Authenticator = field(default_factory=lambda: Authenticator(ORIGIN))
    secret: str = ""
    signed_in: SignedIn | None = None
    codes_used: int = 0

    @property
    def session(self) -> str:
        assert self.signed_in is not None
        return self.signed_in.session

    @property
    def token(self) -> str:
        assert self.signed_in is not None
        return self.signed_in.token

    def enrol(self) -> "Person":
        """Takes an invitation: their session can add a first means of sign-in."""
        invited = invite(self.office, OPERATOR, self.actor.account)
        self.signed_in = use_invitation(self.office, self.visitor, invited.token)
        return self

    def with_passkey(self, name: str = "Clé") -> "Person":
        """Adds a passkey; it begins a session of their own, if they have just enrolled."""
        if self.signed_in is None:
            self.enrol()
        ceremony = begin_passkey(self.office, self.actor, self.session)
        added = add_passkey(self.office, self.actor, self.session, name, self.device.make(ceremony.options))
        self.signed_in = added.signed_in or self.signed_in
        return self

    async def with_password(self, password: str = PASSWORD) -> "Person":
        """Sets a password with a second factor, likewise."""
        if self.signed_in is None:
            self.enrol()
        self.secret, self.codes_used = begin_second_factor(self.office, self.actor, self.session).secret, 0
        added = await add_password(self.office, self.actor, self.session, password, self.code())
        self.signed_in = added.signed_in or self.signed_in
        return self

    def code(self) -> str:
        """A code that was not used yet: the one of now, then the next one. After `later`, there are two again."""
        step = int(time.time()) // 30 + self.codes_used
        self.codes_used += 1
        return pyotp.TOTP(self.secret).generate_otp(step)

    def sign_in_by_passkey(self, visitor: Visitor | None = None, **wrong: Any) -> SignedIn:
        options = begin_sign_in(self.office, visitor or self.visitor).options
        return sign_in_by_passkey(self.office, visitor or self.visitor, self.device.show(options, **wrong))

    async def sign_in_by_password(
        self, password: str = PASSWORD, code: str | None = None, visitor: Visitor | None = None
    ) -> SignedIn:
        code = self.code() if code is None else code
        return await sign_in_by_password(self.office, visitor or self.visitor, self.actor.account, password, code)


def later(database: Database, passed: timedelta) -> None:
    """Lets time pass for sign-in: every instant that it goes by is put back by as much."""
    with database.write() as tx:
        for table, columns in TIMES.items():
            for column in columns:
                if database.is_sqlite:
                    moved = f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{passed.total_seconds()} seconds') || '000'"
                else:
                    moved = f"{column} - interval '{passed.total_seconds()} seconds'"
                tx.execute(text(f"update {table} set {column} = {moved} where {column} is not null"))  # noqa: S608
        steps = int(passed.total_seconds()) // 30
        tx.execute(text("update passwords set last_step = last_step - :steps"), {"steps": steps})
