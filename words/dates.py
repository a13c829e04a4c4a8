"""Days and moments as they are written."""

from datetime import date, datetime, time

from words.french import WIDE, french_day, french_short_day, in_figures, in_full
from words.speech import Speech

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Not from `strftime`: that would name them in the language of the process."""


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Dates(Speech):
    """Writes dates: in figures, by the clock of Paris."""

    def day(self, day: date) -> str:
        """A calendar day: 31/03/2026 in French, 2026-03-31 elsewhere."""
        return in_figures(day) if self.language == "fr" else day.isoformat()

    def day_in_full(self, day: date) -> str:
        """A calendar day with the name of its month: 1er mars 2026, 1 March 2026."""
        return in_full(day) if self.language == "fr" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def weekday(self, day: date, *, year: bool = False) -> str:
        """A day with its weekday: vendredi 4 décembre. The year is written on demand."""
        if self.language == "fr":
            written = french_day(day)
        else:
            written = f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
        return f"{written} {day.year}" if year else written

    def short_weekday(self, day: date, *, year: bool = False) -> str:
        """The same for a column: ven. 4 déc."""
        if self.language == "fr":
            written = french_short_day(day)
        else:
            written = f"{_DAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}"
        return f"{written} {day.year}" if year else written

    def clock(self, at: time) -> str:
        """A time of day: 14 h 31."""
        if self.language == "fr":
            return f"{at.hour}{WIDE}h{WIDE}{at.minute:02}" if at.minute else f"{at.hour}{WIDE}h"
        return f"{at:%H:%M}"

    def instant(self, instant: datetime | None, *, minutes: bool = True) -> str:
        """A moment, in Paris; nothing for none."""
        if instant is None:
            return ""
        from domain.values import PARIS  # with its models: whoever tells no time does not wait for them

        local = instant.astimezone(PARIS)
        return f"{self.day(local.date())} {local:%H:%M}" if minutes else self.day(local.date())
