"""On the command line: an access is given, listed, renewed and ended, and its link shown or sent."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from domain.values import day_of
from tests.support.starter import Folder

LATER = day_of(datetime.now(UTC)) + timedelta(days=30)
PAGES = r"http://localhost:\d+"


@pytest.fixture(scope="module")
def own(stack: Folder, example: dict[str, Any]) -> str:
    """A case that these tests change."""
    return stack.open(example, "--id", "a-case-with-links")


def test_an_access_is_given_shown_sent_renewed_and_ended(stack: Folder, own: str) -> None:
    issued = stack.ask("capability", "issue", own, "--until", LATER, "--only", "add_note", "--id", "first-link")[
        "capability"
    ]
    assert (issued["id"], issued["audience"], issued["commands"], issued["opens"]) == (
        "K1", "COMPLAINANT", ["add_note"], True,
    )  # fmt: skip
    again = stack.ask("capability", "issue", own, "--until", LATER, "--only", "add_note", "--id", "first-link")
    assert again["capability"]["id"] == "K1", "sent twice, it counts once"

    shown = stack.run("capability", "show", own, "K1", lang="fr_FR.UTF-8")
    link = shown.out.splitlines()[-1]
    assert shown.code == 0 and re.fullmatch(rf"{PAGES}/access/abk_{own}\.K1\.1\.\S{{43}}", link)

    sent = stack.run("capability", "send", own, "K1", "--to", "camille@aboutir.test")
    assert sent.code == 0 and "K1" in sent.out and link not in sent.out, sent.err
    mails = [message_from_bytes(file.read_bytes(), policy=default) for file in stack.path.rglob("link-*.eml")]
    (mail,) = (mail for mail in mails if mail["To"] == "camille@aboutir.test")
    assert mail["Subject"] == "[Aboutir] Quelque chose vous attend" and link in mail.get_content()  # type: ignore[attr-defined]

    assert stack.ask("capability", "renew", own, "K1", "--until", LATER)["capability"]["generation"] == 2
    assert stack.ask("capability", "show", own, "K1")["token"].startswith(f"abk_{own}.K1.2.")
    ended = stack.ask("capability", "revoke", own, "K1", "--why", "Transmis à quelqu’un")["capability"]
    assert not ended["opens"] and ended["revoked_at"]
    assert stack.refused("capability", "show", own, "K1")["code"] == "link_over"
    assert link.rpartition("/")[2] not in stack.logs()


def test_links_are_listed_in_words_for_the_team_alone(stack: Folder, own: str) -> None:
    stack.ask("capability", "issue", own, "--until", LATER, "--look", "--id", "a-link-to-look")
    listed = stack.ask("capability", "list", own)["capabilities"]
    assert listed[-1]["commands"] == [] and listed[-1]["opens"]
    told = stack.run("capability", "list", own, lang="fr_FR.UTF-8").out
    assert "jusqu’au" in told and listed[-1]["id"] in told
    assert stack.refused("capability", "list", own, "--as", "accueil-amp")["code"] == "no_such_case"
    assert stack.refused("capability", "issue", own, "--until", LATER, "--referral", "R9")["code"] == "unknown_part"
    assert (
        stack.refused("capability", "issue", own, "--until", LATER, "--only", "assign")["code"] == "too_much_for_a_link"
    )
