"""Decisions that cannot be undone, of all commands: each new one must be placed here."""

import pytest

from domain.commands import COMMANDS, OF_THE_SYSTEM
from domain.errors import Refused
from domain.exchange.cases import Ask
from domain.parts.closure import RejectClosure
from domain.values import new_reference
from tests.people import SUPERVISOR
from tests.support.builders import note

IRREVERSIBLE = (
    *("withdraw_referral", "remove_file", "file", "withdraw_filing"),
    *("close", "countersign_closure", "reject_closure", "release_hold", "erase"),
    *("restrict", "unrestrict", "accept_transfer"),
)
CAN_BE_PUT_RIGHT = (
    *("record_contact", "add_note", "record_consent", "open", "qualify", "amend_complaint", "assign"),
    *("propose_transfer", "decline_transfer", "withdraw_transfer"),
    *("issue_capability", "renew_capability", "revoke_capability"),
    *("refer", "mark_referral_seen", "answer_referral", "complete_referral"),
    *("start_evidence", "request_piece", "receive_piece", "record_piece_refusal", "add_piece", "mark_unobtainable"),
    *("waive_pieces", "send_letter", "attach_file", "assess"),
    *("prepare_filing", "acknowledge_filing", "record_filing_request", "answer_filing_request"),
    *("record_filing_decision", "record_filing_declined"),
    *("record_start", "correct_start", "retract_start", "record_toll", "correct_toll", "retract_toll"),
    *("answer_alert", "pause", "resume", "propose_closure", "reopen", "hold", "propose_erasure", "set_archive_end"),
)
"""By another command, or by the same with another content; or they state what others did, whatever the case says."""

WHATEVER_THE_CASE_SAYS = ["withdraw_consent"]
"""The person's right at any moment: it waits for nobody to have read the case."""


def test_every_command_says_if_it_can_be_undone() -> None:
    marked = {name: command.irreversible for name, command in COMMANDS.items()}
    others = dict.fromkeys([*CAN_BE_PUT_RIGHT, *WHATEVER_THE_CASE_SAYS, *OF_THE_SYSTEM], False)
    assert marked == dict.fromkeys(IRREVERSIBLE, True) | others


REFERENCE = new_reference()
REJECTION = RejectClosure(reason="Ask once more")


def test_such_a_decision_names_the_version_that_it_was_taken_on() -> None:
    with pytest.raises(Refused) as caught:
        Ask(command=REJECTION, command_id="a-decision", actor=SUPERVISOR, reference=REFERENCE).require_version()
    assert (caught.value.code, caught.value.field) == ("version_needed", "expected_version")
    assert caught.value.params == {"command": "reject_closure", "reference": REFERENCE}


@pytest.mark.parametrize(
    "asked",
    [
        {"command": REJECTION, "expected_version": 4, "reference": REFERENCE},
        {"command": REJECTION},
        {"command": note(), "reference": REFERENCE},
    ],
    ids=["it names one", "asked before that was the rule", "it can be undone"],
)
def test_what_is_not_held_to_that(asked: dict[str, object]) -> None:
    Ask.model_validate({"command_id": "a-decision", "actor": SUPERVISOR, **asked}).require_version()
