"""Days and moments as they are written."""

from datetime import date, datetime

from words.french import in_figures, in_full
from words.speech import Speech

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Not from `strftime`: that would name them in the language of the process."""


class Dates(Speech):
    """Writes dates: in figures, by the clock of Paris."""

    def day(self, day: date) -> str:
        """A calendar day: 31/03/2026 in French, 2026-03-31 elsewhere."""
        return in_figures(day) if self.language == "fr" else day.isoformat()

    def day_in_full(self, day: date) -> str:
        """A calendar day with the name of its month: 1er mars 2026, 1 March 2026."""
        return in_full(day) if self.language == "fr" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def instant(self, instant: datetime | None, *, minutes: bool = True) -> str:
        """A moment, in Paris; nothing for none."""
        if instant is None:
            return ""
        from domain.values import PARIS  # with its models: whoever tells no time does not wait for them

        local = instant.astimezone(PARIS)
        return f"{self.day(local.date())} {local:%H:%M}" if minutes else self.day(local.date())
