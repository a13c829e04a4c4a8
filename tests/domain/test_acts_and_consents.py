"""Acts that pass something on: none is dated before the person agreed to it. Every command is held to the table."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from domain import commands as c
from domain.parts.base import Command
from domain.parts.filing import PrepareFiling
from domain.vocabulary import ConsentScope
from tests.domain.examples import Story, consent
from tests.people import MARSEILLE, PARTNER_ORG, SUPERVISOR

ASKED = {"piece": "EV001", "from_whom": "RESPONDENT", "lever": "Asked", "due": "2026-12-01"}


@dataclass(frozen=True)
class Act:
    """An act, and the consent without which it is refused."""

    scope: ConsentScope
    content: dict[str, object]


NEEDED = {
    "refer": Act(ConsentScope.REFERRAL, {"partner": PARTNER_ORG, "purpose": "Legal help"}),
    "assign": Act(ConsentScope.REFERRAL, {"holder": "ariel", "organisation": PARTNER_ORG, "reason": "Leave"}),
    "propose_transfer": Act(
        ConsentScope.REFERRAL, {"place": {"commune": MARSEILLE}, "organisation": PARTNER_ORG, "reason": "Heard wrong"}
    ),
    "request_piece": Act(ConsentScope.RESPONDENT, ASKED),
    "send_letter": Act(ConsentScope.RESPONDENT, {"pieces": ["EV009"], "lever": "PERSONAL_DATA"}),
    "file": Act(ConsentScope.DEFENDER, {"filing": "F1"}),
}
"""The acts by which something of the person reaches somebody outside the team."""
INSIDE = {
    *("open", "amend_complaint", "qualify", "restrict", "unrestrict", "record_consent", "withdraw_consent"),
    *("record_contact", "add_note", "mark_referral_seen", "answer_referral", "withdraw_referral", "complete_referral"),
    *("accept_transfer", "decline_transfer", "withdraw_transfer"),
    *("start_evidence", "add_piece", "receive_piece", "attach_file", "remove_file", "record_scan"),
    *("record_piece_refusal", "mark_unobtainable", "waive_pieces", "assess", "prepare_filing", "acknowledge_filing"),
    *("record_filing_request", "answer_filing_request", "record_filing_decision", "record_filing_declined"),
    *("withdraw_filing", "record_toll", "correct_toll", "retract_toll", "record_start", "correct_start"),
    *("retract_start", "answer_alert", "pause", "resume", "close", "propose_closure", "countersign_closure"),
    *("reject_closure", "reopen", "hold", "release_hold", "propose_erasure", "erase", "set_archive_end"),
    *("issue_capability", "renew_capability", "revoke_capability"),
    *c.OF_THE_SYSTEM,
}
"""The others: they stay within the team, or answer what was passed on with consent."""


def test_every_command_needs_a_consent_or_is_known_to_need_none() -> None:
    assert NEEDED.keys() | INSIDE == c.COMMANDS.keys()
    assert not NEEDED.keys() & INSIDE


def agreed(scope: ConsentScope) -> Story:
    """A case of 2 March whose person agrees on 10 March, with what the acts need besides."""
    story = Story().do(PrepareFiling(channel="POST")).until("2026-03-10")
    return story.do(consent(scope, PARTNER_ORG if scope is ConsentScope.REFERRAL else None, on="2026-03-10"))


def dated(name: str, story: Story, days: int) -> Command:
    content = NEEDED[name].content | {"happened_at": story.at + timedelta(days=days)}
    return c.COMMANDS[name].model_validate(content)


@pytest.mark.parametrize("name", NEEDED)
def test_an_act_dated_before_the_consent_is_refused_and_on_its_day_it_is_not(name: str) -> None:
    story = agreed(NEEDED[name].scope)
    refused = story.refusal(dated(name, story, -1), by=SUPERVISOR)
    assert refused.code.startswith("consent_"), refused.code
    before = story.case.version
    assert story.do(dated(name, story, 0), by=SUPERVISOR).case.version > before


@pytest.mark.parametrize("name", NEEDED)
def test_another_consent_allows_nothing(name: str) -> None:
    for scope in set(ConsentScope) - {NEEDED[name].scope}:
        story = agreed(scope)
        assert story.refusal(dated(name, story, 0), by=SUPERVISOR).code.startswith("consent_missing")
