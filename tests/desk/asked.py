"""How each service of the desk is asked about a case. A service that is missing here is a failure of test_who_may."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from desk.listing import Filter
from domain.identity import Trait, mark
from domain.vocabulary import Role
from tests.desk.scene import Corner
from tests.people import person

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """How a service is asked, and what it may do that others may not."""

    ways: Callable[[Corner], Iterable[Arguments]] = field(default=lambda _: [{}])
    """The arguments of each call, beside who asks."""
    shows_all_to: frozenset[Role] = frozenset()
    """Roles to which it shows cases of every team. Each stands here for a reason, which is said beside it."""
    needs_engine: bool = False
    """True if whoever may ask it is answered by the engine, of which there is none here."""


class _Names:
    """Names things by their codes."""

    def piece(self, code: str, own: str | None) -> str:
        return own or code

    def lever(self, code: str) -> str:
        return code


NAMES = _Names()

SERVICES: dict[str, Asked] = {
    "accounts.active_accounts": Asked(),
    "accounts.add_account": Asked(
        lambda corner: [{"account": person(f"new-{corner.metropolis.lower()}", Role.AUDITOR)}]
    ),
    "alerts.list_alerts": Asked(lambda _: [{}, {"mine": True}]),
    "certificate.certificate_of": Asked(lambda corner: [{"reference": corner.erased}, {"reference": corner.reference}]),
    "checklist.checklist_of": Asked(
        lambda corner: [{"reference": corner.reference, "words": NAMES}, {"reference": corner.erased, "words": NAMES}]
    ),
    "editions.policy_editions": Asked(),
    "editions.policy_in_force": Asked(),
    "files.list_files": Asked(lambda corner: [{"reference": corner.reference}]),
    "files.list_files_with_custody": Asked(lambda corner: [{"reference": corner.reference, "why": "-"}]),
    "finding.find_cases": Asked(lambda corner: [{"mark": mark(Trait.NAME, corner.name), "why": "-"}]),
    # The journal is one for the installation: an auditor reads all of it, and stands in it.
    "journal.read_journal": Asked(
        lambda corner: [{}, {"reference": corner.reference}, {"account": corner.holder.account}],
        shows_all_to=frozenset({Role.AUDITOR}),
    ),
    "histories.case_history": Asked(lambda corner: [{"reference": corner.reference, "access": "show"}]),
    "listing.list_cases": Asked(
        lambda corner: [
            {},
            {"after": corner.reference},
            {"chosen": Filter(holder=corner.holder.account)},
            {"chosen": Filter(territory=corner.metropolis), "limit": 1},
        ]
    ),
    "mails.list_mails": Asked(lambda corner: [{}, {"reference": corner.reference}]),
}

NOT_SERVICES: dict[str, str] = {
    "histories.whole": "it cuts nothing out of a history that its caller has read",
}
"""Public functions that nobody has to ask for, each with the reason."""
