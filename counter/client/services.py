# ruff: noqa: E501
"""The services of the desk, as its clients ask them. Written by `python -m counter.client.generate`."""

from collections.abc import AsyncIterable, Collection, Mapping
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

from counter.client.connection import Connection, Given
from desk.views.absence import AbsencesView, AbsenceView
from desk.views.account import AccountHistoryView, AccountsView, AccountView, ClosedView
from desk.views.alerts import AlertsView
from desk.views.answered import AttachedView, OpenedView, SubmittedView, TypesetView
from desk.views.case import AgendaView, CaseView, HistoryView, ReplayView
from desk.views.certificate import CertificateView
from desk.views.checklist import ChecklistView
from desk.views.day import DayView
from desk.views.dossier import DossierView
from desk.views.draft import DraftDropped, DraftKept, DraftsView, DraftView
from desk.views.edition import EditionsView, EditionView
from desk.views.file import GivenView
from desk.views.files import FilesView, FilesWithCustodyView
from desk.views.findings import Progress, Verdict, VerifiedSome
from desk.views.journal import JournalView
from desk.views.letter import Letter
from desk.views.link import CapabilitiesView, LinkView
from desk.views.listing import CasesView, FoundCasesView, TableView
from desk.views.lookback import LookBackView
from desk.views.mails import MailsView
from desk.views.many import Each, ManyView
from desk.views.policy import PolicyChanged
from desk.views.preferences import PreferencesView
from desk.views.sealed import CheckpointView, LineProof
from desk.views.signin import (
    AskedAgain,
    Ceremony,
    ClientIssued,
    ClientsView,
    ClientView,
    InvitationView,
    Invited,
    MeansAdded,
    MeansView,
    SecondFactor,
    SessionsEnded,
    SessionsView,
    SignedIn,
    SignInRecord,
)
from desk.views.team import TeamView
from domain.access import Access
from domain.accounts.events import Standing
from domain.choice import Filter
from domain.complaint import Complaint
from domain.drafts import DraftContent
from domain.identity import Mark
from domain.parts.base import Command
from domain.time.preview import Preview
from domain.vocabulary import DeadlineKind, Level, MailState


class Desk(Connection):
    """Every service that is published, by its name."""

    async def cancel_absence(self, *, first_day: date) -> AbsenceView:
        """Cancels the absence of this account that begins on a day, also while it lasts; gives what it was."""
        return await self.ask("absences.cancel_absence", AbsenceView, {"first_day": first_day}, again=False)

    async def change_absence(self, *, first_day: date, changes: Mapping[str, str | date]) -> AbsenceView:
        """Changes what is named (first_day, last_day, delegate) of the absence of this account that begins on a day."""
        return await self.ask(
            "absences.change_absence", AbsenceView, {"first_day": first_day, "changes": changes}, again=False
        )

    async def list_absences(self) -> AbsencesView:
        """The absences of today and to come: one's own, and those of the accounts that a list shows to this one."""
        return await self.ask("absences.list_absences", AbsencesView, {}, again=True)

    async def note_absence(self, *, delegate: str, first_day: date, last_day: date) -> AbsenceView:
        """Notes that this account is away and who stands in for it. The same first day again replaces what was noted."""
        return await self.ask(
            "absences.note_absence",
            AbsenceView,
            {"delegate": delegate, "first_day": first_day, "last_day": last_day},
            again=False,
        )

    async def change_account(self, *, account: str, changes: Mapping[str, object], why: str) -> AccountView:
        """Changes what is named of an account's standing, or proposes it. Raises as `open_account` does."""
        return await self.ask(
            "accounts.change_account", AccountView, {"account": account, "changes": changes, "why": why}, again=False
        )

    async def close_account(self, *, account: str, why: str, to: str | None = None) -> ClosedView:
        """Closes an account: it is refused at its next act. Its open cases go to `to`, or to nobody yet."""
        return await self.ask(
            "accounts.close_account", ClosedView, {"account": account, "why": why, "to": to}, again=False
        )

    async def confirm_account(self, *, account: str) -> AccountView:
        """Confirms what another administrator has proposed for an account. Raises Refused for whoever proposed it."""
        return await self.ask("accounts.confirm_account", AccountView, {"account": account}, again=False)

    async def list_accounts(self, *, every: bool = False) -> AccountsView:
        """The open and proposed accounts, by name; with `every`, the closed ones too."""
        return await self.ask("accounts.list_accounts", AccountsView, {"every": every}, again=True)

    async def list_history(self, *, account: str | None = None) -> AccountHistoryView:
        """The history of an account, or of all that this one may look into: its own, those it administers or audits."""
        return await self.ask("accounts.list_history", AccountHistoryView, {"account": account}, again=True)

    async def open_account(self, *, account: str, standing: Standing, why: str) -> AccountView:
        """Opens an account, or proposes it where a second person has to confirm it."""
        return await self.ask(
            "accounts.open_account", AccountView, {"account": account, "standing": standing, "why": why}, again=False
        )

    async def own_account(self) -> AccountView:
        """The account that asks, as it stands now."""
        return await self.ask("accounts.own_account", AccountView, {}, again=True)

    async def reject_account(self, *, account: str, why: str) -> AccountView:
        """Rejects what is proposed for an account: nothing changes."""
        return await self.ask("accounts.reject_account", AccountView, {"account": account, "why": why}, again=False)

    async def reopen_account(self, *, account: str, why: str) -> AccountView:
        """Opens a closed account again as it was, or proposes it. Its cases have gone to others and stay there."""
        return await self.ask("accounts.reopen_account", AccountView, {"account": account, "why": why}, again=False)

    async def list_alerts(
        self,
        *,
        mine: bool = False,
        kind: DeadlineKind | None = None,
        level: Level | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> AlertsView:
        """A page of the standing alerts on the cases that this account may see, the highest and oldest first."""
        return await self.ask(
            "alerts.list_alerts",
            AlertsView,
            {"mine": mine, "kind": kind, "level": level, "limit": limit, "offset": offset},
            again=True,
        )

    async def attach_file(
        self,
        content: AsyncIterable[bytes],
        *,
        reference: str,
        piece: str,
        filename: str,
        command_id: str,
        description: str | None = None,
    ) -> AttachedView:
        """Takes a file in chunk by chunk, and has the case record it."""
        return await self.send(
            "attaching.attach_file",
            AttachedView,
            {
                "reference": reference,
                "piece": piece,
                "filename": filename,
                "command_id": command_id,
                "description": description,
            },
            content,
        )

    async def replay_case(
        self,
        *,
        reference: str,
        at: str | None = None,
        against: str | None = None,
        from_histories: bool = False,
        why: str | None = None,
    ) -> ReplayView:
        """A case as it stood at a moment, under the policy of that moment, and what differs from the moment `against`."""
        return await self.ask(
            "case.replay_case",
            ReplayView,
            {"reference": reference, "at": at, "against": against, "from_histories": from_histories, "why": why},
            again=True,
        )

    async def show_agenda(self, *, reference: str, why: str | None = None) -> AgendaView:
        """The deadlines and time limits of a case that this account may see. Raises NotFound for any other case."""
        return await self.ask("case.show_agenda", AgendaView, {"reference": reference, "why": why}, again=True)

    async def show_case(self, *, reference: str, at: str | None = None, why: str | None = None) -> CaseView:
        """A case that this account may see, as it stands or, with `at`, as it stood then: then without commands to ask."""
        return await self.ask("case.show_case", CaseView, {"reference": reference, "at": at, "why": why}, again=True)

    async def show_history(self, *, reference: str, why: str | None = None) -> HistoryView:
        """The history of a case, as far as this account may see it. Raises NotFound for any other case."""
        return await self.ask("case.show_history", HistoryView, {"reference": reference, "why": why}, again=True)

    async def certificate_of(self, *, reference: str) -> CertificateView:
        """The certificate of a case that this account may see; the journal notes that it was asked for."""
        return await self.ask("certificate.certificate_of", CertificateView, {"reference": reference}, again=True)

    async def checklist_of(self, *, reference: str, at: str | None = None, why: str | None = None) -> ChecklistView:
        """The checklist of a case that this account may see, with names in the language of `words`; the journal notes it."""
        return await self.ask(
            "checklist.checklist_of", ChecklistView, {"reference": reference, "at": at, "why": why}, again=True
        )

    async def show_day(self) -> DayView:
        """The steps that come first on the open cases that this account holds, or stands in for. One journal line for all."""
        return await self.ask("day.show_day", DayView, {}, again=True)

    async def dossier_view(self, *, reference: str, at: str | None = None, why: str | None = None) -> DossierView:
        """The file for the Defender of Rights with what is missing from it."""
        return await self.ask(
            "dossiers.dossier_view", DossierView, {"reference": reference, "at": at, "why": why}, again=True
        )

    async def give_bundle(
        self,
        stack: AsyncExitStack,
        *,
        reference: str,
        to_be_sent: bool = False,
        at: str | None = None,
        why: str | None = None,
    ) -> Given[TypesetView]:
        """Gives the file for the Defender of Rights with its numbered copies, as a ZIP that is made while it is read."""
        return await self.receive(
            stack,
            "dossiers.give_bundle",
            TypesetView,
            {"reference": reference, "to_be_sent": to_be_sent, "at": at, "why": why},
        )

    async def typeset_dossier(
        self,
        stack: AsyncExitStack,
        *,
        reference: str,
        to_be_sent: bool = False,
        at: str | None = None,
        why: str | None = None,
    ) -> Given[TypesetView]:
        """The file for the Defender of Rights as a PDF, without the copies."""
        return await self.receive(
            stack,
            "dossiers.typeset_dossier",
            TypesetView,
            {"reference": reference, "to_be_sent": to_be_sent, "at": at, "why": why},
        )

    async def draft(self, *, draft: str) -> DraftView:
        """A draft of the account that asks. Raises NotFound for any other, and for one about a case that it may not see."""
        return await self.ask("drafts.draft", DraftView, {"draft": draft}, again=True)

    async def drop_draft(self, *, draft: str) -> DraftDropped:
        """Throws a draft of the account that asks away, for good; one that is not there is none."""
        return await self.ask("drafts.drop_draft", DraftDropped, {"draft": draft}, again=False)

    async def keep_draft(
        self, *, draft: str, act: str, content: DraftContent, reference: str | None = None
    ) -> DraftKept:
        """Keeps what stands in a form under the id that its page has chosen, in the place of what was kept before."""
        return await self.ask(
            "drafts.keep_draft",
            DraftKept,
            {"draft": draft, "act": act, "content": content, "reference": reference},
            again=True,
        )

    async def list_drafts(self) -> DraftsView:
        """The drafts of the account that asks, but for those about cases that it may not see any more."""
        return await self.ask("drafts.list_drafts", DraftsView, {}, again=True)

    async def policy_editions(self) -> EditionsView:
        """Every version of the policy, the last first. Open to every account: it tells of no case."""
        return await self.ask("editions.policy_editions", EditionsView, {}, again=True)

    async def policy_in_force(self) -> EditionView:
        """The policy under which deadlines are computed now. Open to every account: it tells of no case."""
        return await self.ask("editions.policy_in_force", EditionView, {}, again=True)

    async def list_files(self, *, reference: str, why: str | None = None) -> FilesView:
        """The files of a case that this account may see; the journal notes it. Raises NotFound for any other case."""
        return await self.ask("files.list_files", FilesView, {"reference": reference, "why": why}, again=True)

    async def list_files_with_custody(self, *, reference: str, why: str | None = None) -> FilesWithCustodyView:
        """The same, with who attached, read, exported and removed each file, and when: for the team of the case."""
        return await self.ask(
            "files.list_files_with_custody", FilesWithCustodyView, {"reference": reference, "why": why}, again=True
        )

    async def find_cases(self, *, mark: Mark, why: str | None = None) -> FoundCasesView:
        """The cases that this account may see and that bear this name, address or number, newest first."""
        return await self.ask("finding.find_cases", FoundCasesView, {"mark": mark, "why": why}, again=True)

    async def give_file(
        self, stack: AsyncExitStack, *, reference: str, file_id: str, original: bool = False, why: str | None = None
    ) -> Given[GivenView]:
        """Gives a file of a case to be read."""
        return await self.receive(
            stack,
            "giving.give_file",
            GivenView,
            {"reference": reference, "file_id": file_id, "original": original, "why": why},
        )

    async def read_journal(
        self,
        *,
        account: str | None = None,
        reference: str | None = None,
        access: Access | None = None,
        limit: int = 100,
        why: str | None = None,
    ) -> JournalView:
        """The last entries of the journal, for auditors: all, or those of an account, a case, a way of reading."""
        return await self.ask(
            "journal.read_journal",
            JournalView,
            {"account": account, "reference": reference, "access": access, "limit": limit, "why": why},
            again=True,
        )

    async def draft_letter(
        self,
        *,
        reference: str,
        pieces: tuple[str, ...],
        lever: str | None = None,
        day: date | None = None,
        addressee: str | None = None,
        at: str | None = None,
        why: str | None = None,
    ) -> Letter:
        """Drafts a letter that asks for pieces, as text."""
        return await self.ask(
            "letters.draft_letter",
            Letter,
            {
                "reference": reference,
                "pieces": pieces,
                "lever": lever,
                "day": day,
                "addressee": addressee,
                "at": at,
                "why": why,
            },
            again=True,
        )

    async def typeset_letter(
        self,
        stack: AsyncExitStack,
        *,
        reference: str,
        pieces: tuple[str, ...],
        lever: str | None = None,
        day: date | None = None,
        addressee: str | None = None,
        at: str | None = None,
        why: str | None = None,
    ) -> Given[Letter]:
        """The same letter as a PDF."""
        return await self.receive(
            stack,
            "letters.typeset_letter",
            Letter,
            {
                "reference": reference,
                "pieces": pieces,
                "lever": lever,
                "day": day,
                "addressee": addressee,
                "at": at,
                "why": why,
            },
        )

    async def link_of(self, *, reference: str, capability_id: str, why: str | None = None) -> LinkView:
        """The link of a capability of a case, for whoever may renew it; the journal notes first that it was made."""
        return await self.ask(
            "links.link_of", LinkView, {"reference": reference, "capability_id": capability_id, "why": why}, again=False
        )

    async def list_capabilities(self, *, reference: str, why: str | None = None) -> CapabilitiesView:
        """Every capability of a case, those that have ended too, for its team."""
        return await self.ask(
            "links.list_capabilities", CapabilitiesView, {"reference": reference, "why": why}, again=True
        )

    async def export_cases(
        self, stack: AsyncExitStack, *, chosen: Filter | None = None, why: str | None = None
    ) -> Given[TableView]:
        """Gives the cases that this account may see, newest first, as a table for a spreadsheet."""
        return await self.receive(stack, "list_export.export_cases", TableView, {"chosen": chosen, "why": why})

    async def list_cases(self, *, chosen: Filter | None = None, limit: int = 50, after: str | None = None) -> CasesView:
        """A page of the cases that this account may see, newest first; only those of the filter, if one is given."""
        return await self.ask(
            "listing.list_cases", CasesView, {"chosen": chosen, "limit": limit, "after": after}, again=True
        )

    async def look_back(
        self, *, reference: str, at: int | None = None, against: int | None = None, why: str | None = None
    ) -> LookBackView:
        """A case as it stood after line `at` of its history (the last), and what differs from `against` (the line before)."""
        return await self.ask(
            "lookback.look_back",
            LookBackView,
            {"reference": reference, "at": at, "against": against, "why": why},
            again=True,
        )

    async def list_failing(self) -> MailsView:
        """The mails that did not arrive, of which the alerts tell the number, to whoever watches over a territory."""
        return await self.ask("mails.list_failing", MailsView, {}, again=True)

    async def list_mails(
        self, *, state: MailState | None = None, reference: str | None = None, limit: int = 50
    ) -> MailsView:
        """Mails, the latest first: those to this account and, for whoever oversees a territory, those about its cases."""
        return await self.ask(
            "mails.list_mails", MailsView, {"state": state, "reference": reference, "limit": limit}, again=True
        )

    async def submit_many(self, *, asked: tuple[Each, ...], command_id: str) -> ManyView:
        """Asks each of these cases, in the order given where one is named twice. A refusal stops no other."""
        return await self.ask("many.submit_many", ManyView, {"asked": asked, "command_id": command_id}, again=True)

    async def open_case(self, *, complaint: Complaint, command_id: str, closed_to: tuple[str, ...] = ()) -> OpenedView:
        """Opens a case; the answer names other cases that may be about the same, and whom it should be closed to."""
        return await self.ask(
            "opening.open_case",
            OpenedView,
            {"complaint": complaint, "command_id": command_id, "closed_to": closed_to},
            again=True,
        )

    async def preview_policy(self, *, changes: Mapping[str, object]) -> Preview:
        """Counts the open cases that a change of the policy would touch, of those that this account may see."""
        return await self.ask("policies.preview_policy", Preview, {"changes": changes}, again=True)

    async def put_in_force(self, *, changes: Mapping[str, object], reason: str) -> PolicyChanged:
        """Puts a changed policy in force; what is not named stays as it is. Running cases follow when it is rolled out."""
        return await self.ask(
            "policies.put_in_force", PolicyChanged, {"changes": changes, "reason": reason}, again=False
        )

    async def change_preferences(self, *, changes: Mapping[str, object]) -> PreferencesView:
        """Changes the preferences of the account that asks, and gives all of them; what is not named stays as it is."""
        return await self.ask("preferences.change_preferences", PreferencesView, {"changes": changes}, again=False)

    async def own_preferences(self) -> PreferencesView:
        """The preferences of the account that asks."""
        return await self.ask("preferences.own_preferences", PreferencesView, {}, again=True)

    async def last_checkpoint(self) -> CheckpointView:
        """The last signed checkpoint. Open to every account: it is to be kept elsewhere, and tells of no case."""
        return await self.ask("sealing.last_checkpoint", CheckpointView, {}, again=True)

    async def prove_line(self, *, reference: str, version: int) -> LineProof:
        """Proves that a line of a case stands in the sealed log. Noted in the journal."""
        return await self.ask("sealing.prove_line", LineProof, {"reference": reference, "version": version}, again=True)

    async def ask_again_by_passkey(self, *, answer: dict[str, Any]) -> AskedAgain:
        """Notes that the person of this session showed a passkey of its account. Raises Refused if it does not hold."""
        return await self.ask("signin.asking_again.ask_again_by_passkey", AskedAgain, {"answer": answer}, again=False)

    async def ask_again_by_password(self, *, password: str, code: str) -> AskedAgain:
        """Notes that the person of this session typed its password and a code. Raises Refused if they do not hold."""
        return await self.ask(
            "signin.asking_again.ask_again_by_password", AskedAgain, {"password": password, "code": code}, again=False
        )

    async def begin_asking_again(self) -> Ceremony:
        """What a browser is asked for to show again who sits there: one of the passkeys of this account."""
        return await self.ask("signin.asking_again.begin_asking_again", Ceremony, {}, again=False)

    async def issue_client(
        self, *, name: str, organisation: str, scopes: Collection[str], metropolis: str | None = None, days: int = 366
    ) -> ClientIssued:
        """Gives a program access, for a year at most, and tells its token: the one time."""
        return await self.ask(
            "signin.clients.issue_client",
            ClientIssued,
            {"name": name, "organisation": organisation, "scopes": scopes, "metropolis": metropolis, "days": days},
            again=False,
        )

    async def list_clients(self) -> ClientsView:
        """The programs that have access, and those that had. An administrator of one metropolis sees those of that one."""
        return await self.ask("signin.clients.list_clients", ClientsView, {}, again=True)

    async def revoke_client(self, *, client: str) -> ClientView:
        """Takes the access of a program back, for good: from its next request on. Doing it twice changes nothing."""
        return await self.ask("signin.clients.revoke_client", ClientView, {"client": client}, again=False)

    async def invite(self, *, account: str) -> Invited:
        """Makes an invitation for an account, which takes the place of any before. Its person is handed the token."""
        return await self.ask("signin.invitations.invite", Invited, {"account": account}, again=False)

    async def look_at_invitation(self, *, token: str) -> InvitationView:
        """An invitation as it is shown before it is used: merely to open its address uses nothing up."""
        return await self.ask("signin.invitations.look_at_invitation", InvitationView, {"token": token}, again=True)

    async def sign_in_by_link(self, *, token: str) -> SignedIn:
        """Signs in whoever brings such a link, which is used up. Raises Refused outside of the embedded stack."""
        return await self.ask("signin.invitations.sign_in_by_link", SignedIn, {"token": token}, again=False)

    async def use_invitation(self, *, token: str, other: str | None = None) -> SignedIn:
        """Uses an invitation up: begins a session that can add a first means of sign-in, and nothing else."""
        return await self.ask(
            "signin.invitations.use_invitation", SignedIn, {"token": token, "other": other}, again=False
        )

    async def own_means(self) -> MeansView:
        """The passkeys of the account that asks, and whether it has a password."""
        return await self.ask("signin.means.own_means", MeansView, {}, again=True)

    async def remove_passkey(self, *, passkey: str) -> MeansView:
        """Removes a passkey of the account that asks. Raises Refused for its last means, or unless it was asked again."""
        return await self.ask("signin.means.remove_passkey", MeansView, {"passkey": passkey}, again=False)

    async def remove_password(self) -> MeansView:
        """Removes the password of the account that asks, with its second factor. Raises Refused as for a passkey."""
        return await self.ask("signin.means.remove_password", MeansView, {}, again=False)

    async def add_passkey(self, *, name: str, answer: dict[str, Any]) -> MeansAdded:
        """The second step: verifies what the browser answered, and adds the passkey under a name."""
        return await self.ask("signin.passkeys.add_passkey", MeansAdded, {"name": name, "answer": answer}, again=False)

    async def begin_passkey(self) -> Ceremony:
        """The first step: what the browser is asked for. Raises Refused unless this session may add means now."""
        return await self.ask("signin.passkeys.begin_passkey", Ceremony, {}, again=False)

    async def add_password(self, *, password: str, code: str) -> MeansAdded:
        """The second step: sets the password and the second factor, whose first code proves that it works."""
        return await self.ask(
            "signin.passwords.add_password", MeansAdded, {"password": password, "code": code}, again=False
        )

    async def begin_second_factor(self) -> SecondFactor:
        """The first step: a secret for an application of codes. It is shown once, and comes in force with a password."""
        return await self.ask("signin.passwords.begin_second_factor", SecondFactor, {}, again=False)

    async def own_record(self, *, limit: int = 100) -> SignInRecord:
        """The last lines about the account that asks: what it did, and what others did for it."""
        return await self.ask("signin.reading.own_record", SignInRecord, {"limit": limit}, again=True)

    async def read_record(self, *, account: str | None = None, limit: int = 100) -> SignInRecord:
        """The last lines, of one account if it is named. Raises Refused for whoever is no auditor."""
        return await self.ask(
            "signin.reading.read_record", SignInRecord, {"account": account, "limit": limit}, again=True
        )

    async def end_own_sessions(self, *, but_this: bool = True) -> SessionsEnded:
        """Ends the sessions of the account that asks: all but the one that asks or, without `but_this`, all."""
        return await self.ask("signin.sessions.end_own_sessions", SessionsEnded, {"but_this": but_this}, again=False)

    async def end_session(self, *, ended: str) -> SessionsEnded:
        """Ends a session of the account that asks: this one, which signs out, or another."""
        return await self.ask("signin.sessions.end_session", SessionsEnded, {"ended": ended}, again=False)

    async def own_sessions(self) -> SessionsView:
        """The sessions of the account that asks: where it is signed in."""
        return await self.ask("signin.sessions.own_sessions", SessionsView, {}, again=True)

    async def begin_sign_in(self) -> Ceremony:
        """What a browser is asked for to sign in by a passkey. It names no account: the passkey does."""
        return await self.ask("signin.signing_in.begin_sign_in", Ceremony, {}, again=False)

    async def sign_in_by_passkey(self, *, answer: dict[str, Any]) -> SignedIn:
        """Signs in whoever showed a passkey. Raises Refused, in the same words always, or after too many tries."""
        return await self.ask("signin.signing_in.sign_in_by_passkey", SignedIn, {"answer": answer}, again=False)

    async def sign_in_by_password(self, *, account: str, password: str, code: str) -> SignedIn:
        """Signs in whoever typed the password of an account and a code of its second factor."""
        return await self.ask(
            "signin.signing_in.sign_in_by_password",
            SignedIn,
            {"account": account, "password": password, "code": code},
            again=False,
        )

    async def submit_command(
        self, *, reference: str, command: Command, command_id: str, expected_version: int | None = None
    ) -> SubmittedView:
        """Submits a command to a case; the answer to a filing names the time limits that it does not stop."""
        return await self.ask(
            "submitting.submit_command",
            SubmittedView,
            {
                "reference": reference,
                "command": command,
                "command_id": command_id,
                "expected_version": expected_version,
            },
            again=True,
        )

    async def show_team(self) -> TeamView:
        """Counts of what needs whoever watches over a territory, each opening as a list. They name no complainant."""
        return await self.ask("team.show_team", TeamView, {}, again=True)

    async def verify_case(self, *, reference: str, left_out: tuple[str, ...] = ()) -> Verdict:
        """Verifies one case and its lines in the sealed log."""
        return await self.ask(
            "verifying.verify_case", Verdict, {"reference": reference, "left_out": left_out}, again=True
        )

    async def verify_some(self, *, since: Progress | None = None, left_out: Collection[str] = ()) -> VerifiedSome:
        """Verifies cases for a few seconds, from where `since` ended; with the verdict once all are verified."""
        return await self.ask("verifying.verify_some", VerifiedSome, {"since": since, "left_out": left_out}, again=True)
