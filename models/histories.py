"""Which stretches of which runs' histories are kept in our own storage, and what they must be like."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, insert, select

from models.tables import histories


@dataclass(frozen=True)
class KeptStretch:
    """A stretch of a run that was put away, and the digest that its file must have."""

    run_id: str
    first_event: int
    last_event: int
    ended: bool
    digest: bytes


_OF_CASE = (
    select(*(histories.c[name] for name in ("run_id", "first_event", "last_event", "ended", "digest")))
    .where(histories.c.reference == bindparam("reference"))
    .order_by(histories.c.kept_at, histories.c.run_id, histories.c.first_event)
)


def stretches(tx: Connection, reference: str) -> list[KeptStretch]:
    """The stretches that are kept of a case, in the order in which they were put away."""
    return [KeptStretch(*row) for row in tx.execute(_OF_CASE, {"reference": reference})]


def kept_up_to(tx: Connection, reference: str, run_id: str) -> tuple[int, bool]:
    """The last event of a run that is kept (0 when none is), and whether the run has ended with it."""
    query = (
        select(histories.c.last_event, histories.c.ended)
        .where(histories.c.reference == reference, histories.c.run_id == run_id)
        .order_by(histories.c.last_event.desc())
        .limit(1)
    )
    row = tx.execute(query).first()
    return (row.last_event, row.ended) if row else (0, False)


def add(
    tx: Connection, reference: str, run_id: str, first_event: int, last_event: int, *, ended: bool, digest: bytes
) -> None:
    """Notes a stretch that was put away. Raises IntegrityError when somebody noted one from the same event on."""
    row = {
        "reference": reference, "run_id": run_id, "first_event": first_event, "last_event": last_event,
        "ended": ended, "digest": digest, "kept_at": datetime.now(UTC),
    }  # fmt: skip
    tx.execute(insert(histories), [row])


def references_after(tx: Connection, after: str, limit: int) -> list[str]:
    """Cases of which something is kept, in order, after a reference."""
    query = (
        select(histories.c.reference)
        .distinct()
        .where(histories.c.reference > after)
        .order_by(histories.c.reference)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())
