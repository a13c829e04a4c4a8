"""The cases that an account may see."""

from typing import Annotated

import typer

from cli import read
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.pages.listing import print_cases
from cli.say import _, answering, as_json
from cli.stack.place import find
from desk import listing
from domain.vocabulary import Domain, Step


def list_cases(
    step: Annotated[str | None, typer.Option(help=_("Only at this step."))] = None,
    holder: Annotated[str | None, typer.Option(help=_("Only those this account holds."))] = None,
    domain: Annotated[str | None, typer.Option(help=_("Only in this domain."))] = None,
    territory: Annotated[
        str | None, typer.Option(help=_("MEL, AMP, or the name or code of a commune or priority neighbourhood."))
    ] = None,
    stalled: Annotated[bool, typer.Option("--stalled", help=_("Only stalled ones."))] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=_("How many at most."))] = 50,
    after: Annotated[str | None, typer.Option(metavar="REF", help=_("Go on after this one."))] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:
    with answering(machine):
        chosen = listing.Filter(
            step=read.code(step, [*Step], "step"),
            holder=holder,
            domain=read.code(domain, [*Domain], "domain"),
            territory=read.territory(territory, "territory"),
            stalled=stalled,
        )
        office = find(data)
        actor = office.actor(account)
        mark = None if after is None else read.reference(after, "after")
        view = listing.list_cases(office, actor, chosen, limit, mark)
        if machine:
            as_json(view)
        else:
            print_cases(view)
