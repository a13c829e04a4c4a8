"""Facts that the domain tells in no language (`domain.telling`), put into one."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from domain.vocabulary import Term
from words.happenings import Happenings

if TYPE_CHECKING:
    from domain.parts.base import Event
    from domain.telling import Coded, Fact

_NO_END = 10_000
_MOST = 8
"""The number of facts of a list that are told."""

_IDS = frozenset({"id", "key", "clock"})
"""Fields that only say again which part it is."""


class Telling(Happenings):
    """Words facts."""

    def told(self, event: "Event") -> tuple[list[str], list[str]]:
        """An event in words: its facts, each whole, and the texts that somebody wrote about it."""
        from domain.shown import facts

        told: list[str] = []
        written: list[str] = []
        for fact in facts(event):
            text = self.fact(fact, most=_NO_END)
            (written if _may_be_written(fact) and " " in text else told).append(text)
        return told, written

    def fact(self, fact: "Fact", most: int = _MOST) -> str:
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
                return self.some([self.fact(part) for part in fact if part is not None], most)
        return str(fact)

    def held(self, value: Any) -> str:
        """What a field of a case holds; a dash for what is not there. Of a part, all but the fields that name it."""
        from domain.telling import named
        from domain.values import Value

        match value:
            case None | ():
                return "-"
            case bool():
                return self.say("yes") if value else self.say("no")
            case tuple():
                return ", ".join(self.held(part) for part in value)
            case Value():
                kinds = type(value).model_fields.items()
                fields = [named(kind.metadata, getattr(value, name)) for name, kind in kinds if name not in _IDS]
                return ", ".join(self.held(field) for field in fields if field not in (None, (), False))
        return self.fact(value)

    def _filling(self, value: "Fact") -> object:
        """A fact inside a sentence: a number stays one, so that the sentence agrees with it."""
        return value if isinstance(value, int) and not isinstance(value, bool) else self.fact(value)

    def _coded(self, coded: "Coded") -> str:
        from domain.telling import Table

        named = {Table.LEVERS: self.lever, Table.LIMITS: self.limit, Table.ALERTS: self.alert}.get(coded.table)
        return named(coded.code) if named else self.piece(coded.code, None)

    @staticmethod
    def some(names: tuple[str, ...] | list[str], most: int = _MOST) -> str:
        """The first of several."""
        return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _may_be_written(fact: "Fact") -> bool:
    from domain.telling import Coded, Table

    if isinstance(fact, Coded):
        return fact.table is Table.LEVERS  # some are no lever of the table, but what somebody wrote in its place
    return isinstance(fact, str) and not isinstance(fact, Term)
