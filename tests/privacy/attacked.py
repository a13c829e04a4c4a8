"""What there is to be had in an embedded stack: whoever is shown one of its words may see the case, or has won."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.values import day_of
from tests.people import LILLE, MARSEILLE
from tests.privacy.attacking import Ground, Said, Tally
from tests.support.builders import complaint
from tests.support.starter import Folder

HOLDER, COLLEAGUE, SUPERVISOR, LEAD = "accueil", "juriste", "superviseur", "pilote"
PARTNER, ADMINISTRATOR, AUDITOR = "logement-pour-tous", "administration", "auditeur"
HOLDER_AMP, SUPERVISOR_AMP = "accueil-amp", "superviseur-amp"
LEFT = "partie"
NOWHERE = "0000-0000-0000"
"""A reference that is well formed, and no case's."""
PAYLOAD = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'{{7*7}}${7*7}"


def told(word: str, **more: Any) -> dict[str, Any]:
    """A complaint with a word of its own in everything that somebody tells, and what a browser might run."""
    text = f"{word} {PAYLOAD}"
    person = {"given_name": "Lou", "family_name": word, "address": text, "accessibility": text}
    changes = {
        "complainant": person,
        "respondent": {"kind": "COMPANY", "name": text, "address": text},
        "expectations": text,
        "prior_steps": [{"kind": "OTHER", "to_whom": text, "answer": text}],
    }
    whole: dict[str, Any] = complaint(**(changes | more)).model_dump(mode="json")
    whole["facts"]["narrative"] = text
    whole["facts"]["place"]["detail"] = text
    return whole


class Attacked(Ground):
    """The stack with three cases: `own` is before a partner, `barred` closed to a colleague, `south` elsewhere."""

    def __init__(self, folder: Folder, addresses: Mapping[str, Any]) -> None:
        super().__init__(folder, Path(addresses["desk"]), str(addresses["web"]))
        for account, role in ((ADMINISTRATOR, "ADMINISTRATOR"), (LEFT, "CASE_WORKER")):
            folder.ask("account", "add", account, "--role", role, "--organisation", "acces-droit-mel",
                       "--metropolis", "MEL", "--why", "Essai")  # fmt: skip
        self.word = f"Canari{uuid.uuid4().hex[:8]}"
        self.source = {"system": "registre-2026", "id": "2026-0007"}
        self.opening = str(uuid.uuid4())
        self.own = self._opened(HOLDER, told(self.word, commune=LILLE), self.opening)
        self.barred = self._opened(HOLDER, told(self.word, commune=LILLE, source=self.source))
        self.south = self._opened(HOLDER_AMP, told(self.word, commune=MARSEILLE))
        self._before_a_partner()
        self.decide(self.barred, "restrict", accounts=[COLLEAGUE, LEAD], organisations=[PARTNER], reason=self.word)

    def _opened(self, account: str, told: Mapping[str, Any], id: str | None = None) -> str:
        return str(self.done(self.open(account, told, id=id)).json["reference"])

    def _before_a_partner(self) -> None:
        today = datetime.now(UTC)
        until, day = str(day_of(today + timedelta(days=20))), str(day_of(today))
        for command in (
            {"kind": "record_consent", "consent": {"scope": "REFERRAL", "recipient": PARTNER, "given_on": day}},
            {"kind": "add_note", "text": f"interne {self.word} {PAYLOAD}"},
        ):
            self.done(self.submit(self.token(HOLDER), self.own, **command))
        self.decide(self.own, "refer", partner=PARTNER, purpose="Aide juridique")
        self.decide(self.own, "issue_capability", audience="COMPLAINANT", until=until)
        self.decide(self.own, "issue_capability", audience="PARTNER", referral="R1", until=until)
        self.links = [
            str(
                self.done(self.ask(self.token(HOLDER), "links.link_of", reference=self.own, capability_id=id)).json[
                    "token"
                ]
            )
            for id in ("K1", "K2")
        ]
        self.file = str(self.done(self.attach()).json["file"]["id"])

    def attach(self, content: bytes = b"Bonjour", **fields: Any) -> Said:
        """Attaches a file to the own case, with any of the fields of its request."""
        head = {"reference": self.own, "piece": "EV001", "filename": "a.txt", "description": self.word}
        return self.send(self.token(HOLDER), head | {"command_id": str(uuid.uuid4())} | fields, content)

    def decide(self, reference: str, kind: str, **fields: Any) -> Said:
        """What the holder decides upon the case as it stands."""
        version = self.version(reference)
        return self.done(self.submit(self.token(HOLDER), reference, version=version, kind=kind, **fields))

    @staticmethod
    def done(said: Said) -> Said:
        """An answer that is no refusal."""
        assert said.status < 400, said.text
        return said

    def shows(self, text: str, *references: str) -> str:
        """What a text shows of the cases; "" if nothing."""
        return next((each for each in (self.word, *references) if each in text), "")

    def start(self) -> Tally:
        """A new tally."""
        self.tally = Tally()
        return self.tally


def about(reference: str, file: str = "D1") -> dict[str, dict[str, Any]]:
    """A whole request about a case to each service that names one, but for those that carry a file."""
    case, id = {"reference": reference}, str(uuid.uuid4())
    return {
        "case.replay_case": case | {"against": "1"},
        "case.show_agenda": case,
        "case.show_case": case,
        "case.show_history": case,
        "certificate.certificate_of": case,
        "checklist.checklist_of": case,
        "dossiers.dossier_view": case,
        "dossiers.give_bundle": case,
        "dossiers.typeset_dossier": case,
        "files.list_files": case,
        "files.list_files_with_custody": case | {"why": "Essai"},
        "giving.give_file": case | {"file_id": file},
        "letters.draft_letter": case | {"pieces": ["EV001"]},
        "letters.typeset_letter": case | {"pieces": ["EV001"]},
        "links.link_of": case | {"capability_id": "K1"},
        "links.list_capabilities": case,
        "mails.list_mails": case,
        "sealing.prove_line": case | {"version": 1},
        "submitting.submit_command": case | {"command": {"kind": "add_note", "text": "-"}, "command_id": id},
    }
