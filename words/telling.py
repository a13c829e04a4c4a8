"""Facts that the domain tells in no language (`domain.telling`), put into one."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.vocabulary import Term
from words.happenings import Happenings

if TYPE_CHECKING:
    from domain.telling import Coded, Fact

_MOST = 8
"""The number of facts of a list that are told."""


class Telling(Happenings):
    """Words facts."""

    def fact(self, fact: "Fact") -> str:
        """A fact in words. Of several, the first ones; of what is not there, nothing."""
        from domain.law.grounds import GROUNDS, TollGround  # with the law: whoever tells no fact does not wait for it
        from domain.telling import Coded, Phrase, Within

        match fact:
            case None:
                return ""
            case Phrase():
                return self.say(fact.message, **{name: self._filling(value) for name, value in fact.facts.items()})
            case Coded():
                return self._coded(fact)
            case Within():
                return self.fact(fact.term).lower()
            case TollGround():
                return self.say(GROUNDS[fact].label)
            case Term():
                return self.say(fact.label)
            case datetime():
                return self.instant(fact)
            case date():
                return self.day(fact)
            case tuple():
                return self.some([self.fact(part) for part in fact if part is not None])
        return str(fact)

    def _filling(self, value: "Fact") -> object:
        """A fact inside a sentence: a number stays one, so that the sentence agrees with it."""
        return value if isinstance(value, int) and not isinstance(value, bool) else self.fact(value)

    def _coded(self, coded: "Coded") -> str:
        from domain.telling import Table

        named = {Table.LEVERS: self.lever, Table.LIMITS: self.limit}.get(coded.table)
        return named(coded.code) if named else self.piece(coded.code, None)

    @staticmethod
    def some(names: tuple[str, ...] | list[str], most: int = _MOST) -> str:
        """The first of several."""
        return ", ".join(names[:most]) + (" …" if len(names) > most else "")
