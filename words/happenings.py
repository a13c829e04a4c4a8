"""Names of what may be done to a case, of what happened to it, and of what it waits for."""

import re
from datetime import date
from typing import TYPE_CHECKING

from domain.vocabulary import DeadlineKind, Level
from words.dates import Dates
from words.french import spaced
from words.names import Names

if TYPE_CHECKING:
    from domain.counting import Sentence

_CLAUSE_END = re.compile(r"\s*[.:;,]")


def event_template(tag: str) -> str:
    """The name of an event, as the catalogue has it: its tag in words, without its version."""
    return tag.partition(".")[0].replace("_", " ").capitalize()


class Happenings(Names, Dates):
    """Names commands, events and deadlines."""

    def event(self, tag: str) -> str:
        """An event, by its tag."""
        return self.say(event_template(tag))

    def purpose(self, command: str) -> str:
        """The purpose of a command in a few words: the first clause of its description."""
        from domain.commands import COMMANDS

        return _CLAUSE_END.split(self.say(COMMANDS[command].explained()), maxsplit=1)[0]

    def awaited(self, kind: str, part: str | None, clock: str) -> str:
        """The matter of a deadline or an alert: its kind, and the part or time limit of the law concerned."""
        from domain.time.clock_id import count_over, limit_of

        what = self.label(kind, DeadlineKind)
        if (limit := limit_of(clock)) is not None:
            code, day = limit
            return self.say("{what}: {limit}, {day}", what=what, limit=self.limit(code), day=self.day(day))
        if (count := count_over(clock)) is not None:
            return f"{what} ({count})"
        return " ".join(filter(None, [what, part]))

    def alert(self, key: str) -> str:
        """An alert, by its key: what was awaited, on which part, and the level that was told."""
        from domain.time.clock_id import AlertKey, kind_of

        alert = AlertKey.parse(key)
        about = self.awaited(kind_of(alert.clock), alert.clock.part, str(alert.clock))
        return f"{about} · {self.label(alert.level, Level)}"

    def sentence(self, sentence: "Sentence") -> str:
        """A sentence of the domain, with its dates as they are written in this language."""
        return self.say(sentence.template, **{name: self._parameter(of) for name, of in sentence.params.items()})

    def _parameter(self, value: object) -> object:
        if isinstance(value, date):
            return self.day(value)
        # A text among the parameters is itself a message, or a citation: the name of a ground for tolling, an article.
        return spaced(self.say(value)) if isinstance(value, str) else value
