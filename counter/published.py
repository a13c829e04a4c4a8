"""The services that the desk's process publishes, and those that stay on the machine itself, each with the reason.

Routes, the schema and the client follow from here: a request is the signature of its service, and nothing beside it.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from counter import composed
from counter.composed import Download
from desk.views.schema import services
from domain.values import Reference, Text

MOST = 1_000
"""Entries that one answer lists at most."""
GIVEN = frozenset({"office", "actor", "words", "session", "visitor"})
"""Parameters that the process fills in: a caller names none of them."""
CHUNKS = "chunks"


class Kind(Enum):
    """The kinds of requests: each has a rate of its own."""

    READING = "reading"
    CHANGE = "change"
    """It writes, and counts twice if it is sent twice."""
    COMMAND = "command"
    """It is sent under an id of its own, and counts once however often it is sent."""
    OPENING = "opening"
    """The same; it opens a case."""
    DRAFT = "draft"
    """It keeps what is typed, as it is typed."""


@dataclass(frozen=True)
class Published:
    """A service that a person may ask through the socket."""

    name: str
    kind: Kind
    function: Callable[..., Any]

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The types of its function's parameters and of its answer."""
        return get_type_hints(self.function, include_extras=True)

    @property
    def answer(self) -> Any:
        """The type of its answer."""
        return self.hints["return"]

    @property
    def gives_stream(self) -> bool:
        """True if its answer is a file."""
        return self.answer is Download

    @property
    def takes_stream(self) -> bool:
        """True if its request carries a file."""
        return CHUNKS in self.hints

    @cached_property
    def request(self) -> type[BaseModel]:
        """The model of its request: what its function takes, and nothing else."""
        fields: dict[str, Any] = {}
        for parameter in self.parameters():
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[parameter.name] = (_bounded(parameter.name, self.hints[parameter.name]), default)
        title = self.name.rpartition(".")[2].title().replace("_", "") + "Request"
        config = ConfigDict(extra="forbid", frozen=True, strict=False)
        return create_model(title, __config__=config, **fields)

    def parameters(self) -> list[inspect.Parameter]:
        """The parameters that a caller fills in."""
        every = inspect.signature(self.function).parameters.values()
        return [each for each in every if each.name not in GIVEN and each.name != CHUNKS]

    @cached_property
    def view(self) -> TypeAdapter[Any]:
        """What renders its answer."""
        return TypeAdapter(self.answer)

    @property
    def of_nobody(self) -> bool:
        """True if it is asked without a token, by somebody who has yet to sign in."""
        return "actor" not in self.hints

    @property
    def adds_means(self) -> bool:
        """True if it may be asked by whoever has yet to add a first means of sign-in."""
        return self.name in ADDS_MEANS

    @property
    def by_capability(self) -> bool:
        """True if it may be asked by whoever comes by a capability."""
        return self.name in BY_CAPABILITY

    def takes_session(self) -> bool:
        """True if it is asked within a session, and looks at that again."""
        return "session" in self.hints

    def takes_visitor(self) -> bool:
        """True if it slows down who guesses, by where they ask from."""
        return "visitor" in self.hints

    def takes_words(self) -> bool:
        """True if its answer is worded in the language of the request."""
        return "words" in self.hints


def _bounded(name: str, annotation: Any) -> Any:
    """The type of a parameter, with the bounds that everything has that comes from outside."""
    if name == "limit":
        return Annotated[int, Field(ge=1, le=MOST)]
    if get_origin(annotation) is Collection:
        return tuple.__class_getitem__((get_args(annotation)[0], ...))
    if name == "reference":
        return Reference if annotation is str else Reference | None if annotation == str | None else annotation
    if name in ("why", "reason"):
        return Text if annotation is str else Text | None
    if annotation in (str, str | None):
        bounded = Annotated[str, Field(max_length=4_000)]
        return bounded if annotation is str else bounded | None
    return annotation


COMPOSED: Mapping[str, Callable[..., Any]] = {
    "attaching.attach_file": composed.attach_file,
    "dossiers.dossier_view": composed.show_dossier,
    "dossiers.give_bundle": composed.give_dossier,
    "dossiers.typeset_dossier": composed.typeset_dossier_of,
    "giving.give_file": composed.give_file,
    "letters.draft_letter": composed.draft_letter,
    "list_export.export_cases": composed.export_cases,
    "letters.typeset_letter": composed.typeset_letter,
    "opening.open_case": composed.open_case,
    "submitting.submit_command": composed.submit_command,
    "verifying.verify_case": composed.verify_case,
}
"""Services that are asked together with another, or whose answer is a stream."""

KINDS: Mapping[str, Kind] = {
    "absences.cancel_absence": Kind.CHANGE,
    "absences.change_absence": Kind.CHANGE,
    "absences.list_absences": Kind.READING,
    "absences.note_absence": Kind.CHANGE,
    "accounts.change_account": Kind.CHANGE,
    "accounts.close_account": Kind.CHANGE,
    "accounts.confirm_account": Kind.CHANGE,
    "accounts.list_accounts": Kind.READING,
    "accounts.list_history": Kind.READING,
    "accounts.open_account": Kind.CHANGE,
    "accounts.own_account": Kind.READING,
    "accounts.reject_account": Kind.CHANGE,
    "accounts.reopen_account": Kind.CHANGE,
    "alerts.list_alerts": Kind.READING,
    "attaching.attach_file": Kind.COMMAND,
    "case.replay_case": Kind.READING,
    "case.show_agenda": Kind.READING,
    "case.show_case": Kind.READING,
    "case.show_history": Kind.READING,
    "certificate.certificate_of": Kind.READING,
    "checklist.checklist_of": Kind.READING,
    "day.show_day": Kind.READING,
    "dossiers.dossier_view": Kind.READING,
    "dossiers.give_bundle": Kind.READING,
    "dossiers.typeset_dossier": Kind.READING,
    "drafts.draft": Kind.READING,
    "drafts.drop_draft": Kind.CHANGE,
    "drafts.keep_draft": Kind.DRAFT,
    "drafts.list_drafts": Kind.READING,
    "editions.policy_editions": Kind.READING,
    "editions.policy_in_force": Kind.READING,
    "files.list_files": Kind.READING,
    "files.list_files_with_custody": Kind.READING,
    "finding.find_cases": Kind.READING,
    "giving.give_file": Kind.READING,
    "journal.read_journal": Kind.READING,
    "letters.draft_letter": Kind.READING,
    "letters.typeset_letter": Kind.READING,
    "links.link_of": Kind.CHANGE,
    "links.list_capabilities": Kind.READING,
    "list_export.export_cases": Kind.READING,
    "listing.list_cases": Kind.READING,
    "lookback.look_back": Kind.READING,
    "mails.list_failing": Kind.READING,
    "mails.list_mails": Kind.READING,
    "many.submit_many": Kind.COMMAND,
    "opening.open_case": Kind.OPENING,
    "policies.preview_policy": Kind.READING,
    "policies.put_in_force": Kind.CHANGE,
    "preferences.change_preferences": Kind.CHANGE,
    "preferences.own_preferences": Kind.READING,
    "sealing.last_checkpoint": Kind.READING,
    "sealing.prove_line": Kind.READING,
    "signin.asking_again.ask_again_by_passkey": Kind.CHANGE,
    "signin.asking_again.ask_again_by_password": Kind.CHANGE,
    "signin.asking_again.begin_asking_again": Kind.CHANGE,
    "signin.clients.issue_client": Kind.CHANGE,
    "signin.clients.list_clients": Kind.READING,
    "signin.clients.revoke_client": Kind.CHANGE,
    "signin.invitations.invite": Kind.CHANGE,
    "signin.invitations.look_at_invitation": Kind.READING,
    "signin.invitations.sign_in_by_link": Kind.CHANGE,
    "signin.invitations.use_invitation": Kind.CHANGE,
    "signin.means.own_means": Kind.READING,
    "signin.means.remove_passkey": Kind.CHANGE,
    "signin.means.remove_password": Kind.CHANGE,
    "signin.passkeys.add_passkey": Kind.CHANGE,
    "signin.passkeys.begin_passkey": Kind.CHANGE,
    "signin.passwords.add_password": Kind.CHANGE,
    "signin.passwords.begin_second_factor": Kind.CHANGE,
    "signin.reading.own_record": Kind.READING,
    "signin.reading.read_record": Kind.READING,
    "signin.sessions.end_own_sessions": Kind.CHANGE,
    "signin.sessions.end_session": Kind.CHANGE,
    "signin.sessions.own_sessions": Kind.READING,
    "signin.signing_in.begin_sign_in": Kind.CHANGE,
    "signin.signing_in.sign_in_by_passkey": Kind.CHANGE,
    "signin.signing_in.sign_in_by_password": Kind.CHANGE,
    "submitting.submit_command": Kind.COMMAND,
    "team.show_team": Kind.READING,
    "verifying.verify_case": Kind.READING,
    "verifying.verify_some": Kind.READING,
}
"""Everything that is published."""

BY_CAPABILITY = frozenset(
    {
        "attaching.attach_file",
        "case.show_agenda",
        "case.show_case",
        "case.show_history",
        "files.list_files",
        "giving.give_file",
        "submitting.submit_command",
    }
)
"""Services for whoever comes by a capability. They ask the case itself what that allows."""

ADDS_MEANS = frozenset(
    {
        "signin.passkeys.add_passkey",
        "signin.passkeys.begin_passkey",
        "signin.passwords.add_password",
        "signin.passwords.begin_second_factor",
    }
)
"""Services for whoever has yet to add a first means of sign-in."""

_RESOLVES = "it resolves tokens: the counter asks it itself, at each request"
_PART = "it is asked as a part of {}"
_MACHINE = "it is for whoever runs the service, on the machine itself"
_KEYS = "the master key is changed where it lies"
_LONG = "it looks through every case, or follows a workflow, for as long as that lasts: the command line does"
_SIGNS = "it signs: the key that signs is with the sealer and on the machine itself"

LOCAL: Mapping[str, str] = {
    "alerts.answer_alerts": "it asks a command of each case, for as long as that lasts: the command line does",
    "attaching.take_in": _PART.format("attaching.attach_file"),
    "attaching.take_in_stream": _PART.format("attaching.attach_file"),
    "decoding.decoding": _MACHINE,
    "dossiers.prepare_dossier": _PART.format("dossiers.dossier_view"),
    "dossiers.write_bundle": "it writes into a file of the machine: dossiers.give_bundle gives the same as a stream",
    "exporting.export_bundle": _SIGNS,
    "histories.look_at": "it gives what other services fold: case.show_case does",
    "histories.case_history": "it gives lines and no view: case.show_history does",
    "keys.accept_key_store": _KEYS,
    "keys.forget_master_keys": _KEYS,
    "keys.key_store_history": _KEYS,
    "keys.orphan_keys": _KEYS,
    "keys.replace_link_key": _KEYS,
    "keys.rotate_master_key": _KEYS,
    "links.send_link": "it mails: the mail account is with the worker, and on the machine itself",
    "opening.opened_case": _PART.format("opening.open_case"),
    "rebuilding.restore_book": _MACHINE,
    "rebuilding.start_cases_again": _MACHINE,
    "rollouts.roll_out": _LONG,
    "schedules.ensure_schedules": _MACHINE,
    "sealing.check_checkpoint": _LONG,
    "sealing.declare_lost_seal_key": _SIGNS,
    "sealing.declare_restored": _SIGNS,
    "sealing.replace_seal_key": _SIGNS,
    "sealing.seal_now": _SIGNS,
    "signin.invitations.sign_in_link": _MACHINE,
    "signin.resolving.resolve": _RESOLVES,
    "signin.resolving.resolve_enrolling": _RESOLVES,
    "signin.sessions.end_sessions": _MACHINE,
    "signin.sessions.list_sessions": _MACHINE,
    "store.check_files": _MACHINE,
    "store.scan_files": _MACHINE,
    "store.sweep_store": _MACHINE,
    "submitting.submit_as_found": "it decides upon whatever it finds, for registers and scripts: people name a version",
    "submitting.submitted_command": _PART.format("submitting.submit_command"),
    "sweeping.last_sweep": _MACHINE,
    "sweeping.sweep_now": _MACHINE,
    "verifying.verify_all": _LONG,
}
"""Services that are not published, each with the reason."""


@cache
def published() -> Mapping[str, Published]:
    """Everything that is published, by its name."""
    known = services()
    return {name: Published(name, kind, COMPOSED.get(name) or known[name]) for name, kind in KINDS.items()}
