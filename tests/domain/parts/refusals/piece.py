"""Refusals of a piece, a file or a letter."""

from domain.parts.files import AttachFile, RemoveFile
from domain.parts.letter import SendLetter
from domain.parts.piece import MarkUnobtainable, RecordPieceRefusal, WaivePieces
from domain.vocabulary import Party
from tests.domain.examples import A_FILE, MONDAY, Story, consent
from tests.domain.parts.refusals.general import RECEIVE, REQUEST
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import SUPERVISOR, WORKER


@refused("piece_received")
def received_twice() -> Asked:
    return Story().do(RECEIVE), RECEIVE, WORKER


@refused("description_missing")
def received_by_a_file_without_a_word_on_it() -> Asked:
    return Story(), AttachFile(**A_FILE), WORKER


@refused("file_removed")
def removed_twice() -> Asked:
    story = Story().do(AttachFile(**A_FILE, description="A letter"))
    removal = RemoveFile(file="D1", reason="Of somebody else")
    return story.do(removal, by=SUPERVISOR), removal, SUPERVISOR


@refused("unknown_part")
def an_unknown_file() -> Asked:
    return Story(), RemoveFile(file="D1", reason="-"), SUPERVISOR


@refused("piece_received")
def asked_for_though_it_is_here() -> Asked:
    return Story().do(RECEIVE), REQUEST, WORKER


@refused("piece_received")
def given_up_though_it_is_here() -> Asked:
    return Story().do(RECEIVE), MarkUnobtainable(pieces=("EV003", "EV001"), reason="Gone"), WORKER


@refused("piece_received")
def waived_though_it_is_here() -> Asked:
    return Story().do(RECEIVE), WaivePieces(pieces=("EV001",), reason="No need"), WORKER


@refused("never_waived")
def the_decision_itself_waived() -> Asked:
    return Story(domain="SERVICES_PUBLICS"), WaivePieces(pieces=("EV054",), reason="No need"), WORKER


@refused("reason_for_each_kind")
def one_reason_for_a_witness_and_a_test() -> Asked:
    return Story(), WaivePieces(pieces=("EV002", "EV006"), reason="No need"), WORKER


@refused("piece_received")
def written_for_though_it_is_here() -> Asked:
    return Story().do(RECEIVE), SendLetter(pieces=("EV002", "EV001"), lever="OWN_PAPERS"), WORKER


@refused("repeated")
def written_for_twice_in_one_letter() -> Asked:
    return Story(), SendLetter(pieces=("EV001", "EV001"), lever="OWN_PAPERS"), WORKER


@refused("nothing_to_send")
def a_letter_for_what_is_published() -> Asked:
    return Story(), SendLetter(pieces=("EV001",), lever="PUBLISHED", due="2026-04-01"), WORKER


@refused("date_past")
def a_letter_whose_answer_was_due_before_it_was_sent() -> Asked:
    return Story(), SendLetter(pieces=("EV002",), lever="ATTESTATION", due="2026-03-01"), WORKER


@refused("consent_missing_respondent")
def a_letter_to_the_respondent_without_consent() -> Asked:
    return Story(), SendLetter(pieces=("EV009",), lever="PERSONAL_DATA"), WORKER


@refused("unknown_part")
def a_letter_for_a_piece_that_the_case_has_not() -> Asked:
    return Story(), SendLetter(pieces=("P9",), lever="ATTESTATION"), WORKER


@refused("silence_early")
def silence_before_the_answer_is_due() -> Asked:
    return Story().do(REQUEST), RecordPieceRefusal(piece="EV001", silent=True, explanation="Nothing yet"), WORKER


@refused("consent_missing_respondent")
def the_respondent_asked_without_consent() -> Asked:
    return Story(), REQUEST.model_copy(update={"from_whom": Party.RESPONDENT}), WORKER


@refused("piece_not_requested")
def refused_though_nobody_asked() -> Asked:
    return Story(), RecordPieceRefusal(piece="EV001", explanation="Silence"), WORKER


@refused("piece_answered")
def refused_though_a_letter_asked_and_it_was_refused_already() -> Asked:
    story = Story().do(SendLetter(pieces=("EV002",), lever="ATTESTATION")).wait(days=1)
    refusal = RecordPieceRefusal(piece="L1", explanation="She does not want to")
    return story.do(refusal), refusal, WORKER


@refused("consent_later")
def a_letter_to_the_respondent_dated_before_the_consent() -> Asked:
    story = Story().wait(days=5).do(consent("RESPONDENT", on="2026-03-07"))
    return story, SendLetter(pieces=("EV009",), lever="PERSONAL_DATA", happened_at="2026-03-05"), WORKER


# --- What came of a request, dated before it ---


def asked_later() -> Story:
    return Story().wait(days=3).do(REQUEST)


@refused("before_asked")
def received_the_day_before_it_was_asked_for() -> Asked:
    return asked_later(), RECEIVE.model_copy(update={"happened_at": MONDAY}), WORKER


@refused("before_asked")
def received_by_a_file_the_day_before_it_was_asked_for() -> Asked:
    return asked_later(), AttachFile(**A_FILE, description="A letter", happened_at=MONDAY), WORKER


@refused("before_asked")
def refused_the_day_before_it_was_asked_for() -> Asked:
    return asked_later(), RecordPieceRefusal(piece="EV001", explanation="No", happened_at=MONDAY), WORKER
