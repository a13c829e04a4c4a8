"""The life of a capability: it opens what it is for, until it ends, and nothing else ever."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.actors import Actor, capability_in, is_reserved
from domain.capabilities import MAY_ASK, ONCE_ACCEPTED, READ_FILE, allowed, in_force
from domain.commands import COMMANDS
from domain.errors import NotFound, Refused
from domain.lifecycle import decide, offered
from domain.parts.capability import Capability, IssueCapability, RenewCapability, RevokeCapability
from domain.parts.closure import Close
from domain.parts.consent import WithdrawConsent
from domain.parts.contact import AddNote
from domain.parts.erasure import Erase, ProposeErasure
from domain.parts.files import AttachFile
from domain.parts.referral import AnswerReferral, CompleteReferral, WithdrawReferral
from domain.parts.restriction import Restrict
from domain.permissions import EXPORT_FILE, may_see, relations, require_file
from domain.sight import sight_of
from domain.values import day_of
from domain.vocabulary import Audience, Role
from tests.domain.examples import A_FILE, Story, closing
from tests.domain.witnesses import witnesses
from tests.people import PARTNER, PARTNER_ORG, SUPERVISOR, SUPERVISOR_2, THIRD_ORG, WORKER

UNTIL = date(2026, 12, 1)
OF_PERSON = IssueCapability(audience="COMPLAINANT", until=UNTIL)
OF_PARTNER = IssueCapability(audience="PARTNER", referral="R1", until=UNTIL)


def bearer(story: Story, id: str = "K1") -> Actor:
    return story.case.capability(id).actor(story.case.reference)


def opens(story: Story, id: str = "K1") -> frozenset[str]:
    return allowed(story.case, id, story.at)


# --- Its life --------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("wait"), st.integers(1, 40)),
            st.tuples(st.just("renew"), st.integers(0, 60)),
            st.tuples(st.sampled_from(["revoke", "accept", "complete", "withdraw", "close", "restrict"]), st.just(0)),
        ),
        max_size=8,
    )
)
def test_it_opens_something_exactly_while_nothing_has_ended_it(life: list[tuple[str, int]]) -> None:
    """Told beside the code: a day, a revocation, the end of its referral; the same of every link and every reader."""
    story = Story().referred()
    until, is_over, generation = day_of(story.at) + timedelta(days=20), False, 1
    story.do(IssueCapability(audience="PARTNER", referral="R1", until=until))
    who = bearer(story)
    for what, days in life:
        later = day_of(story.at) + timedelta(days=days)
        steps = {
            "renew": RenewCapability(capability="K1", until=later),
            "revoke": RevokeCapability(capability="K1", reason="Forwarded"),
            "accept": AnswerReferral(referral="R1", accept=True),
            "complete": CompleteReferral(referral="R1", result="Done"),
            "withdraw": WithdrawReferral(referral="R1", reason="By mistake"),
            "close": closing(Close),
            "restrict": Restrict(organisations=(PARTNER_ORG,), reason="It is the respondent"),
        }
        if what == "wait":
            story.wait(days=days)
        else:
            try:
                story.do(steps[what], by=SUPERVISOR if what in ("withdraw", "close") else who_asks(what))
            except Refused:
                pass
            else:
                is_over |= what in ("revoke", "complete", "withdraw")
                if what == "renew":
                    until, generation = later, generation + 1
        is_good = not is_over and day_of(story.at) <= until
        capability = in_force(story.case, "K1", story.at)
        assert (capability is not None) == is_good
        assert bool(opens(story)) == is_good
        assert story.case.capability("K1").generation == generation
        assert may_see(who, story.case) == (not is_over and story.case.restriction is None)
        if not is_good:
            assert offered(who, story.case, story.at) == []
            with pytest.raises((NotFound, Refused)) as refused:
                decide(story.case, AddNote(text="Hello"), who, story.at)
            assert refused.value.code == "no_such_case"


def who_asks(what: str) -> Actor:
    """The partner for what is theirs to do, and the team otherwise."""
    return PARTNER if what in ("accept", "complete") else WORKER


def test_it_ends_with_its_case() -> None:
    story = Story().do(OF_PERSON).closed()
    assert opens(story) == MAY_ASK[Audience.COMPLAINANT], "the person reads how it ended"
    story = Story().do(IssueCapability(audience="COMPLAINANT", until="2040-01-01")).closed()
    story.until("2033-01-01").pass_deadlines()
    assert story.case.is_archived and opens(story) == frozenset()
    assert allowed(story.case, "K2", story.at) == frozenset(), "there is none of that name"


def test_what_it_allows_stands_in_its_history_and_no_later_version_adds_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story().do(IssueCapability(audience="COMPLAINANT", until=UNTIL, commands=("add_note",)))
    reading = Story().do(IssueCapability(audience="COMPLAINANT", until=UNTIL, commands=()))
    assert opens(story) == {"add_note"} and opens(reading) == frozenset()
    assert sight_of(bearer(reading), reading.case) is not None
    monkeypatch.setitem(MAY_ASK, Audience.COMPLAINANT, frozenset({"add_note", "assign"}))
    assert opens(story) == {"add_note"}
    monkeypatch.setitem(MAY_ASK, Audience.COMPLAINANT, frozenset({"assign"}))
    assert opens(story) == frozenset(), "what nobody is allowed any more is allowed by no old link either"


# --- What it lets do and see -----------------------------------------------------------------------------


def by_link(story: Story) -> set[str]:
    """The commands of which some content is accepted from the bearer of K1."""
    accepted = set()
    for name, contents in witnesses(story.case, story.at).items():
        for command in contents:
            try:
                decide(story.case, command, bearer(story), story.at)
            except Refused:
                continue
            accepted.add(name)
    assert accepted == set(offered(bearer(story), story.case, story.at))
    return accepted


def test_the_commands_of_a_partner_before_and_after_it_accepts() -> None:
    story = Story().referred().do(OF_PARTNER)
    assert by_link(story) == {"add_note", "mark_referral_seen", "answer_referral"}
    sight = sight_of(bearer(story), story.case)
    assert sight is not None and (sight.audience, sight.referrals) == (Audience.ADDRESSEE, {"R1"})
    story.do(AnswerReferral(referral="R1", accept=True), by=bearer(story))
    assert story.case.referral("R1").answered_by == "capability.0000-0000-0000.k1"
    assert by_link(story) == {"add_note", "complete_referral", "receive_piece", "attach_file"}
    sight = sight_of(bearer(story), story.case)
    assert sight is not None and sight.audience is Audience.PARTNER


def test_the_commands_of_the_person() -> None:
    story = Story().referred().do(OF_PERSON)
    assert by_link(story) == {"add_note", "attach_file", "withdraw_consent"}
    sight = sight_of(bearer(story), story.case)
    assert sight is not None and sight.audience is Audience.COMPLAINANT


SINGLE = [(audience, name) for audience, names in MAY_ASK.items() for name in sorted(names)]


@pytest.mark.parametrize(("audience", "name"), SINGLE)
@pytest.mark.parametrize("accepted", [False, True])
def test_a_link_for_one_thing_is_good_for_that_and_for_nothing_else(
    audience: Audience, name: str, accepted: bool
) -> None:
    """Every command with some content that would do, and every way of being given a file, is tried."""
    story = Story().referred().do(AttachFile.model_validate(A_FILE | {"description": "A letter"}))
    referral = "R1" if audience is Audience.PARTNER else None
    story.do(IssueCapability(audience=audience, referral=referral, until=UNTIL, commands=(name,)))
    if accepted:
        story.do(AnswerReferral(referral="R1", accept=True), by=PARTNER)
    over = {"answer_referral", "mark_referral_seen"} if accepted else {"complete_referral"} | ONCE_ACCEPTED
    alone = set() if audience is Audience.PARTNER and name in over else {name}
    assert by_link(story) == alone - {READ_FILE}
    assert files_given(story) == alone & {READ_FILE}
    assert sight_of(bearer(story), story.case) is not None, "it may look, whatever it may do"


def files_given(story: Story) -> set[str]:
    """The ways in which the bearer of K1 is given a file."""
    given = set()
    for way in (READ_FILE, EXPORT_FILE):
        try:
            require_file(bearer(story), way, story.case)
        except Refused:
            continue
        given.add(way)
    return given


def test_what_a_link_can_allow_is_a_command_or_being_given_a_file() -> None:
    assert frozenset[str]().union(*MAY_ASK.values()) - COMMANDS.keys() == {READ_FILE}


def test_an_agreement_that_is_taken_back_ends_the_link_of_its_partner_alone() -> None:
    story = Story().referred().referred(THIRD_ORG)
    story.do(OF_PARTNER, IssueCapability(audience="PARTNER", referral="R2", until=UNTIL), OF_PERSON)
    story.do(AnswerReferral(referral="R1", accept=True), by=PARTNER)
    consents = {kept.given.recipient: kept.id for kept in story.case.consents}
    story.do(WithdrawConsent(consent=consents[PARTNER_ORG]))
    assert [bool(opens(story, id)) for id in ("K1", "K2", "K3")] == [False, True, True]
    assert sight_of(bearer(story), story.case) is None
    assert story.refusal(RenewCapability(capability="K1", until=UNTIL), WORKER).code == "link_over"


def test_an_erasure_ends_every_link_and_leaves_none_to_be_renewed() -> None:
    story = Story().do(OF_PERSON).closed()
    who = bearer(story)
    story.do(ProposeErasure(reason="PERSON_ASKED"), by=SUPERVISOR)
    story.do(Erase.model_validate({"reason": "PERSON_ASKED"}), by=SUPERVISOR_2)
    assert opens(story) == frozenset() and not may_see(who, story.case) and story.case.capabilities == ()


def test_a_partner_touches_nothing_of_another_partner() -> None:
    story = Story().referred().referred(THIRD_ORG).do(OF_PARTNER)
    for command in (
        AnswerReferral(referral="R2", accept=True),
        CompleteReferral(referral="R2", result="Done"),
        AddNote(text="Hello", audience="PARTNER", referral="R2"),
    ):
        assert story.refusal(command, bearer(story)).code in ("not_addressed", "not_permitted", "note_from_outside")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_or_an_organisation_of_ones_own_counts_for_nothing(role: Role) -> None:
    """Whoever is called like the bearer of a capability is its bearer, exactly, or nobody."""
    story = Story().referred().do(OF_PARTNER)
    true = bearer(story)
    for claimed in (
        true.model_copy(update={"role": role}),
        true.model_copy(update={"role": role, "organisation": story.case.organisation, "metropolis": "MEL"}),
        true.model_copy(update={"role": role, "account": "capability.0000-0000-0000.k2"}),
        true.model_copy(update={"role": role, "account": "capability.1111-1111-1111.k1"}),
        true.model_copy(update={"role": role, "account": "capability.sacha"}),
    ):
        if claimed == true:
            continue
        assert not may_see(claimed, story.case) and sight_of(claimed, story.case) is None
        assert offered(claimed, story.case, story.at) == []
        for name, contents in witnesses(story.case, story.at).items():
            for command in contents:
                assert story.refusal(command, claimed).code == "no_such_case", name
    with pytest.raises(Refused):
        decide(None, COMMANDS["open"].model_validate({"complaint": story.case.complaint}), true, story.at)


def test_it_is_bound_to_its_case() -> None:
    one, other = Story().do(OF_PERSON).case, Story().do(OF_PERSON).case.model_copy(update={"reference": "1" * 14})
    who = one.capability("K1").actor(one.reference)
    assert may_see(who, one) and not may_see(who, other)


def test_its_name_tells_case_and_id() -> None:
    name = Capability.model_construct(id="K7", audience=Audience.COMPLAINANT, organisation="personne").actor(
        "7K3M-9Q2R-X8WD"
    )
    assert capability_in(name.account) == ("7K3M-9Q2R-X8WD", "K7") and name.by_capability
    assert capability_in("capability.sacha") is None and is_reserved("capability.sacha")
    assert not is_reserved("camille")
    assert relations(name, None)  # and nothing is refused for want of a case


def test_an_old_line_is_as_it_was() -> None:
    """No field was added to who acts, and a case without such access says nothing of it."""
    assert set(Actor.model_fields) == {"account", "role", "organisation", "metropolis"}
    assert "capabilities" not in Story().case.model_dump()
