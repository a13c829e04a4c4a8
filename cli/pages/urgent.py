"""The first things to tell whoever opens a case, on the terminal and for machines."""

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from cli.pages.due import running_json
from cli.pages.words import limit_body, limit_name, on
from cli.say import _, console, plural, words
from domain.law.limitation import LimitationClock
from domain.law.urgent import Perishing, Urgent


def urgent_json(urgent: Urgent) -> dict[str, Any]:
    """The same for machines: codes, names and days."""
    return {
        "perishing": [
            {
                "code": proof.code,
                "action": limit_name(proof.code),
                "last_day": proof.last_day.isoformat(),
                "days_left": proof.days_left,
                "lever": proof.lever,
                "piece": proof.piece,
            }
            for proof in urgent.perishing
        ],
        "nearest": running_json([urgent.nearest] if urgent.nearest else []),
        "over": running_json(urgent.over),
        "undated": running_json(urgent.undated),
    }


def print_urgent(urgent: Urgent, reference: str) -> None:
    """What vanishes first and by which letter it is asked for, the nearest time limit, and facts to be dated."""
    for proof in urgent.perishing:
        console.print(Text(_perishing(proof), "bold red"))
        if proof.lever:
            console.print(_by_letter(proof, reference))
    if urgent.nearest is not None and urgent.nearest.deadline_prudent is not None:
        nearest = _(
            "First time limit: {action}, by {day} ({body}).",
            action=limit_name(urgent.nearest.code),
            day=on(urgent.nearest.deadline_prudent),
            body=limit_body(urgent.nearest.code) or "-",
        )
        doubt = (
            " " + _("(not known to be closed: the agenda says on what it depends)") if urgent.nearest.presumed else ""
        )
        console.print(Text.assemble((nearest, "bold"), doubt))
    if urgent.over:
        console.print(Text(_("Perhaps over already: {limits}.", limits=_names(urgent.over)), "yellow"))
    if urgent.undated:
        undated = _(
            "Date the facts at once (amend_complaint): until then none of these can be counted, and one may be over: "
            "{limits}.",
            limits=_names(urgent.undated),
        )
        console.print(Text(undated, "bold red"))


def _perishing(proof: Perishing) -> str:
    action, day = limit_name(proof.code), on(proof.last_day)
    if proof.days_left <= 0:
        return _("{action}: to be asked for by {day}. It may be gone: ask all the same, today.", action=action, day=day)
    return plural(
        "{action}: {count} day left to ask, by {day} at the latest.",
        "{action}: {count} days left to ask, by {day} at the latest.",
        proof.days_left,
        action=action,
        day=day,
    )


def _by_letter(proof: Perishing, reference: str) -> str:
    name = words().lever(proof.lever or "")
    if proof.piece is None:
        return _(
            "  By this letter, once the piece is added (add_piece): {name}, --lever {lever}.",
            name=name,
            lever=proof.lever,
        )
    return _(
        "  By this letter: {name}: starter.py letter {reference} {piece}",
        name=name,
        reference=reference,
        piece=proof.piece,
    )


def _names(clocks: Sequence[LimitationClock]) -> str:
    return " · ".join(dict.fromkeys(limit_name(clock.code) for clock in clocks))
