"""Canaries: words that stand nowhere else, put wherever a person's words can be, and looked for afterwards."""

import itertools
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.complaint import Complaint
from tests.people import LOU
from tests.support.builders import complaint

M = TypeVar("M", bound=BaseModel)


PERSONAL = {
    *(f"{who}.{what}" for who in ("complainant", "concerned_person")
      for what in ("given_name", "family_name", "email", "phone", "address", "accessibility")),
    "respondent.name", "respondent.address", "facts.narrative", "facts.place.detail", "expectations",
    "prior_steps.0.to_whom", "prior_steps.0.answer", "source.id",
}  # fmt: skip
"""Every field of a complaint in which a person's words or names may stand."""


CODES = {"consent.recipient", "complaint.source.id"}
"""Fields that take any text and stay as they are: the name of an organisation, to which the case is then referred;
where an amended complaint comes from, which cannot be amended."""


class Canaries:
    """Words that stand nowhere else, put wherever a model takes free text."""

    def __init__(self) -> None:
        self.let_out: list[str] = []
        self._number = itertools.count(1000)

    def in_all(self, said: M) -> tuple[M, set[str]]:
        """The same, with a canary in each field that takes one; and which these are."""
        tree, taken = said.model_dump(mode="json"), set()
        for path, holder, key in list(leaves(tree)):
            if path in CODES:
                continue
            before = holder[key]
            for canary in self._forms():
                holder[key] = canary
                try:
                    type(said).model_validate(tree)
                except ValidationError:
                    holder[key] = before
                else:
                    taken.add(path)
                    self.let_out.append(canary)
                    break
        return type(said).model_validate(tree), taken

    def one(self) -> str:
        """A canary as a sentence."""
        self.let_out.append(next(self._forms()))
        return self.let_out[-1]

    def _forms(self) -> Iterator[str]:
        number = next(self._number)
        yield f"Kanari {number}"  # a space and a capital letter: no code and no identifier
        yield f"kanari.{number}@example.org"
        yield f"+3398765{number}"


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every place in a JSON value that holds a text or nothing: its path, what it is in, and where in that."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        if value is None or isinstance(value, str):
            yield f"{path}{key}", tree, key
        else:
            yield from leaves(value, f"{path}{key}.")


def a_full_complaint() -> Complaint:
    return complaint(
        complainant=LOU,
        concerned_person=LOU,
        capacity="LEGAL_REPRESENTATIVE",
        respondent={"kind": "COMPANY"},
        prior_steps=[{"kind": "OTHER"}],
        source={"system": "register", "id": "1"},
    )
