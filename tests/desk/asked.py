"""Calls of each service of the desk about a case. A service that is missing here is a failure of test_who_may."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from desk.attaching import Upload
from desk.dossiers import Prepared, prepare_dossier
from desk.drafts import keep_draft
from desk.letters import Wishes
from desk.listing import Filter
from desk.views.many import Each
from domain.accounts.events import Standing
from domain.commands import COMMANDS
from domain.drafts import DraftContent
from domain.exchange.cases import Receipt
from domain.identity import Trait, mark
from domain.log.checkpoint import PublicKey
from domain.parts.alert import AnswerAlert
from domain.parts.assignment import Assign
from domain.values import day_of, new_reference
from domain.vocabulary import AlertDecision, DeadlineKind, Role, Step
from tests.desk.asked_signin import CALLS, STEPS_OF_SIGN_IN, Call
from tests.desk.scene import PIECE, Corner, Scene
from tests.people import LILLE
from tests.support.builders import complaint, note
from tests.support.intakes import Streamed, attaching
from words import Words

Arguments = dict[str, Any]
Ways = Callable[[Scene, Corner], Iterable[Arguments]]


@dataclass(frozen=True)
class Asked:
    """Calls of a service, and what it does that others do not."""

    ways: Ways = lambda _scene, _corner: [{}]
    """The arguments of each call, beside who asks. Where they name a case, strangers to it are to be refused."""
    shows_all_to: frozenset[Role] = frozenset()
    """Roles to which it shows cases of every team. Each stands here for a reason, which is said beside it."""
    echoes: bool = False
    """True if it gives back the reference that it was given: the answer to a command, whose rules were asked before."""
    needs_engine: bool = False
    """True if the engine answers whoever may ask it, and there is none here."""
    ends_in: str = ""
    """The refusal that whoever may ask gets here, where something else is lacking."""


AUDITORS = frozenset({Role.AUDITOR})


def _case(**others: Any) -> Ways:
    """Asks about the living case of a corner."""
    return lambda _scene, corner: [{"reference": corner.reference, **others}]


def _both(**others: Any) -> Ways:
    """Asks about the living case of a corner, and about the one that was erased."""
    return lambda _scene, corner: [{"reference": name, **others} for name in (corner.reference, corner.erased)]


def _always(*ways: Arguments) -> Ways:
    """Asks the same of everybody."""
    return lambda _scene, _corner: ways


def _upload(scene: Scene, corner: Corner) -> Upload:
    taken = scene.office.evidence.take_in(corner.reference, "suite.txt", [b"La suite du bail\n"])
    intake = attaching(scene.office.database, corner.reference, taken, keys=scene.office.keys).intake
    return Upload(corner.reference, PIECE, "La suite", taken, str(intake))


def _prepared(scene: Scene, corner: Corner) -> Prepared:
    return prepare_dossier(scene.office, corner.holder, corner.reference)


def _receipt(reference: str) -> Receipt:
    return Receipt(reference=reference, version=1, step=Step.INTAKE, events=("complaint_opened.1",))


def _like(corner: Corner) -> Any:
    """A complaint of the same person against nobody in particular: its duplicates are told to who may see them."""
    given_name, family = corner.name.split()
    return complaint(commune=LILLE, complainant={"given_name": given_name, "family_name": family})


def _kept(scene: Scene, corner: Corner) -> Arguments:
    """The draft of a note about a case, which its holder has begun."""
    arguments = _typing(corner.reference)
    keep_draft(scene.office, corner.holder, **arguments)
    return {"draft": arguments["draft"]}


def _typing(reference: str | None) -> Arguments:
    content = DraftContent(command_id=uuid.uuid4().hex, typed={"text": ("Un propos de Zélie",)})
    act = "open" if reference is None else "add_note"
    return {"draft": uuid.uuid4().hex, "act": act, "content": content, "reference": reference}


TODAY, FRENCH = day_of(datetime.now(UTC)), Words("fr")


def _signing_in(call: Call) -> Asked:
    """Asks with a session of the holder of the corner: nobody else may."""
    return Asked(lambda scene, corner: [call(scene, corner)])


SIGN_IN = {f"signin.{name}": _signing_in(call) for name, call in CALLS.items()}
SIGN_IN["signin.invitations.sign_in_link"] = replace(
    SIGN_IN["signin.invitations.sign_in_link"], ends_in="link_embedded_only"
)

SERVICES: dict[str, Asked] = {
    "absences.note_absence": Asked(
        lambda _scene, corner: [
            {"delegate": account, "first_day": TODAY, "last_day": TODAY}
            for account in (corner.holder.account, corner.colleague.account)
        ]
    ),
    "absences.cancel_absence": Asked(_always({"first_day": TODAY}), ends_in="no_such_absence"),
    "absences.change_absence": Asked(_always({"first_day": TODAY, "changes": {}}), ends_in="no_such_absence"),
    "absences.list_absences": Asked(),
    "accounts.change_account": Asked(
        lambda _scene, corner: [{"account": corner.colleague.account, "changes": {}, "why": "-"}],
        ends_in="account_unchanged",
    ),
    "accounts.close_account": Asked(
        lambda _scene, corner: [{"account": corner.colleague.account, "to": "nobody-at-all", "why": "-"}],
        ends_in="no_such_account",
    ),
    "accounts.confirm_account": Asked(
        lambda _scene, corner: [{"account": corner.colleague.account}], ends_in="nothing_proposed"
    ),
    "accounts.list_accounts": Asked(_always({}, {"every": True})),
    "accounts.list_history": Asked(lambda _scene, corner: [{}, {"account": corner.holder.account}]),
    "accounts.own_account": Asked(),
    "accounts.open_account": Asked(
        lambda _scene, corner: [
            {
                "account": f"leaves-{corner.metropolis.lower()}",
                "standing": Standing(role=Role.PARTNER, organisation="autre-equipe", metropolis=corner.metropolis),
                "why": "-",
            }
        ]
    ),
    "accounts.reject_account": Asked(
        lambda _scene, corner: [{"account": corner.colleague.account, "why": "-"}], ends_in="nothing_proposed"
    ),
    "accounts.reopen_account": Asked(
        lambda _scene, corner: [{"account": corner.colleague.account, "why": "-"}], ends_in="account_open"
    ),
    "alerts.answer_alerts": Asked(
        _always({"kind": DeadlineKind.HOLD_REVIEW, "decision": AlertDecision.ACT, "reason": "-"})
    ),
    "alerts.list_alerts": Asked(_always({}, {"mine": True}, {"kind": DeadlineKind.STALL, "offset": 1})),
    "attaching.attach_file": Asked(
        lambda scene, corner: [{"upload": _upload(scene, corner), "command_id": str(uuid.uuid4())}]
    ),
    "attaching.take_in": Asked(_case(piece=PIECE, chunks=[b"La suite du bail\n"], filename="suite.txt")),
    "attaching.take_in_stream": Asked(_case(piece=PIECE, chunks=Streamed(b"La fin du bail\n"), filename="fin.txt")),
    "case.replay_case": Asked(_both(words=FRENCH)),
    "case.show_agenda": Asked(_both(words=FRENCH)),
    "case.show_case": Asked(_both(words=FRENCH)),
    "case.show_history": Asked(_both()),
    "certificate.certificate_of": Asked(_both()),
    "checklist.checklist_of": Asked(_both(words=FRENCH)),
    "decoding.decoding": Asked(
        _always(
            {
                "why": "-",
                "at": ("127.0.0.1", 0),
                "origin": None,
                "tool_lasts": timedelta(hours=1),
                "page_lasts": timedelta(hours=1),
            }
        )
    ),
    "day.show_day": Asked(_always({"words": Words("fr")})),
    "dossiers.dossier_view": Asked(lambda scene, corner: [{"prepared": _prepared(scene, corner), "words": FRENCH}]),
    "dossiers.give_bundle": Asked(lambda scene, corner: [{"prepared": _prepared(scene, corner), "pdf": b"%PDF-"}]),
    "dossiers.prepare_dossier": Asked(_both()),
    "dossiers.typeset_dossier": Asked(
        lambda scene, corner: [{"prepared": _prepared(scene, corner), "to_be_sent": sent} for sent in (False, True)]
    ),
    "dossiers.write_bundle": Asked(
        lambda scene, corner: [{"prepared": _prepared(scene, corner), "pdf": b"%PDF-", "sink": BytesIO()}]
    ),
    "drafts.draft": Asked(lambda scene, corner: [_kept(scene, corner)]),
    "drafts.drop_draft": Asked(lambda scene, corner: [_kept(scene, corner)]),
    "drafts.keep_draft": Asked(
        lambda _scene, corner: [_typing(reference) for reference in (corner.reference, corner.erased)]
    ),
    "drafts.list_drafts": Asked(),
    "editions.policy_editions": Asked(),
    "editions.policy_in_force": Asked(),
    "exporting.export_bundle": Asked(_both()),
    "files.list_files": Asked(_both()),
    "files.list_files_with_custody": Asked(_both(why="-")),
    "finding.find_cases": Asked(lambda _scene, corner: [{"mark": mark(Trait.NAME, corner.name), "why": "-"}]),
    "giving.give_file": Asked(
        lambda _scene, corner: [
            {"reference": corner.reference, "file_id": corner.file},
            {"reference": corner.reference, "file_id": corner.file, "original": True, "why": "-"},
        ]
    ),
    "histories.case_history": Asked(_both(access="show")),
    "histories.look_at": Asked(_both(access="show")),
    # The journal is one for the installation: an auditor reads all of it, and stands in it.
    "journal.read_journal": Asked(
        lambda _scene, corner: [{}, {"reference": corner.reference}, {"account": corner.holder.account}],
        shows_all_to=AUDITORS,
    ),
    "keys.accept_key_store": Asked(_always({"why": "-"}), ends_in="key_store_right"),
    "keys.forget_master_keys": Asked(),
    "keys.key_store_history": Asked(),
    "keys.orphan_keys": Asked(_always({"older_than": timedelta(days=1)}, {"older_than": timedelta(), "destroy": True})),
    "keys.replace_link_key": Asked(_always({"why": "-"})),
    "keys.rotate_master_key": Asked(),
    "letters.draft_letter": Asked(_both(wishes=Wishes(pieces=["EV009"]))),
    "list_export.export_cases": Asked(_always({"words": FRENCH}, {"words": FRENCH, "chosen": Filter(stalled=True)})),
    "links.link_of": Asked(_both(capability_id="K1"), ends_in="unknown_part"),
    "links.list_capabilities": Asked(_both()),
    "links.send_link": Asked(_both(capability_id="K1"), ends_in="unknown_part"),
    "listing.list_cases": Asked(
        lambda _scene, corner: [
            {},
            {"after": corner.reference},
            {"chosen": Filter(holder=corner.holder.account)},
            {"chosen": Filter(territory=corner.metropolis), "limit": 1},
        ]
    ),
    "mails.list_mails": Asked(lambda _scene, corner: [{}, {"reference": corner.reference}]),
    "lookback.look_back": Asked(_both(words=FRENCH)),
    "mails.list_failing": Asked(),
    "many.submit_many": Asked(
        lambda _scene, corner: [
            {
                "asked": (Each(reference=corner.reference, command=command),),
                "command_id": uuid.uuid4().hex,
                "words": FRENCH,
            }
            for command in (
                AnswerAlert(alert=corner.alert, decision=AlertDecision.ACT, reason="-"),
                Assign(holder=corner.colleague.account, organisation=corner.colleague.organisation, reason="-"),
            )
        ],
        echoes=True,
    ),
    "opening.open_case": Asked(_always({"complaint": complaint()})),
    "opening.opened_case": Asked(
        lambda _scene, corner: [{"complaint": _like(corner), "receipt": _receipt(new_reference())}]
    ),
    "policies.preview_policy": Asked(_always({"changes": {"repeat": 12}})),
    "policies.put_in_force": Asked(_always({"changes": {"repeat": 12}, "reason": "-"})),
    "preferences.change_preferences": Asked(_always({"changes": {"hour": 9}})),
    "preferences.own_preferences": Asked(),
    "rebuilding.restore_book": Asked(),
    "rebuilding.start_cases_again": Asked(_always({"per_second": 10.0}), needs_engine=True),
    "rollouts.roll_out": Asked(_always({"per_second": 10.0}), needs_engine=True),
    "schedules.ensure_schedules": Asked(needs_engine=True),
    "sealing.check_checkpoint": Asked(
        lambda scene, _corner: [{"saved": scene.checkpoint().encode()}, {"saved": b"no checkpoint"}]
    ),
    "sealing.declare_lost_seal_key": Asked(
        _always({"former": PublicKey("test.example", bytes(32)), "why": "-"}), needs_engine=True
    ),
    "sealing.declare_restored": Asked(_always({"why": "-"}), needs_engine=True),
    "sealing.last_checkpoint": Asked(),
    "sealing.prove_line": Asked(_both(version=1)),
    "sealing.replace_seal_key": Asked(_always({"why": "-"}), needs_engine=True),
    "sealing.seal_now": Asked(needs_engine=True),
    **SIGN_IN,
    "store.check_files": Asked(),
    "store.scan_files": Asked(ends_in="no_scanner"),
    "store.sweep_store": Asked(),
    "submitting.submit_command": Asked(
        lambda _scene, corner: [
            {"reference": corner.reference, "command": note("Rappeler")},
            {
                "reference": corner.reference,
                "command": COMMANDS["answer_alert"](alert=corner.alert, decision="ACT", reason="-"),
            },
        ]
    ),
    "submitting.submit_as_found": Asked(
        lambda _scene, corner: [
            {"reference": corner.reference, "command": command}
            for command in (note("Rappeler"), COMMANDS["release_hold"](reason="-"))
        ]
    ),
    "submitting.submitted_command": Asked(
        lambda _scene, corner: [
            {"command": command, "receipt": _receipt(corner.reference)}
            for command in (note("Rappeler"), COMMANDS["file"](filing="F1"))
        ],
        echoes=True,
    ),
    "sweeping.last_sweep": Asked(),
    "sweeping.sweep_now": Asked(_always({"per_second": 10.0}), needs_engine=True),
    "team.show_team": Asked(),
    # What does not hold is told with the references of all cases: those who verify every case are auditors.
    "verifying.verify_all": Asked(_always({"left_out": ("engine",)}), shows_all_to=AUDITORS),
    "verifying.verify_some": Asked(_always({"left_out": ("engine",)}), shows_all_to=AUDITORS),
    "verifying.verify_case": Asked(_both(left_out=("engine",))),
}

NOT_SERVICES: dict[str, str] = {
    "afterwards.looked_up_afterwards": "it calls what a service hands it, and knows no case",
    "following.follow": "it follows the workflow that a service names, once who asks was checked",
    "scanning.case_with_files": "the case is worked on for its files, and nothing of it is told",
    "scanning.scanning_of": "it composes the scans that services start",
    **STEPS_OF_SIGN_IN,
    "sealing.no_seal_key": "an error",
    "sealing.own_key": "a public key",
    "sealing.trusted_keys": "public keys",
}
"""Public functions that nobody has to ask for, each with the reason. No door imports those that take an office."""
