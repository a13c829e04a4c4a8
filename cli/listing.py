"""The cases that an account may see."""

from typing import Annotated

import typer

from cli import read
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.place import find
from cli.say import _, answering, as_json
from cli.show import page_json, print_page
from domain.permissions import no_such_case
from domain.reference import METROPOLISES, territories
from domain.vocabulary import Domain, Step
from models import cases


def list_cases(
    step: Annotated[str | None, typer.Option(help=_("Only at this step."))] = None,
    holder: Annotated[str | None, typer.Option(help=_("Only those this account holds."))] = None,
    domain: Annotated[str | None, typer.Option(help=_("Only in this domain."))] = None,
    territory: Annotated[
        str | None, typer.Option(help=_("MEL, AMP, or the code of a commune or priority neighbourhood."))
    ] = None,
    stalled: Annotated[bool, typer.Option("--stalled", help=_("Only stalled ones."))] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=_("How many at most."))] = 50,
    after: Annotated[str | None, typer.Option(metavar="REF", help=_("Go on after this one."))] = None,
    data: DataOption = None,
    account: AsOption = DEFAULT_ACCOUNT,
    machine: JsonOption = False,
) -> None:

    with answering(machine):
        wanted = cases.Filter(
            step=read.code(step, [*Step], "step"),
            holder=holder,
            domain=read.code(domain, [*Domain], "domain"),
            territory=read.code(territory, [*METROPOLISES, *territories()], "territory"),
            stalled=stalled,
        )
        place = find(data)
        actor = place.actor(account)
        mark = None if after is None else read.reference(after, "after")
        with place.reading() as tx:
            if mark is not None and cases.find_case(tx, actor, mark) is None:
                raise no_such_case("after")
            page = cases.list_cases(tx, actor, wanted, limit, mark)
        if machine:
            as_json(page_json(page))
        else:
            print_page(page)
