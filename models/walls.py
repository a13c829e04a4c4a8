"""Rights of the role that works with the tables, on PostgreSQL. The role that owns them grants them."""

from sqlalchemy import Connection, inspect, text

ROLE = "aboutir"
"""The role of the workers and of the command line, when another owns the tables."""

APPEND_ONLY = frozenset(
    {
        "access_journal",
        "account_history",
        "book",
        "checkpoints",
        "declarations",
        "destroyed_keys",
        "histories",
        "key_stores",
        "leaves",
        "policies",
        "signin_record",
        "tokens",
    }
)
"""Tables that are only ever added to. Triggers refuse anything else to everybody; these grants refuse it to the role as
well, which cannot lift triggers on tables that are not its own."""

READ_ONLY = frozenset({"alembic_version"})


def grant(tx: Connection, role: str = ROLE) -> bool:
    """Grants the role what it needs on every table and no more; False if there is none, or it is the owner."""
    if tx.dialect.name == "sqlite":
        return False
    is_another = text("SELECT 1 FROM pg_roles WHERE rolname = :role AND rolname <> current_user")
    if tx.execute(is_another, {"role": role}).first() is None:
        return False
    tx.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    tx.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"))
    for table in inspect(tx).get_table_names():
        rights = "SELECT" if table in READ_ONLY else "SELECT, INSERT"
        if table not in APPEND_ONLY | READ_ONLY:
            rights += ", UPDATE, DELETE"
        tx.execute(text(f'REVOKE ALL ON "{table}" FROM {role}'))
        tx.execute(text(f'GRANT {rights} ON "{table}" TO {role}'))
    return True
