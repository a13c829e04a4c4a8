"""Accounts: the list of them, their history, and opening, changing, closing and confirming."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection

from desk.office import Office
from desk.views.account import AccountHistoryView, AccountLineView, AccountsView, AccountView, ClosedView
from domain.accounts import giving
from domain.accounts.events import AccountEvent, Standing
from domain.accounts.state import Account
from domain.actors import Actor
from domain.errors import Away, Refused
from domain.folding import close_to
from domain.permissions import sees_account
from domain.values import Text
from models import account_history, accounts, cases, drafts
from models.signin.leaving import take_back

_REASON: TypeAdapter[str] = TypeAdapter(Text)


def list_accounts(office: Office, actor: Actor, *, every: bool = False) -> AccountsView:
    """The open and proposed accounts, by name; with `every`, the closed ones too.

    Those who oversee or administer a metropolis see its accounts, everybody else those of their own organisation.
    """
    with office.reading_as(actor) as (tx, actor):
        known = account_history.everything(tx).values()
    shown = [account for account in known if (every or account.active or account.proposal) and _sees(actor, account)]
    return AccountsView(accounts=tuple(AccountView.of(each) for each in sorted(shown, key=lambda a: a.account)))


def own_account(office: Office, actor: Actor) -> AccountView:
    """The account that asks, as it stands now."""
    with office.reading_as(actor) as (_, actor):
        standing = {"role": actor.role, "organisation": actor.organisation, "metropolis": actor.metropolis}
        return AccountView(account=actor.account, active=True, **standing)


def list_history(office: Office, actor: Actor, account: str | None = None) -> AccountHistoryView:
    """The history of an account, or of all that this one may look into: its own, those it administers or audits.

    Raises NotFound for an account that is not there, Refused for one that it may not look into.
    """
    with office.reading_as(actor) as (tx, actor):
        known = account_history.everything(tx)
        lines = account_history.all_lines(tx)
    if account is not None:
        _require_looks_into(actor, _known(actor, known, account))
    chosen = {name for name, each in known.items() if account in (None, name) and _looks_into(actor, each)}
    return AccountHistoryView(lines=tuple(AccountLineView.of(line) for line in lines if line.account in chosen))


def open_account(office: Office, actor: Actor, account: str, standing: Standing, why: str) -> AccountView:
    """Opens an account, or proposes it where a second person has to confirm it.

    Raises Refused for whoever does not administer its metropolis, and when the name is taken; Invalid for a code that
    is not known; ValidationError for a reason that is none.
    """
    return _changed(office, actor, account, lambda tx, by, was: giving.open_account(by, was, standing, *_by(tx, why)))


def change_account(office: Office, actor: Actor, account: str, changes: Mapping[str, object], why: str) -> AccountView:
    """Changes what is named of an account's standing, or proposes it. Raises as `open_account` does.

    Refused, too, while it holds open cases that it could not follow up any more.
    """

    def event(tx: Connection, by: Actor, was: Account) -> AccountEvent:
        before = giving.require_administered(by, was)
        standing = Standing.model_validate(before.model_dump() | dict(changes))
        changed = giving.change(by, was, standing, *_by(tx, why))  # first: what it holds is not told to a stranger
        giving.require_keeps_cases(was, standing, cases.open_held_by(tx, account))
        return changed

    return _changed(office, actor, account, event)


def reopen_account(office: Office, actor: Actor, account: str, why: str) -> AccountView:
    """Opens a closed account again as it was, or proposes it. Its cases have gone to others and stay there."""
    return _changed(office, actor, account, lambda tx, by, was: giving.reopen(by, was, *_by(tx, why)))


def confirm_account(office: Office, actor: Actor, account: str) -> AccountView:
    """Confirms what another administrator has proposed for an account. Raises Refused for whoever proposed it."""

    def event(tx: Connection, by: Actor, was: Account) -> AccountEvent:
        confirmed = giving.confirm(by, was)
        if was.proposal and was.active:
            giving.require_keeps_cases(was, was.proposal.standing, cases.open_held_by(tx, account))
        return confirmed

    return _changed(office, actor, account, event)


def reject_account(office: Office, actor: Actor, account: str, why: str) -> AccountView:
    """Rejects what is proposed for an account: nothing changes."""
    return _changed(office, actor, account, lambda _, by, was: giving.reject(by, was, _REASON.validate_python(why)))


async def close_account(office: Office, actor: Actor, account: str, why: str, to: str | None = None) -> ClosedView:
    """Closes an account: it is refused at its next act. Its open cases go to `to`, or to nobody yet.

    Its drafts go to `to` as well, or wait for their day. Its sessions end, and the invitations and the access of
    programs that it had or gave are taken back. The hand-over of the cases begins at once where the engine answers,
    and otherwise with its next round. Raises Refused for whoever does not administer its metropolis, and when `to`
    could not take the cases over.
    """
    why = _REASON.validate_python(why)
    programs: tuple[str, ...] = ()

    def event(tx: Connection, by: Actor, was: Account) -> AccountEvent:
        nonlocal programs
        successor = None if to is None else account_history.state(tx, to)
        if successor is not None and not successor.is_known:
            raise giving.unknown(successor.account, "to")
        closed = giving.close(by, was, why, successor)
        programs = take_back(tx, account, by.account, datetime.now(UTC))
        if to is not None:
            drafts.hand_over(tx, account, to)
        return closed

    view = _changed(office, actor, account, event)
    with office.reading() as tx:
        held, number = cases.open_held_by(tx, account), account_history.last(tx).number
    started = bool(held) and await _started(office, number)
    return ClosedView(account=view, to=to, cases=held, started=started, programs=programs)


async def _started(office: Office, number: int) -> bool:
    """Starts the hand-over. One for each change of the accounts: what is closed meanwhile is in the next."""
    from temporalio.common import WorkflowIDConflictPolicy
    from temporalio.service import RPCError

    from desk.office import engine_client
    from workflows.departures import HandOver, workflow_id

    try:
        client = await engine_client(office)
        await client.start_workflow(
            HandOver.run,
            id=workflow_id(number),
            task_queue=office.settings.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    except (Away, RPCError):
        return False
    return True


_Decide = Callable[[Connection, Actor, Account], AccountEvent]


def _changed(office: Office, actor: Actor, account: str, decide: _Decide) -> AccountView:
    """Decides what happens to an account, and writes it into the history, in one transaction."""
    with office.noting_denials(actor), office.writing() as tx:
        account_history.hold(tx)  # before the actor is looked up: two people change accounts one after the other
        by = accounts.resolved(tx, actor)
        was = account_history.state(tx, account)
        account_history.append(tx, account, by, decide(tx, by, was))
        if was.is_known and not was.active:  # what began while it was being closed does not come back with it
            take_back(tx, account, by.account, datetime.now(UTC))
        return AccountView.of(account_history.state(tx, account))


def _by(tx: Connection, why: str) -> tuple[str, list[Actor]]:
    return _REASON.validate_python(why), accounts.administrators(tx)


def _known(actor: Actor, known: Mapping[str, Account], account: str) -> Account:
    """The account of this name. Raises NotFound for one that this actor is shown in no list, as for none."""
    shown = {name: each for name, each in known.items() if _sees(actor, each) or _looks_into(actor, each)}
    if account not in shown:
        raise giving.unknown(account, "account", close_to(account, {name: name for name in sorted(shown)}))
    return shown[account]


def _sees(actor: Actor, account: Account) -> bool:
    standing = account.standing_or_proposed
    return standing is not None and sees_account(actor, standing.organisation, standing.metropolis)


def _looks_into(actor: Actor, account: Account) -> bool:
    standing = account.standing_or_proposed
    return standing is not None and giving.looks_into(actor, account.account, standing)


def _require_looks_into(actor: Actor, account: Account) -> None:
    if not _looks_into(actor, account):
        raise Refused(
            "history_for_administrators",
            "The history of an account is for its administrators, for auditors and for itself.",
            "Ask one of them.",
            field="as",
        )
