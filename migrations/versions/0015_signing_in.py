"""Signing in: sessions, means, invitations, tries that failed, clients of the interface, and an append-only record."""

import sqlalchemy as sa
from alembic import op

from kit.storage.database import UtcDateTime

revision = "0015"
down_revision = "0014"


def _instant(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def upgrade() -> None:
    _sessions()
    _means()
    _tries()
    _clients()
    _record()


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("means", sa.String(20), nullable=False),
        sa.Column("device", sa.String(40), nullable=False),
        sa.Column("enrols", sa.Boolean(), nullable=False),
        _instant("made_at"),
        _instant("used_at"),
        _instant("asked_at", nullable=True),
        _instant("ends_at"),
        sa.PrimaryKeyConstraint("token"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_index("ix_sessions_ends_at", "sessions", ["ends_at"])
    op.create_table(
        "challenges",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("session", sa.String(16), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_challenges_expires_at", "challenges", ["expires_at"])
    op.create_table(
        "invitations",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("means", sa.String(20), nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        _instant("made_at"),
        _instant("expires_at"),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("ix_invitations_account", "invitations", ["account"])


def _means() -> None:
    op.create_table(
        "passkeys",
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        _instant("made_at"),
        _instant("used_at", nullable=True),
        sa.CheckConstraint("sign_count >= 0", name="passkeys_sign_count_counts"),
        sa.PrimaryKeyConstraint("credential"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["account"])
    op.create_table(
        "passwords",
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _instant("made_at"),
        sa.PrimaryKeyConstraint("account"),
    )


def _tries() -> None:
    op.create_table(
        "signin_tries",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("tried", sa.Float(), nullable=False),
        _instant("last_at"),
        _instant("forgotten_at"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_signin_tries_forgotten_at", "signin_tries", ["forgotten_at"])
    op.create_table(
        "usual_places",
        sa.Column("digest", sa.String(64), nullable=False),
        _instant("until"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_usual_places_until", "usual_places", ["until"])


def _clients() -> None:
    op.create_table(
        "api_clients",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("metropolis", sa.String(10), nullable=True),
        sa.Column("scopes", sa.String(400), nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        _instant("made_at"),
        _instant("expires_at"),
        _instant("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("secret"),
    )


def _record() -> None:
    op.create_table(
        "signin_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        _instant("at"),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("account", sa.String(40), nullable=True),
        sa.Column("by_account", sa.String(40), nullable=True),
        sa.Column("means", sa.String(20), nullable=True),
        sa.Column("about", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_signin_record_at", "signin_record", ["at"])
    op.create_index("ix_signin_record_account", "signin_record", ["account"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER signin_record_refuses_{verb.lower()} BEFORE {verb} ON signin_record "
                "BEGIN SELECT RAISE(ABORT, 'the record of sign-in is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION signin_record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the record of sign-in is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER signin_record_refuses_change BEFORE UPDATE OR DELETE ON signin_record "
            "FOR EACH ROW EXECUTE FUNCTION signin_record_is_append_only()"
        )
        op.execute(
            "CREATE TRIGGER signin_record_refuses_truncate BEFORE TRUNCATE ON signin_record "
            "FOR EACH STATEMENT EXECUTE FUNCTION signin_record_is_append_only()"
        )
