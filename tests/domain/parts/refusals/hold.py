"""Refusals of a hold, and of an erasure."""

from domain.parts.closure import Reopen
from domain.parts.erasure import Erase, ProposeErasure, SetArchiveEnd
from domain.parts.hold import Hold, ReleaseHold
from tests.domain.examples import Story, closing
from tests.domain.parts.refusals.provoked import Asked, refused
from tests.people import SUPERVISOR, SUPERVISOR_2

RETENTION_ENDED, ASKED_FOR = Erase(reason="RETENTION_ENDED"), Erase(reason="PERSON_ASKED")
HOLD = Hold(reason="A court may ask for it", review_on="2027-01-04")


def held() -> Story:
    return Story().closed().do(HOLD, by=SUPERVISOR)


@refused("already_held")
def a_second_hold() -> Asked:
    return held(), HOLD, SUPERVISOR_2


@refused("not_held")
def a_release_of_nothing() -> Asked:
    return Story().closed(), ReleaseHold(reason="Judged"), SUPERVISOR


@refused("same_person_hold")
def a_release_by_whoever_placed_it() -> Asked:
    return held(), ReleaseHold(reason="Judged"), SUPERVISOR


@refused("archive_end_known")
def an_end_of_the_archive_that_the_law_tells() -> Asked:
    return Story().closed(), SetArchiveEnd(until="2031-01-06", reason="Judged"), SUPERVISOR


@refused("held")
def an_erasure_of_what_is_held() -> Asked:
    return held(), Erase(reason="PERSON_ASKED"), SUPERVISOR_2


@refused("held")
def a_proposal_to_erase_what_is_held() -> Asked:
    return held(), ProposeErasure(reason="Asked"), SUPERVISOR_2


@refused("retention_runs")
def an_end_of_retention_that_has_not_come() -> Asked:
    return Story().closed().do(ProposeErasure(reason="Asked"), by=SUPERVISOR), RETENTION_ENDED, SUPERVISOR_2


@refused("retention_runs")
def an_end_of_retention_that_came_before_the_case_was_reopened() -> Asked:
    story = Story().closed().until("2060-01-05").pass_deadlines()
    return story.do(Reopen(reason="A witness"), by=SUPERVISOR).do(closing()), RETENTION_ENDED, SUPERVISOR


@refused("erasure_not_proposed")
def an_early_erasure_by_one_person() -> Asked:
    return Story().closed(), Erase(reason="PERSON_ASKED"), SUPERVISOR


@refused("same_person_erasure")
def an_early_erasure_by_the_same_person_twice() -> Asked:
    return Story().closed().do(ProposeErasure(reason="Asked"), by=SUPERVISOR), ASKED_FOR, SUPERVISOR


@refused("erasure_not_proposed")
def an_early_erasure_after_a_hold_made_the_proposal_void() -> Asked:
    story = Story().closed().do(ProposeErasure(reason="Asked"), by=SUPERVISOR).do(HOLD, by=SUPERVISOR)
    return story.do(ReleaseHold(reason="Judged"), by=SUPERVISOR_2), ASKED_FOR, SUPERVISOR_2
