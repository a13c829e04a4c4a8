"""Who may do what: one table, role x command x relation to the case.

What is offered of it on a case as it stands is in `domain.lifecycle`, beside the door.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import TYPE_CHECKING

from domain.actors import Actor
from domain.capabilities import READ_FILE, lets_ask, living_of
from domain.errors import Action, NotFound, Refused
from domain.levels import OVERSEERS, POLICY_MAKERS
from domain.vocabulary import ReferralStatus, Role

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.base import Command


class Relation(Enum):
    """The relation of an account to a case."""

    TEAM = auto()
    """Its organisation holds the case."""
    TERRITORY = auto()
    """The case lies in its metropolis."""
    ADDRESSEE = auto()
    """Its organisation has an open referral of the case."""
    ENGAGED = auto()
    """Its organisation has accepted one, and works on it."""
    RECEIVER = auto()
    """Its metropolis is asked to take the case over; of case workers, those of the organisation that is to hold it."""
    ANY = auto()


_WORKER = {Role.CASE_WORKER: {Relation.TEAM}, Role.SUPERVISOR: {Relation.TERRITORY}}
HOLDERS = frozenset(_WORKER)
"""Roles that a case can be given to."""
_WORKER_OR_ADDRESSEE = _WORKER | {
    Role.CASE_WORKER: {Relation.TEAM, Relation.ADDRESSEE},
    Role.PARTNER: {Relation.ADDRESSEE},
}
_WORKER_OR_PARTNER = _WORKER | {
    Role.CASE_WORKER: {Relation.TEAM, Relation.ENGAGED},
    Role.PARTNER: {Relation.ENGAGED},
}
_RECEIVER = {role: {Relation.RECEIVER} for role in (Role.CASE_WORKER, Role.SUPERVISOR, Role.PLAN_LEAD)}
_SUPERVISOR = {Role.SUPERVISOR: {Relation.TERRITORY}}

_GRANTS: dict[str, dict[Role, set[Relation]]] = {
    "open": {Role.CASE_WORKER: {Relation.ANY}, Role.SUPERVISOR: {Relation.ANY}},
    "assign": _WORKER | {Role.PLAN_LEAD: {Relation.TERRITORY}},
    "accept_transfer": _RECEIVER,
    "decline_transfer": _RECEIVER,
    "withdraw_transfer": _WORKER | {Role.PLAN_LEAD: {Relation.TERRITORY}},
    "answer_alert": _WORKER | {Role.PLAN_LEAD: {Relation.TERRITORY}},
    "add_note": _WORKER_OR_ADDRESSEE | {Role.PLAN_LEAD: {Relation.TERRITORY}},
    "record_contact": _WORKER_OR_PARTNER,
    "receive_piece": _WORKER_OR_PARTNER,
    "attach_file": _WORKER_OR_PARTNER,
    "remove_file": _SUPERVISOR,
    "record_scan": {Role.SYSTEM: {Relation.ANY}},
    "mark_referral_seen": _WORKER_OR_ADDRESSEE,
    "answer_referral": _WORKER_OR_ADDRESSEE,
    "complete_referral": _WORKER_OR_ADDRESSEE,
    "countersign_closure": _SUPERVISOR,
    "reject_closure": _SUPERVISOR,
    "hold": _SUPERVISOR,
    "release_hold": _SUPERVISOR,
    "set_archive_end": _SUPERVISOR,
    "erase": _SUPERVISOR,
    "pass_deadlines": {Role.SYSTEM: {Relation.ANY}},
    "record_departure": {Role.SYSTEM: {Relation.ANY}},
    "record_undelivered": {Role.SYSTEM: {Relation.ANY}},
}


def grants(command: str) -> dict[Role, set[Relation]]:
    """Which roles may ask this command, and how they must stand to the case."""
    return _GRANTS.get(command, _WORKER)


EXPORT_FILE = "export_file"
_FILES: dict[str, dict[Role, set[Relation]]] = {
    READ_FILE: _WORKER_OR_PARTNER | {Role.AUDITOR: {Relation.TERRITORY}},
    EXPORT_FILE: _WORKER,
}
"""Who is given the bytes of a file: to read what is shown of it, or as it was received. A plan lead is not."""


DENIALS = frozenset(
    {
        *("no_such_case", "not_permitted", "not_by_link", "administrator_only", "operator_only", "not_policy_maker"),
        *("for_overseers", "not_administrator", "history_for_administrators"),
        *("not_inviter", "verify_for_auditors", "journal_for_auditors", "signins_for_auditors", "decode_for_auditors"),
    }
)
"""Codes of the refusals by which an account is told that it lacks a right: the access journal notes them."""


def require_file(actor: Actor, what: str, case: Case) -> None:
    """Refuses a file to whoever may not have it in this way (READ_FILE or EXPORT_FILE)."""
    if not may_see(actor, case):
        raise no_such_case()
    if actor.by_capability:
        is_given = lets_ask(case, actor, what)
    else:
        is_given = bool(_FILES[what].get(actor.role, set()) & relations(actor, case))
    if not is_given:
        raise _not_permitted(actor, what, _FILES[what])


VERIFIES_ALL = frozenset({Role.AUDITOR, Role.SYSTEM})
"""Who may have every case verified: what does not hold is told with the references of all of them."""


def require_verify_all(actor: Actor) -> None:
    """Refuses the verification of every case to whoever is no auditor."""
    if actor.role not in VERIFIES_ALL:
        raise Refused(
            "verify_for_auditors",
            "Every case, and the sealed log, are verified by auditors.",
            "Ask one of them, or name a case that this account may see.",
            field="as",
            action=Action.AUDIT_AS,
        )


def require_journal_reader(actor: Actor) -> None:
    """Refuses the access journal to whoever is no auditor."""
    if actor.role is not Role.AUDITOR:
        raise Refused(
            "journal_for_auditors",
            "The access journal is read by auditors.",
            "Ask one of them.",
            field="as",
        )


def require_policy_maker(actor: Actor) -> None:
    """Refuses a change of the policy to whoever may not make one."""
    if actor.role not in POLICY_MAKERS:
        raise Refused(
            "not_policy_maker",
            "The account {account} may not change the policy.",
            "Ask somebody with one of these roles: {roles}.",
            account=actor.account,
            roles=", ".join(sorted(POLICY_MAKERS)),
        )


def require_overseer(actor: Actor) -> None:
    """Refuses what tells of the cases of a whole territory to whoever does not watch over it."""
    if actor.role not in OVERSEERS:
        raise Refused(
            "for_overseers",
            "This is for those who watch over the cases of others.",
            "Ask somebody with one of these roles: {roles}.",
            field="as",
            roles=", ".join(sorted(OVERSEERS)),
        )


def require_operator(actor: Actor) -> None:
    """Refuses what is done at the machine itself to whoever is not the operator or a process of ours."""
    if actor.role is not Role.SYSTEM:
        raise Refused(
            "operator_only",
            "This is done by whoever runs the service, on its own machine.",
            "Ask them.",
        )


INVITERS = frozenset({Role.SYSTEM, Role.ADMINISTRATOR})
"""Who gives accounts their first means of sign-in, and programs their access."""
_RECOVERS: dict[Role, frozenset[Role]] = {Role.SUPERVISOR: frozenset({Role.CASE_WORKER, Role.PARTNER})}
"""Who invites those again who have lost their means: nobody to whom that would give more than they may do already."""


def require_inviter(actor: Actor, invited: Actor, *, recovers: bool) -> None:
    """Refuses an invitation to whoever may not make it. `recovers`: the account has means of sign-in already.

    Nobody invites themselves: a recovery takes a second person.
    """
    oversees = actor.metropolis is None or actor.metropolis == invited.metropolis
    may_invite = actor.role in INVITERS or (recovers and invited.role in _RECOVERS.get(actor.role, frozenset()))
    if not (oversees and may_invite) or actor.account == invited.account:
        raise Refused(
            "not_inviter",
            "The account {account} may not invite {invited}.",
            "Ask an administrator or, for somebody who has lost their means of sign-in, their supervisor.",
            account=actor.account,
            invited=invited.account,
        )


def require_administrator(actor: Actor) -> None:
    """Refuses the care of programs' access to whoever is not given it."""
    if actor.role not in INVITERS:
        raise Refused(
            "administrator_only",
            "The account {account} may not do this.",
            "Ask an administrator.",
            account=actor.account,
        )


def require_record_reader(actor: Actor) -> None:
    """Refuses the record of everybody's sign-ins to whoever is no auditor. Their own lines are for everybody."""
    if actor.role is not Role.AUDITOR:
        raise Refused(
            "signins_for_auditors",
            "The record of everybody's sign-ins is read by auditors.",
            "Ask one of them, or look at your own lines.",
            field="as",
        )


def relations(actor: Actor, case: Case | None) -> set[Relation]:
    """The relations of this actor to this case (or to no case yet)."""
    found = {Relation.ANY}
    if case is None:
        return found
    if actor.organisation == case.organisation:
        found.add(Relation.TEAM)
    if in_territory(actor, case.metropolis):
        found.add(Relation.TERRITORY)
    if any(r.partner == actor.organisation for r in case.open_referrals):
        found.add(Relation.ADDRESSEE)
    if any(r.partner == actor.organisation and r.status is ReferralStatus.ACCEPTED for r in case.open_referrals):
        found.add(Relation.ENGAGED)
    if receives(actor, case):
        found.add(Relation.RECEIVER)
    return found


def receives(actor: Actor, case: Case) -> bool:
    """True if this actor may answer for the metropolis that is asked to take the case over."""
    transfer = case.pending_transfer
    if transfer is None or not in_territory(actor, transfer.metropolis):
        return False
    is_theirs = actor.role is Role.CASE_WORKER and actor.organisation == transfer.organisation
    return is_theirs or actor.role in OVERSEERS


def in_territory(actor: Actor, metropolis: str | None) -> bool:
    """A case whose place is not known belongs to every metropolis: better seen twice than by nobody."""
    return actor.metropolis is None or metropolis is None or actor.metropolis == metropolis


def sees_account(actor: Actor, organisation: str, metropolis: str | None) -> bool:
    """True if a list of accounts shows one of this organisation and metropolis to this actor.

    Who works with cases needs those of their own organisation, to give a case to or to be stood in for by.
    """
    if actor.role is Role.SYSTEM or actor.organisation == organisation:
        return True
    return actor.role in READS_TERRITORY | {Role.ADMINISTRATOR} and in_territory(actor, metropolis)


READS_TERRITORY = frozenset({Role.SUPERVISOR, Role.PLAN_LEAD, Role.AUDITOR})
READS_PARTIES = frozenset({Role.CASE_WORKER, Role.PARTNER})


def may_read(actor: Actor, parties: Iterable[str], metropolis: str | None) -> bool:
    """True if this actor may see a case that these organisations have before them."""
    if actor.by_capability:
        return False  # it is told by the case itself: see `may_see`
    if actor.role is Role.SYSTEM:
        return True
    if actor.role in READS_TERRITORY:
        return in_territory(actor, metropolis)
    return actor.role in READS_PARTIES and actor.organisation in parties


def may_see(actor: Actor, case: Case) -> bool:
    """True if this actor may see this case, be it a summary of it: what they see of it is in `domain.sight`."""
    if actor.by_capability:
        return living_of(case, actor) is not None and not is_closed_to(actor, case)
    reads = may_read(actor, case.parties, case.metropolis) or receives(actor, case)
    return reads and not is_closed_to(actor, case)


def is_closed_to(actor: Actor, case: Case) -> bool:
    """True if the case is closed to this actor, for a conflict of interest. It never is to a process of ours."""
    return case.restriction is not None and actor.role is not Role.SYSTEM and case.restriction.bars(actor)


def no_such_case(field: str = "reference") -> NotFound:
    """The one refusal for a case that does not exist and for one that this account may not see."""
    return NotFound(
        "no_such_case",
        "There is no case of that reference among those this account may see.",
        "Check the reference and the account.",
        field=field,
        action=Action.ACT_AS,
    )


def may(actor: Actor, command: type[Command], case: Case | None) -> bool:
    """True if this actor may ask this command of this case."""
    if actor.by_capability:
        return case is not None and lets_ask(case, actor, command.name())
    return bool(grants(command.name()).get(actor.role, set()) & relations(actor, case))


def require(actor: Actor, command: type[Command], case: Case | None) -> None:
    """Refuses what `may` does not allow, naming who could; says "no such case" to whoever may not even read it."""
    if case is not None and not may_see(actor, case):
        raise no_such_case()
    if not may(actor, command, case):
        raise _not_permitted(actor, command.name(), grants(command.name()))


def require_holder(holder: Actor, organisation: str, metropolis: str | None) -> None:
    """Refuses to give a case of this metropolis to whoever could not follow it up: it would be held by nobody."""
    if holder.organisation != organisation:
        raise Refused(
            "holder_elsewhere",
            "{account} works for {theirs}, not for {organisation}.",
            "Give a holder and their own organisation.",
            field="organisation",
            action=Action.LIST_ACCOUNTS,
            account=holder.account,
            theirs=holder.organisation,
            organisation=organisation,
        )
    if holder.role not in HOLDERS:
        raise Refused(
            "holder_cannot_act",
            "{account} does not work on cases: nobody would follow this one up.",
            "Give it to an account with one of these roles: {roles}.",
            field="holder",
            account=holder.account,
            roles=", ".join(sorted(HOLDERS)),
        )
    if not in_territory(holder, metropolis):
        raise Refused(
            "holder_in_other_metropolis",
            "{account} works in the other metropolis, where nobody watches over this case.",
            "Propose a transfer (propose_transfer): that metropolis then says yes to it.",
            field="holder",
            account=holder.account,
        )


def require_some(actor: Actor, commands: Iterable[type[Command]]) -> None:
    """Refuses whoever could be granted none of these commands, on whatever case."""
    asked = sorted({command.name() for command in commands})
    if any(actor.role in grants(name) for name in asked):
        return
    raise Refused(
        "not_permitted",
        "The account {account} may do nothing of what is asked here ({commands}).",
        "It takes one of these roles: {roles}.",
        account=actor.account,
        commands=", ".join(asked),
        roles=", ".join(sorted({role for name in asked for role in grants(name)})),
    )


def _not_permitted(actor: Actor, what: str, granted: dict[Role, set[Relation]]) -> Refused:
    return Refused(
        "not_permitted",
        "The account {account} may not do this ({command}) on this case.",
        "It takes one of these roles, on a case of their own: {roles}.",
        account=actor.account,
        command=what,
        roles=", ".join(sorted(granted)),
    )
