"""Whoever has the socket and a token, a bad one or none, tries every door of a real stack: nothing gives way."""

import uuid
from typing import Any

import pytest

from counter.published import published
from domain.identity import Trait, mark
from tests.people import LILLE
from tests.privacy.attacked import (
    ADMINISTRATOR,
    AUDITOR,
    COLLEAGUE,
    HOLDER,
    HOLDER_AMP,
    LEAD,
    LEFT,
    NOWHERE,
    PARTNER,
    SUPERVISOR,
    SUPERVISOR_AMP,
    Attacked,
    about,
    told,
)

pytestmark = pytest.mark.proof


@pytest.fixture(autouse=True)
def _tally(attacked: Attacked) -> Any:
    tally = attacked.start()
    yield
    print(f"\n{tally}")
    assert tally.tries.total() > 0
    assert tally.won == [], "\n".join(f"{kind}: {what[:150]}" for kind, what in tally.won)


def test_tokens_that_are_forged_ended_or_of_a_closed_account(attacked: Attacked) -> None:
    own, link = attacked.token(HOLDER), attacked.links[0]
    ended, left = attacked.sign_in(HOLDER), attacked.sign_in(LEFT)
    sessions = attacked.ask(ended, "signin.sessions.own_sessions").json["sessions"]
    mine = next(each["id"] for each in sessions if each["is_this"])
    attacked.done(attacked.ask(ended, "signin.sessions.end_session", ended=mine))
    attacked.folder.ask("account", "close", LEFT, "--why", "Essai")
    forged = {
        "ended session": ended,
        "closed account": left,
        "forged token": own[:-1] + ("A" if own[-1] != "A" else "B"),
        "token of another kind": "abk" + own[3:],
        "program of nobody": "abc" + own[3:],
        "token in capitals": own.upper(),
        "name instead of a token": HOLDER,
        "id instead of a token": mine,
        "link of another capability": link.replace(".K1.", ".K2."),
        "link of another case": link.replace(attacked.own, attacked.barred),
        "link of another edition": link.replace(".K1.1.", ".K1.2."),
        "link of the operator": "exploitation",
    }
    requests = about(attacked.own)
    for kind, token in forged.items():
        for name, service in published().items():
            if not service.of_nobody and not service.takes_stream:
                answer = attacked.ask(token, name, **requests.get(name, {}))
                attacked.tally.note(kind, won=answer.status != 401, what=f"{name}: {answer.text}")


STRANGERS = {
    "own": (HOLDER_AMP, SUPERVISOR_AMP, ADMINISTRATOR),
    "barred": (HOLDER_AMP, SUPERVISOR_AMP, ADMINISTRATOR, COLLEAGUE, LEAD, PARTNER),
    "south": (HOLDER, COLLEAGUE, SUPERVISOR, LEAD, ADMINISTRATOR, PARTNER),
}


@pytest.mark.parametrize("which", STRANGERS)
def test_the_reference_of_a_case_of_others_in_every_service(attacked: Attacked, which: str) -> None:
    """Refused in the same words as a reference that is no case's, and with nothing of it."""
    reference = getattr(attacked, which)
    before = attacked.folder.versions()
    for account in STRANGERS[which]:
        token, nothing = attacked.token(account), about(NOWHERE)
        for name, fields in about(reference).items():
            answer, beside = attacked.ask(token, name, **fields), attacked.ask(token, name, **nothing[name])
            is_same = answer.text.replace(reference, NOWHERE) == beside.text
            shown = attacked.shows(answer.text) or answer.status < 400 or not is_same
            attacked.tally.note("reference of others", won=bool(shown), what=f"{account} {name}: {answer.text}")
    attacked.tally.note("reference of others", won=attacked.folder.versions() != before, what="a line was written")


def test_lists_counts_and_searches_tell_of_no_case_of_others(attacked: Attacked) -> None:
    sought = mark(Trait.NAME, f"Lou {attacked.word}")
    assert sought is not None
    asked: list[tuple[str, dict[str, Any]]] = [
        ("listing.list_cases", {"limit": 1000}),
        ("listing.list_cases", {"chosen": {"territory": LILLE}}),
        ("listing.list_cases", {"chosen": {"holder": HOLDER}}),
        ("list_export.export_cases", {}),
        ("alerts.list_alerts", {"mine": False}),
        ("day.show_day", {}),
        ("journal.read_journal", {"limit": 1000}),
        ("accounts.list_accounts", {"every": True}),
        ("accounts.list_history", {}),
        ("absences.list_absences", {}),
        ("finding.find_cases", {"mark": sought.model_dump(mode="json")}),
    ]
    for which, accounts in STRANGERS.items():
        for account in accounts:
            for name, fields in asked:
                answer = attacked.ask(attacked.token(account), name, **fields)
                shown = getattr(attacked, which) in answer.text
                attacked.tally.note("lists and counts", won=shown, what=f"{account} {name}: {answer.text}")
                attacked.tally.note("faults", won=answer.status >= 500, what=f"{account} {name}: {answer.text}")


def test_names_that_are_nearly_right_tell_of_no_account_elsewhere(attacked: Attacked) -> None:
    for account, other in ((HOLDER, HOLDER_AMP), (SUPERVISOR, SUPERVISOR_AMP)):
        token, typed = attacked.token(account), f"{other}x"
        for name, fields in (
            ("listing.list_cases", {"chosen": {"holder": typed}}),
            ("list_export.export_cases", {"chosen": {"holder": typed}}),
            ("accounts.list_history", {"account": typed}),
            ("accounts.change_account", {"account": typed, "changes": {"role": "PARTNER"}, "why": "-"}),
        ):
            answer = attacked.ask(token, name, **fields)
            won = other in answer.text.replace(typed, "")
            attacked.tally.note("account of a near name", won=won, what=f"{account} {name}: {answer.text}")
        answer = attacked.ask(token, "listing.list_cases", chosen={"holder": other})
        attacked.tally.note("account of an exact name", won=answer.status != 404, what=f"{account}: {answer.text}")


def test_openings_tell_nobody_of_a_case_of_others(attacked: Attacked) -> None:
    for account in (COLLEAGUE, HOLDER_AMP, SUPERVISOR_AMP):
        for opening in (told("Autre", source=attacked.source), told(attacked.word)):
            answer = attacked.open(account, opening)
            shown = attacked.barred in answer.text or (attacked.own in answer.text and account != COLLEAGUE)
            attacked.tally.note("row of a register, or the same person", won=shown, what=f"{account}: {answer.text}")
        for duplicate in (attacked.barred, attacked.south, NOWHERE):
            closing = {"outcome": "NO_RESULT", "reason": "DUPLICATE", "duplicate_of": duplicate, "last_known_fact": "-"}
            answer = attacked.submit(attacked.token(account), attacked.own, version=1, kind="close", **closing)
            attacked.tally.note("duplicate of a case of others", won=answer.status < 400, what=answer.text)


def test_accounts_tell_nobody_who_holds_cases_and_give_nobody_a_role(attacked: Attacked) -> None:
    everybody = (HOLDER, COLLEAGUE, SUPERVISOR, LEAD, AUDITOR, PARTNER, HOLDER_AMP, ADMINISTRATOR)
    for account in everybody:
        token = attacked.token(account)
        for other in (HOLDER, HOLDER_AMP, SUPERVISOR_AMP, AUDITOR):
            for changes in ({"role": "PARTNER"}, {"role": "SYSTEM"}, {"organisation": "audit"}, {"metropolis": None}):
                answer = attacked.ask(token, "accounts.change_account", account=other, changes=changes, why="-")
                is_told = "holds open cases" in answer.text and account != ADMINISTRATOR
                won = answer.status < 400 or is_told or (other == HOLDER_AMP and answer.code == "account_holds_cases")
                attacked.tally.note("changing an account of others", won=won, what=f"{account}: {answer.text}")
            answer = attacked.ask(token, "signin.invitations.invite", account=other)
            won = answer.status < 400 and not (account == ADMINISTRATOR and other == HOLDER)
            attacked.tally.note("inviting into an account of others", won=won, what=f"{account}: {answer.text}")
        for name in ("SYSTEM", "ADMINISTRATOR", "SUPERVISOR", "AUDITOR", "CASE_WORKER"):
            for metropolis in ("AMP", None) if account == ADMINISTRATOR else ("MEL", "AMP", None):
                standing = {"role": name, "organisation": "audit", "metropolis": metropolis}
                made = f"fabrique-{uuid.uuid4().hex[:6]}"
                answer = attacked.ask(token, "accounts.open_account", account=made, standing=standing, why="-")
                attacked.tally.note("making an account", won=answer.status < 400, what=f"{account}: {answer.text}")
    with_two = attacked.token(ADMINISTRATOR)
    standing = {"role": "SUPERVISOR", "organisation": "metropole-mel", "metropolis": "MEL"}
    attacked.folder.ask("account", "add", "administration-bis", "--role", "ADMINISTRATOR", "--organisation",
                        "acces-droit-mel", "--metropolis", "MEL", "--why", "Essai")  # fmt: skip
    attacked.done(attacked.ask(with_two, "accounts.confirm_account", account="administration-bis"))
    attacked.ask(with_two, "accounts.open_account", account="seconde", standing=standing, why="-")
    for name, fields in (
        ("accounts.confirm_account", {"account": "seconde"}),
        ("signin.invitations.invite", {"account": "seconde"}),
        ("accounts.change_account", {"account": ADMINISTRATOR, "changes": {"role": "SUPERVISOR"}, "why": "-"}),
    ):
        answer = attacked.ask(with_two, name, **fields)
        attacked.tally.note("without a second person", won=answer.status < 400, what=answer.text)
    halves = [attacked.ask(with_two, "signin.invitations.invite", account=SUPERVISOR).json for _ in range(2)]
    for token, other in ((0, None), (1, None), (0, 1), (1, 0), (1, 1)):
        brought = {"token": halves[token]["token"], "other": None if other is None else halves[other]["token"]}
        answer = attacked.ask(None, "signin.invitations.use_invitation", **brought)
        attacked.tally.note("half an invitation", won=answer.status < 400, what=answer.text)


def test_a_partner_who_has_not_answered_and_links_see_no_word_of_the_team(attacked: Attacked) -> None:
    complainant, partner = attacked.links
    for kind, token in (("partner before an answer", attacked.token(PARTNER)), ("link of a partner", partner)):
        for at in (None, "1", "3", "4", "6"):
            answer = attacked.ask(token, "case.show_case", reference=attacked.own, at=at)
            attacked.tally.note(kind, won=bool(attacked.shows(answer.text)), what=answer.text)
        for name, fields in about(attacked.own, attacked.file).items():
            answer = attacked.ask(token, name, **fields)
            attacked.tally.note(kind, won=bool(attacked.shows(answer.text)), what=f"{name}: {answer.text}")
    for name, fields in about(attacked.own, attacked.file).items():
        answer = attacked.ask(complainant, name, **fields)
        attacked.tally.note("link of the person: notes", won="interne" in answer.text, what=f"{name}: {answer.text}")
    for token in (complainant, partner):
        for name, service in published().items():
            if not (service.of_nobody or service.by_capability):
                answer = attacked.ask(token, name)
                attacked.tally.note("link elsewhere", won=answer.code != "not_by_link", what=f"{name}: {answer.text}")
        for reference in (attacked.barred, attacked.south, NOWHERE):
            for name, fields in about(reference).items():
                answer = attacked.ask(token, name, **fields)
                attacked.tally.note("link to another case", won=answer.status < 400, what=f"{name}: {answer.text}")


def test_ids_that_were_used_and_versions_that_are_past(attacked: Attacked) -> None:
    id = str(uuid.uuid4())
    note: dict[str, Any] = {"kind": "add_note", "text": "Une fois"}
    attacked.done(attacked.submit(attacked.token(HOLDER), attacked.own, id=id, **note))
    before = attacked.folder.versions()
    for account in (COLLEAGUE, HOLDER_AMP, SUPERVISOR, PARTNER):
        for reference in (attacked.own, attacked.barred, attacked.south):
            for command in (note, note | {"text": "Deux fois"}):
                answer = attacked.submit(attacked.token(account), reference, id=id, **command)
                attacked.tally.note("id of somebody else's command", won=answer.status < 400, what=answer.text)
        answer = attacked.open(account, told("Autre"), id=attacked.opening)
        attacked.tally.note("id of somebody else's opening", won=answer.status < 400, what=answer.text)
        assert attacked.own not in answer.text
    for version in (None, 0, 1, -1, 2**63, 10**30, True, "1", 1.5, attacked.version(attacked.own) + 1):
        for command in ({"kind": "restrict", "accounts": [COLLEAGUE]}, {"kind": "withdraw_referral", "referral": "R1"}):
            answer = attacked.submit(attacked.token(HOLDER), attacked.own, version=version, reason="-", **command)
            attacked.tally.note("past or invented version", won=answer.status < 400, what=answer.text)
            attacked.tally.note("faults", won=answer.status >= 500, what=answer.text)
    for kind in ("pass_deadlines", "open", "attach_file", "record_scan"):
        answer = attacked.submit(attacked.token(SUPERVISOR), attacked.own, kind=kind)
        attacked.tally.note("command of nobody's", won=answer.status < 400, what=answer.text)
    attacked.tally.note("lines written", won=attacked.folder.versions() != before, what="the book has moved")


def test_files_with_invented_digests_types_and_names(attacked: Attacked) -> None:
    invented: list[dict[str, Any]] = [
        *({"sha256": "0" * 64}, {"stored": "0" * 32}, {"media_type": "text/html"}, {"to_scan": False}, {"size": 1}),
        *({"intake": "0" * 32}, {"actor": {"account": SUPERVISOR}}, {"by": SUPERVISOR}, {"scan": "CLEAN"}),
        *(
            {"filename": name}
            for name in ("../../x.txt", "/etc/passwd", "..", "a\0.txt", "a.txt\n.exe", "a\u202egnp.txt")
        ),
        *({"filename": name} for name in ("a.html", "a.svg", "a.exe", "a.js", "x" * 999 + ".txt", "")),
        *({"reference": each} for each in (attacked.south, NOWHERE, "../..")),
        *({"piece": each} for each in ("EV999", "../EV001", "")),
    ]
    for fields in invented:
        answer = attacked.attach(**fields)
        attacked.tally.note("invented file", won=answer.status < 400, what=f"{fields}: {answer.text}")
        attacked.tally.note("faults", won=answer.status >= 500, what=f"{fields}: {answer.text}")
    for name, content in (
        *(("a.txt", b"<html><script>alert(1)</script>"), ("a.txt", b"\0\1MZ"), ("a.txt", b""), ("a.pdf", b"<html>")),
        *(("a.png", b"%PDF-1.4"), ("a.jpg", b"<svg onload=alert(1)>"), ("a.pdf", b"MZ\x90\0")),
    ):
        answer = attacked.attach(content, filename=name)
        attacked.tally.note("file of another type", won=answer.status < 400, what=f"{name}: {answer.text}")


def test_absences_are_changed_in_what_they_are_and_nothing_else(attacked: Attacked) -> None:
    token, first = attacked.token(HOLDER), "2198-12-20"
    attacked.done(attacked.ask(token, "absences.note_absence", delegate=COLLEAGUE, first_day=first, last_day=first))
    for changes in ({"account": SUPERVISOR}, {"x": "-"}, {"last_day": "-"}, {"delegate": SUPERVISOR_AMP}):
        answer = attacked.ask(token, "absences.change_absence", first_day=first, changes=changes)
        attacked.tally.note("absence of others", won=not 400 <= answer.status < 500, what=f"{changes}: {answer.text}")
    attacked.done(attacked.ask(token, "absences.change_absence", first_day=first, changes={"last_day": "2198-12-24"}))
