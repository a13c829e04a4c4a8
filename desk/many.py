"""One decision on many cases: each is asked for itself, is a line of its own, and may refuse."""

import asyncio
import uuid
from collections.abc import Sequence

from desk.office import Office
from desk.submitting import submit_command
from desk.views.many import Each, Lot, ManyView, RefusedEach
from domain.actors import Actor
from domain.errors import Away, Problem
from domain.parts.assignment import Assign
from domain.permissions import require_some
from domain.values import CommandId
from words import Words

AT_ONCE = 10
"""Cases that are asked at the same time."""
_ANSWERED = "no_such_alert"


async def submit_many(office: Office, actor: Actor, words: Words, asked: Lot, *, command_id: CommandId) -> ManyView:
    """Asks each of these cases, in the order given where one is named twice. A refusal stops no other.

    Sent again under the same `command_id`, what was done is not done twice. Raises Refused for whoever may ask none;
    Away when nobody answers: what is done by then stays done.
    """
    require_some(office.current(actor), sorted({type(each.command) for each in asked}, key=lambda kind: kind.name()))
    hands = asyncio.Semaphore(AT_ONCE)
    places: dict[str, list[int]] = {}
    for place, each in enumerate(asked):
        places.setdefault(each.reference, []).append(place)

    async def ask(of_case: list[int]) -> dict[int, Problem | None]:
        async with hands:
            return await _asked(office, actor, [(place, asked[place]) for place in of_case], command_id)

    outcomes: dict[int, Problem | None] = {}
    for answers in await asyncio.gather(*map(ask, places.values())):
        outcomes |= answers
    return ManyView(
        done=tuple(place for place in range(len(asked)) if outcomes[place] is None),
        refused=tuple(
            _refused(place, asked[place].reference, problem, words)
            for place in range(len(asked))
            if (problem := outcomes[place]) is not None
        ),
    )


async def _asked(
    office: Office, actor: Actor, steps: Sequence[tuple[int, Each]], batch: str
) -> dict[int, Problem | None]:
    """Asks one case everything in order; gives each refusal, or None. If it cannot be given away, no more is asked."""
    outcomes: dict[int, Problem | None] = {}
    refusal: Problem | None = None
    for place, each in steps:
        outcomes[place] = refusal or await _refusal(office, actor, each, batch)
        if isinstance(each.command, Assign):
            refusal = outcomes[place]
        elif place != steps[0][0] and (problem := outcomes[place]) is not None and problem.code == _ANSWERED:
            outcomes[place] = None  # what was asked of the case before has answered this alert, too
    return outcomes


async def _refusal(office: Office, actor: Actor, each: Each, batch: str) -> Problem | None:
    content = each.command.model_dump_json()
    own = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{batch}|{each.reference}|{content}"))
    try:
        await submit_command(office, actor, each.reference, each.command, command_id=own)
    except Away:
        raise
    except Problem as problem:
        return problem
    return None


def _refused(place: int, reference: str, problem: Problem, words: Words) -> RefusedEach:
    wording = words.problem(problem)
    return RefusedEach(
        place=place, reference=reference, code=problem.code, message=wording.message, remedy=wording.remedy
    )
