"""Days that last a fraction of a second: the whole domain counts in them, on the real engine."""

from datetime import UTC, date, datetime, timedelta


def hasten(epoch: int, seconds: float) -> None:
    """Has a day last so many seconds from `epoch` on, in this process. Before anybody else takes from `domain`.

    A power of two loses nothing when days are counted back and forth.
    """
    from domain import values

    today = values.day_of(datetime.fromtimestamp(epoch, UTC))

    def day_of(instant: datetime) -> date:
        return today + timedelta(days=int((instant.timestamp() - epoch) // seconds))

    def at_opening(day: date) -> datetime:
        return datetime.fromtimestamp(epoch + (day - today).days * seconds, UTC)

    values.day_of = day_of
    from domain import dates

    dates.at_opening = at_opening  # type: ignore[assignment]
