"""The cases that an account may see."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from cli import read
from cli.options import DEFAULT_ACCOUNT, AsOption, DataOption, JsonOption
from cli.pages.show import page_json, print_page
from cli.say import _, answering, as_json
from cli.stack.place import find
from domain.actors import Actor
from domain.permissions import no_such_case
from domain.vocabulary import Domain, Step
from models import accounts, cases


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
        wanted = cases.Filter(
            step=read.code(step, [*Step], "step"),
            holder=holder,
            domain=read.code(domain, [*Domain], "domain"),
            territory=read.territory(territory, "territory"),
            stalled=stalled,
        )
        office = find(data)
        actor = office.actor(account)
        mark = None if after is None else read.reference(after, "after")
        with office.reading() as tx:
            if holder is not None:
                require_known_holder(tx, actor, holder)
            if mark is not None and cases.find_case(tx, actor, mark) is None:
                raise no_such_case("after")
            page = cases.list_cases(tx, actor, wanted, limit, mark)
        if machine:
            as_json(page_json(page))
        else:
            print_page(page)


def require_known_holder(tx: Connection, actor: Actor, holder: str) -> None:
    """Refuses a holder of whom nobody has heard: an empty list would say that they hold nothing.

    Whoever has left, or is named by a case only (of another installation's book, say), may still hold cases.
    """
    known = accounts.every_name(tx)
    if holder not in known and holder not in (known := known | cases.holders(tx, actor)):
        raise accounts.no_such_account(holder, "holder", read.close_to(holder, {name: name for name in sorted(known)}))
