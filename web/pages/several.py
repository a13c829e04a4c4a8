"""One decision on several cases: what was chosen, the check before it is done, and what came of it."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from desk.views.account import AccountsView, AccountView
from desk.views.many import Each, ManyView
from domain.parts.assignment import Assign
from domain.permissions import HOLDERS
from web.drawing import page
from web.forms.fields import Field, Option, Shape
from web.forms.labels import LABELS
from web.forms.reading import Fault, Typed, typed_in
from web.visit import Visit
from words import Words

AT_ONCE = 100
"""Cases that one decision is about at most; of more, those after them are decided next."""
REASON = Field("reason", Shape.PARAGRAPH, is_required=True, longest=4_000)
_BATCH = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Decision:
    """One decision as it was typed, on what was chosen."""

    chosen: frozenset[str]
    typed: Typed
    takes_all: bool
    """True if it is about all of the list, beyond what the page shows."""
    is_checked: bool
    """True once whoever decides has seen the check."""
    batch: str

    def one(self, name: str) -> str:
        """The text that was typed into a field that takes one."""
        return "".join(self.typed.get(name, ())[:1]).strip()

    def about(self, names: Iterable[str]) -> "Decision":
        """The same decision, on these rows."""
        return replace(self, chosen=frozenset(names))

    def after(self, outcome: "Outcome") -> "Decision":
        """The decision that is left to take: on what was refused, in the same words; a new one if nothing was."""
        typed = self.typed if outcome.why else {}
        return replace(self, chosen=frozenset(outcome.why), typed=typed, batch=uuid.uuid4().hex)


def nothing_yet() -> Decision:
    """A decision that nobody has begun."""
    return Decision(frozenset(), {}, takes_all=False, is_checked=False, batch=uuid.uuid4().hex)


async def decision_in(request: Request, fields: Iterable[Field]) -> Decision:
    """The decision of a form that was sent."""
    async with request.form(max_fields=2 * AT_ONCE + 20, max_files=0) as form:
        return _decision_of(form, fields)


def _decision_of(form: FormData, fields: Iterable[Field]) -> Decision:
    batch = str(form.get("lot", ""))
    chosen = frozenset(value for value in form.getlist("choix") if isinstance(value, str))
    return Decision(
        chosen=chosen,
        typed=typed_in(form, fields),
        takes_all="tous" in form,
        is_checked="sur" in form,
        batch=batch if _BATCH.fullmatch(batch) else uuid.uuid4().hex,
    )


def missing(decision: Decision, names: Sequence[str], words: Words, labels: dict[str, str]) -> tuple[Fault, ...]:
    """The faults of a decision that lacks some of these fields, or what it is about."""
    empty = [name for name in names if not decision.one(name)]
    faults = [
        Fault(name, words.say("{field} is missing.", field=f"« {words.say(labels[name])} »"), words.say("Fill it in."))
        for name in empty
    ]
    if not decision.chosen and not decision.takes_all:
        faults.insert(0, Fault("", words.say("No case is chosen."), words.say("Tick those that it is about.")))
    return tuple(faults)


def holder_field(accounts: AccountsView, *, is_required: bool) -> Field:
    """The field of whom cases are given to: those who can hold one."""
    able = [each for each in accounts.accounts if each.active and each.role in HOLDERS]
    options = tuple(Option(each.account, f"{each.account} ({each.organisation})") for each in able)
    return Field("holder", Shape.ONE, is_required=is_required, options=options)


def given_to(account: str, accounts: AccountsView, reason: str) -> Assign | None:
    """The command that gives a case to an account; None for one that is none of those on offer."""
    organisation = next((each.organisation for each in accounts.accounts if each.account == account), None)
    return Assign(holder=account, organisation=organisation, reason=reason) if organisation else None


@dataclass(frozen=True)
class Outcome:
    """What came of a decision, for the page that shows it."""

    done: tuple[str, ...]
    """References of the cases that did what was asked."""
    why: dict[str, str]
    """The reason of each refusal, by the name of its row."""

    @classmethod
    def of(cls, view: ManyView, asked: Sequence[Each], names: Sequence[str]) -> "Outcome":
        """The outcome that the desk tells. `names` says of each thing that was asked for which row it was."""
        why = {names[each.place]: f"{each.message} {each.remedy}" for each in view.refused}
        done = dict.fromkeys(asked[place].reference for place in view.done if names[place] not in why)
        return cls(tuple(done), why)


async def show_check(
    visit: Visit,
    account: AccountView,
    decision: Decision,
    rows: Sequence[tuple[str, object]],
    *,
    here: str,
    of_list: int,
    back: str,
    names: Mapping[str, str],
) -> Response:
    """The page on which a decision is looked at before it is done, row by row, each with its name.

    `of_list` counts the whole list, `back` leads to it, and `names` tells which fields hold codes, and of what.
    """
    return await page(
        visit,
        "several_check.html",
        account,
        here=here,
        decision=decision,
        rows=rows,
        of_list=of_list,
        back=back,
        names=names,
        labels=LABELS,
    )
