"""A thing that people are told, in the reader's language."""

from datetime import date, datetime

from cli.pages.words import lever_name, on, piece_name, some, when
from cli.say import _
from domain.law.grounds import GROUNDS, TollGround
from domain.telling import Coded, Fact, Phrase, Table, Within
from domain.vocabulary import Term


def word(fact: Fact) -> str:
    """A fact in words. Of several, the first ones; of what is not there, nothing."""
    match fact:
        case None:
            return ""
        case Phrase():
            return _(fact.message, **{name: word(value) for name, value in fact.facts.items()})
        case Coded(table=Table.LEVERS):
            return lever_name(fact.code)
        case Coded():
            return piece_name(fact.code, None)
        case Within():
            return word(fact.term).lower()
        case TollGround():
            return _(GROUNDS[fact].label)
        case Term():
            return _(fact.label)
        case datetime():
            return when(fact)
        case date():
            return on(fact)
        case tuple():
            return some([word(part) for part in fact if part is not None])
    return str(fact)
