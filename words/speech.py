"""The ground that all wording stands on: a template in a language, with its parameters and its plural."""

from dataclasses import dataclass

from domain.errors import fill
from domain.vocabulary import Term
from kit.i18n import translate
from words.french import spaced


@dataclass(frozen=True)
class Speech:
    """A language, and the templates of the catalogue in it."""

    language: str

    def say(self, template: str, /, **params: object) -> str:
        """The template with its parameters. One that counts something agrees with the parameter `count`."""
        return fill(translate(template, self.language, params.get("count")), params)

    def plural(self, one: str, many: str, count: int, /, **params: object) -> str:
        """The template that agrees with a number, which both name `{count}` if they tell it."""
        return self.say(one if count == 1 else many, count=count, **params)

    def label(self, code: str | None, kind: type[Term]) -> str:
        """The name of a code of one of the closed lists; nothing for no code."""
        return "" if code is None else self.say(kind(code).label)  # type: ignore[call-arg]

    def _choose(self, french: str, english: str) -> str:
        """The column of the reference data that this language reads."""
        return spaced(french) if self.language == "fr" else english
