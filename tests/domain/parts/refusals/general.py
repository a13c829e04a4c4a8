"""Refusals that meet any command: who asks, when, and of what part."""

from datetime import timedelta

from domain.actors import Actor
from domain.parts.alert import PassDeadlines
from domain.parts.closure import CountersignClosure, Reopen
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import AddNote
from domain.parts.filing import File
from domain.parts.intake import Open
from domain.parts.pause import Pause
from domain.parts.piece import AddPiece, Piece, ReceivePiece, RequestPiece
from domain.parts.referral import Refer, WithdrawReferral
from domain.vocabulary import Role
from tests.domain.examples import MONDAY, Story, closing, complaint, to_defender, to_partner
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import PARTNER_ORG, STRANGER, SUPERVISOR_AMP, WORKER

REQUEST = RequestPiece(piece="EV001", from_whom="COMPLAINANT", lever="Asked", due="2026-03-20")
RECEIVE = ReceivePiece(piece="EV001", description="Two pages")


REFER = Refer(partner=PARTNER_ORG, purpose="Legal help")


@refused("not_permitted")
def a_role_that_may_not() -> Asked:
    return Story(), CountersignClosure(comment="Read"), WORKER


@refused("no_such_case")
def a_stranger() -> Asked:
    return Story(), AddNote(text="Hello"), STRANGER


@refused("no_such_case")
def a_supervisor_from_the_other_metropolis() -> Asked:
    return Story(), AddNote(text="Hello"), SUPERVISOR_AMP


@refused("already_open")
def opened_twice() -> Asked:
    return Story(), Open(complaint=complaint()), WORKER


@refused("not_open")
def a_clock_for_nothing() -> Asked:
    return None, PassDeadlines(), Actor(account="horloge", role=Role.SYSTEM, organisation="aboutir")


@refused("wrong_step")
def reopened_while_open() -> Asked:
    return Story(), Reopen(reason="Why not"), WORKER


@refused("date_future")
def happened_tomorrow() -> Asked:
    return Story(), AddNote(text="Soon", happened_at=MONDAY + timedelta(days=1)), WORKER


@refused("date_future")
def received_tomorrow() -> Asked:
    return None, Open(complaint=complaint(received_at=MONDAY + timedelta(days=1))), WORKER


@refused("date_future")
def appealed_tomorrow() -> Asked:
    steps = [{"kind": "OTHER"}, {"kind": "ADMINISTRATIVE_APPEAL", "taken_on": "2026-03-03"}]
    return None, Open(complaint=complaint(prior_steps=steps)), WORKER


@refused("date_future")
def agreed_tomorrow() -> Asked:
    return Story(), to_defender(on="2026-03-03"), WORKER


@refused("date_future")
def told_tomorrow() -> Asked:
    return Story(), closing(not_told_because=None, person_told_on="2026-03-03", person_told_by="PHONE"), WORKER


@refused("before_reception")
def happened_before_the_complaint_was_received() -> Asked:
    return Story(), AddNote(text="Earlier", happened_at="2026-03-01"), WORKER


@refused("date_past")
def asked_for_yesterday() -> Asked:
    return Story(), REQUEST.model_copy(update={"due": MONDAY.date() - timedelta(days=1)}), WORKER


@refused("date_past")
def an_answer_due_yesterday() -> Asked:
    late = REFER.model_copy(update={"answer_due": MONDAY.date() - timedelta(days=1)})
    return Story().do(to_partner()), late, WORKER


@refused("unknown_part")
def an_unknown_piece() -> Asked:
    return Story(), RECEIVE.model_copy(update={"piece": "P99"}), WORKER


@refused("unknown_part")
def an_unknown_referral() -> Asked:
    return Story(), WithdrawReferral(referral="R7", reason="Which?"), WORKER


@refused("unknown_part")
def an_unknown_filing() -> Asked:
    return Story(), File(filing="F7"), WORKER


@refused("unknown_part")
def an_unknown_consent() -> Asked:
    return Story(), WithdrawConsent(consent="C7"), WORKER


@refused("too_many_parts")
def one_part_more_than_names_go_round() -> Asked:
    story = Story()
    story._case = story.case.model_copy(update={"pieces": tuple(Piece(id=f"P{n}") for n in range(1, 10_000))})
    return story, AddPiece(label="One more", held_by="WITNESS"), WORKER


@refused("pause_alone")
def paused_for_half_a_year_by_its_holder() -> Asked:
    return Story(), Pause(reason="HEALTH", until="2026-08-28", comment="In hospital"), WORKER
